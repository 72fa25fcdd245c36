/**
 * Who may import whom, as data. ARCHITECTURE.md carries the same table for the reader; `tidy.test.ts` holds the
 * two together. A folder that is not named here may not hold source files.
 */
export interface ImportRule {
  /** The longest folder (or file) that a source file lies in decides. */
  readonly folder: string;
  /** The rule is for the files that lie directly in the folder; its subfolders have rules of their own. */
  readonly isFlat?: boolean;
  /** Groups of our own files, by their name in `GROUPS`. Everything in the folder itself is allowed anyway. */
  readonly may: readonly GroupName[];
  /** Groups of which only types may be imported. */
  readonly mayTypes?: readonly GroupName[];
  readonly libraries?: readonly string[];
  /** Libraries of the host, of which only types may be imported. */
  readonly libraryTypes?: readonly string[];
  /** Modules of Node, or all of them. Left out: none, the folder is pure. */
  readonly node?: 'all' | readonly string[];
  /** The rule in one line, for the table in ARCHITECTURE.md. */
  readonly rule: string;
}

/** Prefixes of paths. A word in the table stands for these files. */
export const GROUPS = {
  model: ['model/src/'],
  base: ['collector/src/errors.ts', 'collector/src/limits.ts', 'collector/src/nearest-word.ts'],
  clock: ['collector/src/clock.ts'],
  metrics: ['collector/src/metrics.ts'],
  wire: ['collector/src/wire.ts'],
  config: ['collector/src/config/', 'collector/src/config.ts'],
  ports: [
    'collector/src/store/fact-store.ts',
    'collector/src/store/read-store.ts',
    'collector/src/store/run-archive.ts',
  ],
  archive: ['collector/src/store/archive/', 'collector/src/store/derived/page-cursor.ts'],
  accounts: [
    'collector/src/tally.ts',
    'collector/src/present.ts',
    'collector/src/memory.ts',
    'collector/src/assembly-line.ts',
    'collector/src/read-bodies.ts',
    'collector/src/archived-runs.ts',
    'collector/src/line-words.ts',
    'collector/src/workshop.ts',
    'collector/src/archivist.ts',
  ],
  stages: [
    'collector/src/decode/',
    'collector/src/normalize/',
    'collector/src/stitch/',
    'collector/src/detect/',
  ],
  collector: ['collector/src/'],
  instrumentation: ['instrumentation/src/'],
  fixtures: ['fixtures/src/'],
} as const;

export type GroupName = keyof typeof GROUPS;

