import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { otlpJson } from '@throughline/fixtures/build/otlp-json';
import { recordedBody, recordedJson, recordedNames } from '@throughline/fixtures/recorded-input';
import { happyOrder } from '@throughline/fixtures/scenarios/happy-order';
import type { RunItem } from '@throughline/model/api/runs';
import { runCli } from '../../collector/src/cli/cli.js';
import type { ImportAccount } from '../../collector/src/cli/import/account.js';
import { systemClock } from '../../collector/src/clock.js';
import { encodeProtobuf, type OtlpJson } from '../../collector/src/decode/otlp-encoder.case.js';
import { openCollector, type OpenCollector } from '../support/open-collector.js';
import { startProgram } from '../support/start-program.js';

const RECORDED = fileURLToPath(new URL('../../fixtures/recorded/', import.meta.url));

const PROGRAM = fileURLToPath(new URL('../../collector/dist/main.js', import.meta.url));

let folder: string;
let collector: OpenCollector;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  collector = await openCollector();
});
afterAll(async () => {
  await collector.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Imported {
  readonly spans: number;
  readonly rejected: number;
  readonly unreadable: number;
  readonly files: readonly ImportAccount[];
}

async function imported(
  args: readonly string[],
  { input = Buffer.alloc(0), server = collector.url }: { input?: Buffer; server?: string } = {},
): Promise<{ exit: number; said: string; told: Imported }> {
  const texts = { out: '', said: '' };
  const exit = await runCli(['import', '--json', ...args], {
    out: (text) => void (texts.out += text),
    say: (text) => void (texts.said += text),
    env: { THROUGHLINE_SERVER: server },
    cwd: folder,
    clock: systemClock,
    isTerminal: false,
    // In small pieces, as a pipe gives them.
    readInput: () => Readable.from(piecesOf(input, 1000)),
    onReload: () => undefined,
    untilStopped: () => Promise.resolve(),
  });
  const told = (texts.out === '' ? undefined : JSON.parse(texts.out)) as Imported;
  return { exit, said: texts.said, told };
}

function* piecesOf(bytes: Buffer, size: number): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function runsOf(key: string): Promise<readonly RunItem[]> {
  const { body } = await collector.get(`/runs?key=${key}`);
  return (body as { items: RunItem[] }).items;
}

function otlpProtobuf(text: string): Uint8Array {
  return encodeProtobuf(JSON.parse(text) as OtlpJson);
}

describe('every recorded file arrives whole, whatever it is', () => {
  const truths = [
    ['otlp/jaeger-es.json', 'otlp-json'],
    ['otlp/telemetrygen.json', 'otlp-json'],
    ['microservices/trainticket-1139.json.gz', 'otlp-json'],
    ['live/rabbitmq/spans.json.gz', 'otlp-json'],
    ['jaeger-json/genai-agents.json', 'jaeger'],
    ['jaeger-json/ride-sharing.json', 'jaeger'],
    ['zipkin/ascend.json', 'zipkin'],
    ['zipkin/messaging.json', 'zipkin'],
    ['zipkin/simple-db-p6.json', 'zipkin'],
    ['zipkin/smartthings-oauth-authorization.json.gz', 'zipkin'],
    ['cloudevents/eiffel-build-avoidance.json', 'cloudevents'],
    ['cloudevents/cdevents.json', 'cloudevents'],
  ] as const;

  it.each(truths)('%s is %s', async (path, format) => {
    const { exit, told } = await imported([join(RECORDED, path)]);
    const truthPath = path.startsWith('live/')
      ? 'live/rabbitmq/truth.json'
      : path.replace(/\.json(\.gz)?$/, '.truth.json');
    const truth = recordedJson(truthPath) as {
      spans?: number | { spans: number };
      events?: number;
    };
    const spans = typeof truth.spans === 'object' ? truth.spans.spans : truth.spans;
    expect(exit).toBe(0);
    expect(told).toMatchObject({ spans: spans ?? truth.events, rejected: 0, unreadable: 0 });
    expect(told.files).toMatchObject([{ format, problems: [] }]);
  });

  it("all fixtures of Jaeger's storage suite and all of CRISP, in one command", async () => {
    const files = [
      ...recordedNames('jaeger-contract/traces'),
      'critical-path/crisp.json',
      ...['hierarchy', 'multiple-roots', 'root-missing-reference'].map(
        (name) => `jaeger-json/edge/${name}.json`,
      ),
    ];
    const { exit, told } = await imported(files.map((file) => join(RECORDED, file)));
    expect(exit).toBe(0);
    expect(told.files.map(({ spans }) => spans > 0)).toEqual(files.map(() => true));
    const crisp = recordedJson('critical-path/crisp.truth.json') as {
      cases: readonly { spans: number }[];
    };
    const truth = crisp.cases.reduce((sum, { spans }) => sum + spans, 0);
    expect(told.files.find(({ file }) => file.endsWith('crisp.json'))?.spans).toBe(truth);
  });

  it('a Jaeger export gives the run and the calls that its truth names', async () => {
    const [run, ...others] = await runsOf('trace:4a1b2c3d4e5f60718293a4b5c6d7e8f9');
    const truth = recordedJson('jaeger-json/genai-agents.truth.json') as {
      spans: number;
      service_names: readonly string[];
      error_spans: number;
    };
    expect(others).toEqual([]);
    expect(run).toMatchObject({
      spanCount: truth.spans,
      errorCount: truth.error_spans,
      services: truth.service_names,
    });
  });
});

describe('one story in every way that a file may be written', () => {
  const bodies: readonly (readonly [string, (name: string) => Buffer])[] = [
    ['one document', (name) => Buffer.from(json(name))],
    ['indented, with a byte order mark', (name) => Buffer.from(`\uFEFF${indented(name)}`)],
    ['a request per line', (name) => Buffer.from(halves(name).join('\n'))],
    ['gzip', (name) => gzipSync(json(name))],
    [
      'gzip in two members',
      (name) => Buffer.concat(halves(name).map((half) => gzipSync(`${half}\n`))),
    ],
    ['protobuf', (name) => Buffer.from(otlpProtobuf(json(name)))],
    [
      'protobuf requests one after the other',
      (name) => Buffer.concat(halves(name).map(otlpProtobuf)),
    ],
    [
      'protobuf requests with their length before them, compressed',
      (name) => gzipSync(Buffer.concat(halves(name).map(otlpProtobuf).flatMap(withLength))),
    ],
  ];

  it.each(bodies)('%s', async (name, bodyOf) => {
    const fresh = await openCollector();
    try {
      const { exit, told } = await imported(['-'], { input: bodyOf(name), server: fresh.url });
      const { spans } = happyOrder.tell(name);
      expect(exit).toBe(0);
      expect(told).toMatchObject({ spans: spans.length, rejected: 0, unreadable: 0 });
      const { body } = await fresh.get('/runs');
      expect((body as { items: RunItem[] }).items).toMatchObject([
        { spanCount: spans.length, workflow: 'order' },
      ]);
    } finally {
      await fresh.close();
    }
  });

  function json(name: string): string {
    return otlpJson(happyOrder.tell(name).spans);
  }
  function indented(name: string): string {
    return JSON.stringify(JSON.parse(json(name)), null, 2);
  }
  function halves(name: string): string[] {
    const { spans } = happyOrder.tell(name);
    return [otlpJson(spans.slice(0, 3)), otlpJson(spans.slice(3))];
  }
  function withLength(message: Uint8Array): Uint8Array[] {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(message.length);
    return [length, message];
  }
});

describe('CloudEvents', () => {
  const event = (id: string): object => ({
    specversion: '1.0',
    id,
    source: '/shop',
    type: 'order.placed',
    data: [{ id: 1 }],
  });

  it.each([
    ['one event', JSON.stringify(event('one'), null, 1), 1],
    ['a batch', JSON.stringify([event('two'), event('three')]), 2],
    [
      'one per line',
      [event('4'), event('5'), event('6')].map((e) => JSON.stringify(e)).join('\n'),
      3,
    ],
  ])('%s', async (_name, text, count) => {
    const { exit, told } = await imported(['-'], { input: Buffer.from(text) });
    expect(exit).toBe(0);
    expect(told).toMatchObject({ spans: count, files: [{ format: 'cloudevents' }] });
  });
});

describe('the account of a file', () => {
  it('names each refused span with its place in the file and counts them by reason', async () => {
    const span = (id: string, trace: string): object => ({ traceId: trace, id, name: 'x' });
    const lines = [[span('1', 'a1'), span('no', 'a1')], [span('2', 'zz')], [span('3', 'a1')]];
    writeFileSync(join(folder, 'odd.json'), lines.map((line) => JSON.stringify(line)).join('\n'));
    const { exit, said, told } = await imported(['odd.json']);
    expect(exit).toBe(1);
    expect(told.files).toMatchObject([
      {
        format: 'zipkin',
        spans: 2,
        rejected: 2,
        reasons: { invalid_span_id: 1, invalid_trace_id: 1 },
      },
    ]);
    expect(said).toMatch(/odd\.json:1 \[1\]: id "no" .*\(invalid_span_id\)/);
    expect(said).toMatch(/odd\.json:2 \[0\]: traceId "zz" .*\(invalid_trace_id\)/);
  });

  it('says where a Jaeger span is wrong in the words of the file', async () => {
    const spans = [{ traceID: 'a2', spanID: '1', operationName: 'x' }, { spanID: '2' }];
    const document = JSON.stringify({ data: [{ traceID: '', spans, processes: {} }] });
    const { said, told } = await imported(['-'], { input: Buffer.from(document) });
    expect(told).toMatchObject({ spans: 1, rejected: 1 });
    expect(said).toMatch(/stdin:1 data\[0\]\.spans\[1\]: traceId .*\(invalid_trace_id\)/);
  });

  it('a gzip that was cut off gives what came before, and says so', async () => {
    const { spans } = happyOrder.tell('cut');
    const lines = spans.map((span) => otlpJson([span])).join('\n');
    const whole = gzipSync(Buffer.from(lines.repeat(1)), { level: 0 });
    const { exit, said, told } = await imported(['-'], { input: whole.subarray(0, -2000) });
    expect(exit).toBe(1);
    expect(told.spans).toBeGreaterThan(0);
    expect(told.spans).toBeLessThan(spans.length);
    expect(said).toContain('cannot be read further');
  });

  it.each([
    ['', 'is empty'],
    ['{"spans":[]}', 'no resourceSpans'],
    ['{"resourceLogs":[]}', 'only spans can be imported'],
    ['{"hits":{"hits":[]}}', 'jq'],
    ['\u0000\u0001\u0002\u0003\u0004', 'neither JSON nor an OTLP request'],
  ])('what is nothing to import (%j) is wrong usage, with what would do', async (text, what) => {
    const { exit, said } = await imported(['-'], { input: Buffer.from(text) });
    expect({ exit, said }).toEqual({ exit: 2, said: expect.stringContaining(what) as string });
  });

  it('--format overrides what the file seems to be', async () => {
    const { exit, told } = await imported(['-', '--format', 'cloudevents'], {
      input: Buffer.from('[{"traceId":"a","id":"1"}]'),
    });
    expect(exit).toBe(1);
    expect(told).toMatchObject({ spans: 0, rejected: 1, files: [{ format: 'cloudevents' }] });
  });

  it('one file that cannot be read costs the others nothing', async () => {
    writeFileSync(join(folder, 'good.json'), otlpJson(happyOrder.tell('good').spans));
    const { exit, told } = await imported(['nowhere.json', 'good.json']);
    expect(exit).toBe(2);
    expect(told.spans).toBe(happyOrder.tell('good').spans.length);
  });
});

describe('the collector at the other end', () => {
  it('is waited for while it asks to wait', async () => {
    let asked = 0;
    const server = createServer((request, response) => {
      asked += 1;
      request.resume();
      const isBusy = asked <= 2;
      if (isBusy) response.setHeader('Retry-After', '0');
      response.writeHead(isBusy ? 503 : 200).end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const file = join(folder, 'busy.json');
    writeFileSync(file, otlpJson(happyOrder.tell('busy').spans));
    const url = `http://127.0.0.1:${port}`;
    // The program itself: nothing but the wait keeps it alive then.
    const program = startProgram([process.execPath, PROGRAM, 'import', file, '--server', url]);
    await program.says(/16 spans sent, 0 refused/);
    expect({ exit: await program.ended(), asked }).toEqual({ exit: 0, asked: 3 });
    await new Promise((resolve) => server.close(resolve));
    expect((await imported([file], { server: url })).exit).toBe(4);
  });

  it('a second import of the same file changes nothing', async () => {
    const path = join(RECORDED, 'zipkin/ascend.json');
    const before = await collector.get('/stats');
    const { exit, told } = await imported([path]);
    const after = await collector.get('/stats');
    const stored = ({ body }: { body: unknown }) => (body as { stored: number }).stored;
    expect(exit).toBe(0);
    expect(told.spans).toBe(
      (JSON.parse(recordedBody('zipkin/ascend.json').toString()) as []).length,
    );
    expect(stored(after)).toBe(stored(before));
    expect(readFileSync(path).length).toBeGreaterThan(0);
  });
});
