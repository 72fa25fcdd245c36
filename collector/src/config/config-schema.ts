import { ALERT_RULES, GROUP_KEYS, RECEIVER_KINDS } from '@throughline/model/alert';
import { z } from 'zod';
import { brokerEntry } from './broker-schema.js';
import { parseByteSize } from './byte-size.js';
import { calendarEntry } from './calendar-schema.js';
import { parseEndpoint } from './endpoint.js';
import { parseListenAddress } from './listen-address.js';
import { detectEntry } from './detect-schema.js';
import { duration, parsed, someDuration, splitList, text, texts } from './schema-words.js';

const DEFAULT_GRPC_ADDRESS = '127.0.0.1:4317';

const byteSize = parsed(parseByteSize, 'a size such as 500MB or 20GiB');
const someBytes = byteSize.refine(
  (bytes) => bytes > 0,
  'expected a size above zero such as 500MB or 20GiB',
);
const address = parsed(parseListenAddress, 'an address such as 127.0.0.1:4318');
/** True or false, also from the environment, where everything is text. */
const flag = z.preprocess(
  (value) => (value === 'true' ? true : value === 'false' ? false : value),
  z.boolean(),
);
const pageUrl = parsed(
  (value) => (/^https?:\/\//.test(value) && URL.canParse(value) ? value : undefined),
  'an address such as https://throughline.example',
);
const outcome = z.enum(['completed', 'failed', 'compensated', 'cancelled']);

/** `on` and `off` are words in YAML 1.2, and the environment knows only words. */
const grpcAddress = z.preprocess(
  (value) => {
    if (value === true || value === 'on' || value === 'true') return DEFAULT_GRPC_ADDRESS;
    return value === 'off' || value === 'false' ? false : value;
  },
  z.union([z.literal(false).transform(() => null), address]),
);

/** An OTLP/HTTP endpoint, as OTEL_EXPORTER_OTLP_ENDPOINT names it: `/v1/traces` and `/v1/logs` are put behind it. */
const endpoint = parsed(
  parseEndpoint,
  'an address such as https://otel.example:4318, without user name, query or fragment',
);

const forward = z.preprocess(
  (value) => (typeof value === 'string' ? { endpoint: value } : value),
  z.strictObject({ endpoint, headers: z.record(z.string(), text).optional() }),
);

const token = z.union([
  text.transform((value) => ({ token: value })),
  z.strictObject({
    name: text.optional(),
    scopes: z.array(z.enum(['ingest', 'read', 'operate', 'admin'])).optional(),
    token: text.optional(),
    token_file: text.optional(),
  }),
]);

const server = z.strictObject({
  listen: address.optional(),
  grpc: grpcAddress.optional(),
  tokens: z
    .preprocess((value) => (typeof value === 'string' ? splitList(value) : value), z.array(token))
    .optional(),
  allowed_hosts: texts.optional(),
  allowed_origins: texts.optional(),
});

const storage = z.strictObject({
  sqlite: text.optional(),
  postgres: text.optional(),
  postgres_file: text.optional(),
  retention: z
    .strictObject({ age: someDuration.optional(), size: someBytes.optional() })
    .optional(),
});

const ingest = z.strictObject({
  bus: z.enum(['in-process', 'kafka']).optional(),
  kafka: z.strictObject({ brokers: texts }).optional(),
});

const keyRule = z.strictObject({
  attribute: text,
  type: text,
  relation: z.enum(['same', 'child-of', 'touches']).default('same'),
  services: texts.optional(),
});

const expectation = z
  .strictObject({
    after: text,
    event: text.optional(),
    by: text.optional(),
    within: someDuration.optional(),
    business_time: flag.optional(),
  })
  .refine((entry) => entry.event !== undefined || entry.by !== undefined, {
    message: 'says neither which event should follow nor by whom: add event, by or both',
  });

/** Documents that say in which order steps follow, and those that say who sends and takes what. */
const PROCESS_SOURCES = ['bpmn', 'asl', 'serverlessworkflow'] as const;
const TOPOLOGY_SOURCES = ['asyncapi', 'eventcatalog'] as const;
const FLOW_SOURCES = [...TOPOLOGY_SOURCES, ...PROCESS_SOURCES] as const;
/** What an entry may say beside the document of a process. */
const BESIDE_PROCESS: readonly string[] = [
  'workflow',
  'starts',
  'ends',
  'deadline',
  'within',
  'business_time',
];

/** A flow of its own, or a document that declares some. */
const flow = z
  .strictObject({
    workflow: text.optional(),
    asyncapi: text.optional(),
    eventcatalog: text.optional(),
    bpmn: text.optional(),
    asl: text.optional(),
    serverlessworkflow: text.optional(),
    starts: z.strictObject({ event: text }).optional(),
    ends: z
      .array(z.strictObject({ event: text, outcome: outcome.default('completed') }))
      .optional(),
    deadline: someDuration.optional(),
    within: someDuration.optional(),
    business_time: flag.optional(),
    expect: z.array(expectation).optional(),
    compensations: z.record(z.string(), text).optional(),
  })
  .superRefine((entry, context) => {
    const sources = FLOW_SOURCES.filter((source) => entry[source] !== undefined);
    const [source, second] = sources;
    const keys = Object.keys(entry).filter((key) => entry[key as keyof typeof entry] !== undefined);
    const isProcess = PROCESS_SOURCES.some((each) => each === source);
    if (second !== undefined || (source === undefined && entry.workflow === undefined)) {
      context.addIssue(`needs exactly one of workflow, ${FLOW_SOURCES.join(', ')}`);
    } else if (source === undefined) {
      if (entry.within !== undefined)
        context.addIssue('within belongs to a document, or to expect');
    } else if (!isProcess && keys.length > 1) {
      context.addIssue('a document stands alone: move the other keys out of this entry');
    } else if (keys.some((key) => key !== source && !BESIDE_PROCESS.includes(key))) {
      context.addIssue(`beside ${source} an entry may have ${BESIDE_PROCESS.join(', ')} only`);
    }
  });

const receiver = z
  .strictObject({
    name: text,
    webhook: text.optional(),
    slack: text.optional(),
    pagerduty: text.optional(),
    email: text.optional(),
    alertmanager: text.optional(),
    stdout: z
      .literal(true)
      .transform(() => '')
      .optional(),
    secret: text.optional(),
    secret_file: text.optional(),
    smtp: text.optional(),
    from: text.optional(),
    url: text.optional(),
  })
  .refine((entry) => receiverKinds(entry).length === 1, {
    message: `needs exactly one of ${RECEIVER_KINDS.join(', ')}`,
  });

export function receiverKinds(
  entry: Readonly<Partial<Record<(typeof RECEIVER_KINDS)[number], string | undefined>>>,
): (typeof RECEIVER_KINDS)[number][] {
  return RECEIVER_KINDS.filter((kind) => entry[kind] !== undefined);
}

const route = z.strictObject({
  match: z
    .strictObject({
      rule: z.enum(ALERT_RULES).optional(),
      workflow: text.optional(),
      service: text.optional(),
      severity: z.enum(['critical', 'warning', 'info']).optional(),
    })
    .default({}),
  receiver: text,
  for: duration.optional(),
  repeat: duration.optional(),
  group_by: z.array(z.enum(GROUP_KEYS)).optional(),
  group_interval: duration.optional(),
});

/** Somebody who is to send spans; neither: anybody. */
const noData = z
  .strictObject({ workflow: text.optional(), service: text.optional(), for: someDuration })
  .refine((entry) => entry.workflow === undefined || entry.service === undefined, {
    message: 'takes workflow or service: an entry for each',
  });

const heartbeat = z
  .strictObject({ receiver: text.optional(), url: text.optional(), every: someDuration })
  .refine((entry) => (entry.receiver === undefined) !== (entry.url === undefined), {
    message: 'needs exactly one of receiver, url',
  });

/** The file, key for key. Strict everywhere: a key that nobody reads is a mistake somebody made. */
export const configSchema = z.strictObject({
  server: server.optional(),
  ui: z.strictObject({ listen: address.optional(), url: pageUrl.optional() }).optional(),
  storage: storage.optional(),
  ingest: ingest.optional(),
  forward: forward.optional(),
  correlation: z
    .strictObject({ keys: z.array(keyRule).optional(), epoch_silence: someDuration.optional() })
    .optional(),
  flows: z.array(flow).optional(),
  expectations: z.strictObject({ calendar: calendarEntry.optional() }).optional(),
  no_consumer_expected: texts.optional(),
  detect: detectEntry.optional(),
  alerts: z
    .strictObject({
      receivers: z.array(receiver).optional(),
      routes: z.array(route).optional(),
      allow_private: z.union([flag, texts]).optional(),
      no_data: z.array(noData).optional(),
      heartbeat: heartbeat.optional(),
    })
    .optional(),
  brokers: z.array(brokerEntry).optional(),
  owners: z
    .array(z.strictObject({ service: text, team: text, runbook: text.optional() }))
    .optional(),
});
export type ConfigEntries = z.infer<typeof configSchema>;
export type FlowEntry = z.infer<typeof flow>;