export const IMPORT_RULES: readonly ImportRule[] = [
  {
    folder: 'model/src',
    may: [],
    libraries: ['zod'],
    rule: 'Only the words and what follows from them: no I/O, no clock.',
  },
  {
    folder: 'instrumentation/src',
    may: [],
    libraries: ['@opentelemetry/'],
    libraryTypes: ['amqplib', 'rabbitmq-client'],
    node: 'all',
    rule: 'Lives in somebody else’s process: never throws into it, slows it or keeps it alive.',
  },
  {
    folder: 'collector/src/receive',
    may: ['model', 'base', 'wire'],
    mayTypes: ['clock', 'metrics', 'ports'],
    libraries: ['@grpc/grpc-js'],
    node: 'all',
    rule: 'Bytes in, bytes out: admits, limits and inflates a body, and does not look inside.',
  },
  {
    folder: 'collector/src/decode',
    may: ['model', 'base', 'wire'],
    libraries: ['protobufjs'],
    node: ['node:crypto', 'node:zlib'],
    rule: 'Never throws on a span: returns the good ones and the rejected ones.',
  },
  {
    folder: 'collector/src/normalize',
    may: ['model', 'base'],
    mayTypes: ['wire'],
    rule: 'The only place that knows attribute spellings; below it there is no wire name.',
  },
  {
    folder: 'collector/src/stitch',
    may: ['model', 'base'],
    node: ['node:crypto'],
    rule: 'Pure and independent of order: the same set of steps gives the same runs.',
  },
  {
    folder: 'collector/src/detect',
    may: ['model', 'base'],
    node: ['node:crypto'],
    rule: 'Pure: *now* is an argument; a finding never changes a run.',
  },
  {
    folder: 'collector/src/alert',
    may: ['model', 'base'],
    mayTypes: ['clock', 'config', 'ports'],
    libraries: ['nodemailer', 'ipaddr.js'],
    node: 'all',
    rule: 'Durable before it is sent, sent until it is received, and only to addresses that may be sent to.',
  },
  {
    folder: 'collector/src/forward',
    may: ['model', 'base'],
    mayTypes: ['clock', 'config'],
    node: 'all',
    rule: 'Passes on what is durable, from a bounded memory; nobody ever waits for it.',
  },
  {
    folder: 'collector/src/brokers',
    may: ['model', 'base'],
    mayTypes: ['clock', 'config', 'ports'],
    libraries: [
      '@aws-sdk/client-cloudwatch',
      '@aws-sdk/client-sqs',
      '@platformatic/kafka',
      'ioredis',
      'zod',
    ],
    node: 'all',
    rule: 'Asks brokers what they hold and changes nothing there; while one does not answer, that is said.',
  },
  {
    folder: 'collector/src/store',
    may: ['model', 'base'],
    mayTypes: ['clock', 'wire'],
    rule: 'Facts once, as received; derived tables follow from them and hold nothing else.',
  },
  {
    folder: 'collector/src/store/sqlite',
    may: ['model', 'base', 'ports', 'archive'],
    mayTypes: ['clock', 'wire', 'metrics'],
    libraries: ['better-sqlite3'],
    node: 'all',
    rule: 'The only home of SQL; one writer, on a thread of its own.',
  },
  {
    folder: 'collector/src/publish',
    may: ['model', 'base'],
    mayTypes: ['clock', 'metrics', 'ports'],
    libraries: ['socket.io', 'zod'],
    node: 'all',
    rule: 'A slow viewer gets coalesced updates, then none; it never slows ingest.',
  },
  {
    folder: 'collector/src/query',
    may: ['model', 'base'],
    mayTypes: ['clock', 'metrics', 'ports'],
    libraries: ['express', 'helmet', 'zod', 'zod-openapi'],
    node: 'all',
    rule: 'Reads what is committed, in pages with a bound; writes nothing.',
  },
  {
    folder: 'collector/src/security',
    may: ['model', 'base'],
    mayTypes: ['config'],
    libraries: ['helmet'],
    node: 'all',
    rule: 'Says who may ask and what a page may load; knows no route.',
  },
  {
    folder: 'collector/src/pipeline.ts',
    may: ['model', 'base', 'stages', 'accounts'],
    mayTypes: ['clock', 'ports', 'wire'],
    rule: 'The line: with its two parts below the only place where stages meet. No vendor, no adapter.',
  },
  {
    folder: 'collector/src/workshop.ts',
    may: ['model', 'base', 'stages', 'accounts'],
    mayTypes: ['clock', 'ports'],
    rule: 'Steps in memory become runs that are shown and judged; a slice at a time.',
  },
  {
    folder: 'collector/src/archivist.ts',
    may: ['model', 'base', 'stages', 'accounts', 'ports'],
    rule: 'Families of runs leave memory and come back, whole or not at all.',
  },
  {
    folder: 'collector/src/config',
    may: ['model', 'base'],
    libraries: ['luxon', 'saxes', 'yaml', 'zod'],
    node: 'all',
    rule: 'Every mistake is told with its place and what to do; nothing is read anywhere else.',
  },
  {
    folder: 'collector/src/cli',
    may: ['model', 'base', 'config', 'collector', 'fixtures'],
    libraries: [
      '@opentelemetry/exporter-trace-otlp-http',
      '@opentelemetry/resources',
      '@opentelemetry/sdk-trace-base',
      'commander',
      'socket.io-client',
      'yaml',
      'zod',
    ],
    node: 'all',
    rule: 'The commands: each asks a running collector over its API, except those that start one and those of its store.',
  },
  {
    folder: 'collector/src',
    isFlat: true,
    may: ['model', 'collector', 'fixtures'],
    libraries: ['express', 'helmet', 'pino', 'prom-client', 'yaml', 'zod', 'commander'],
    node: 'all',
    rule: 'The line (`pipeline.ts`), the wiring (`server.ts`), the program (`main.ts`).',
  },
  {
    folder: 'ui/src',
    may: ['model'],
    libraries: [
      'react',
      'react-dom',
      'd3',
      'socket.io-client',
      '@tanstack/',
      '@base-ui/react',
      '@fontsource-variable/',
    ],
    rule: 'Knows the API contract and nothing of the collector behind it.',
  },
  {
    folder: 'fixtures/src',
    may: ['model', 'instrumentation'],
    libraries: ['@opentelemetry/api', '@throughline/instrumentation', 'amqplib'],
    node: 'all',
    rule: 'Deterministic: a scenario is a story with a seed, never with a clock.',
  },
];
