import { once } from 'node:events';
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Client, credentials, status, type ServiceError } from '@grpc/grpc-js';
import protobuf from 'protobufjs/minimal.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordedFile } from '@throughline/fixtures/recorded-input';
import { manualClock } from '../../../test/support/manual-clock.js';
import { until } from '../../../test/support/until.js';
import { decode } from '../decode/decode.js';
import { encodeProtobuf } from '../decode/otlp-encoder.case.js';
import { Fault, type FaultCode } from '../errors.js';
import { LIMITS } from '../limits.js';
import { Admission } from './admission.js';
import type { Accepted, ArrivedBody } from './intake.js';
import { createOtlpGrpc, type OtlpGrpc } from './otlp-grpc.js';
import { requestOf, span } from './receive-bench.case.js';

const TRACES = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const LOGS = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';
const GZIP = { 'grpc.default_compression_algorithm': 2 };
const good = Buffer.from(encodeProtobuf(requestOf(span)));

let taken: ArrivedBody[];
let answered: number[];
let durable: Promise<void>;
let notYet: Fault | undefined;
let admission: Admission;
let clock: ReturnType<typeof manualClock>;
let grpc: OtlpGrpc;
let server: Server;
let clients: Client[];
let sessions: ClientHttp2Session[];

beforeEach(async () => {
  taken = [];
  answered = [];
  clients = [];
  sessions = [];
  durable = Promise.resolve();
  notYet = undefined;
  admission = new Admission(96 * 1024 * 1024);
  clock = manualClock(1_000_000_000n);
  grpc = createOtlpGrpc({
    pipeline: { accept },
    clock,
    notYet: () => notYet,
    admission,
    onAnswered: (httpStatus) => answered.push(httpStatus),
  });
  server = createServer((socket) => grpc.take(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  for (const client of clients) client.close();
  for (const session of sessions) session.destroy();
  grpc.close();
  server.close();
  await once(server, 'close');
  grpc.end();
});

async function accept(body: ArrivedBody): Promise<Accepted> {
  const { spans, rejected, ignored = 0 } = decode(body.format, body.inflated);
  taken.push(body);
  await durable;
  return { accepted: spans.length, rejected, ignored };
}

function port(): number {
  return (server.address() as AddressInfo).port;
}

interface Answer {
  readonly code: number;
  readonly message: string;
  readonly reply: Buffer;
  /** Type names of the details of the google.rpc.Status. */
  readonly details: readonly string[];
}

function call(path: string, bytes: Buffer, options: object = {}): Promise<Answer> {
  const client = new Client(`127.0.0.1:${String(port())}`, credentials.createInsecure(), {
    'grpc.max_send_message_length': -1,
    ...options,
  });
  clients.push(client);
  return new Promise((resolve) => {
    const callback = (error: ServiceError | null, reply: Buffer = Buffer.alloc(0)): void => {
      const [raw] = error?.metadata.get('grpc-status-details-bin') ?? [];
      resolve({
        code: error?.code ?? status.OK,
        message: error?.details ?? '',
        reply,
        details: raw === undefined ? [] : detailsOf(raw as Buffer),
      });
    };
    const asIs = (each: Buffer): Buffer => each;
    client.makeUnaryRequest(path, asIs, asIs, bytes, callback);
  });
}

function detailsOf(bytes: Buffer): string[] {
  return fieldsOf(bytes)
    .filter(([field]) => field === 3)
    .map(([, any]) => String(fieldsOf(any as Buffer)[0]?.[1]).replace(/^.*\//, ''));
}

function fieldsOf(bytes: Uint8Array): [number, unknown][] {
  const reader = protobuf.Reader.create(bytes);
  const fields: [number, unknown][] = [];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const value = (tag & 7) === 0 ? Number(reader.int64()) : Buffer.from(reader.bytes());
    fields.push([tag >>> 3, value]);
  }
  return fields;
}

describe('OTLP over gRPC', () => {
  test.each([
    ['as it is', {}],
    ['in gzip', GZIP],
  ])('hands a message on byte for byte, sent %s', async (_, options) => {
    const message = recordedFile('live/rabbitmq/bodies/0002.pb.gz');
    expect((await call(TRACES, good, options)).code).toBe(status.OK);
    expect(taken[0]).toMatchObject({ format: 'otlp-protobuf', contentEncoding: 'identity' });
    expect(Buffer.from(taken[0]?.inflated ?? []).equals(good)).toBe(true);
    // What is no request at all shows that nothing looks inside before the way in does.
    expect((await call(TRACES, message, options)).code).toBe(status.INVALID_ARGUMENT);
    expect(answered).toEqual([200, 400]);
  });

  test('takes logs, and warns about records that are no signals', async () => {
    // resource_logs{scope_logs{log_records{} log_records{}}}
    const bytes = Buffer.from([0x0a, 0x06, 0x12, 0x04, 0x12, 0x00, 0x12, 0x00]);
    const { code, reply } = await call(LOGS, bytes);
    expect(code).toBe(status.OK);
    expect(taken[0]?.format).toBe('otlp-logs-protobuf');
    expect(reply.toString()).toContain('2 log records are no step signals');
  });

  test('answers an empty request with an empty reply', async () => {
    expect(await call(TRACES, Buffer.alloc(0))).toMatchObject({
      code: status.OK,
      reply: Buffer.alloc(0),
    });
  });

  test('answers only once the spans are durable', async () => {
    let settle = (): void => undefined;
    durable = new Promise((resolve) => (settle = resolve));
    let isAnswered = false;
    const answer = call(TRACES, good).then((each) => {
      isAnswered = true;
      return each;
    });
    await until('the body is there', () => taken.length === 1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(isAnswered).toBe(false);
    settle();
    expect((await answer).code).toBe(status.OK);
    expect(admission.inFlightBytes).toBe(0);
  });

  test('tells how many spans were refused and why', async () => {
    const bad = { ...span, traceId: 'ab' };
    const { code, reply } = await call(
      TRACES,
      Buffer.from(encodeProtobuf(requestOf(span, bad, bad))),
    );
    expect(code).toBe(status.OK);
    const partial = fieldsOf(fieldsOf(reply)[0]?.[1] as Buffer);
    expect(partial[0]).toEqual([1, 2]);
    expect(String(partial[1]?.[1])).toContain(
      'resourceSpans[0].scopeSpans[0].spans[1]: traceId has',
    );
  });

  test.each([
    ['cut off', good.subarray(0, -1)],
    ['text', Buffer.from('hello, this is no protobuf')],
    ['JSON', Buffer.from(JSON.stringify(requestOf(span)))],
    ['compressed twice', gzipSync(good)],
  ])('refuses a message that is %s as INVALID_ARGUMENT', async (_, bytes) => {
    const answer = await call(TRACES, Buffer.from(bytes));
    expect(answer.code).toBe(status.INVALID_ARGUMENT);
    expect(answer.details).toEqual(['google.rpc.BadRequest']);
    expect(taken).toHaveLength(0);
  });

  test.each<[FaultCode, status]>([
    ['STORE_UNAVAILABLE', status.UNAVAILABLE],
    ['SHUTTING_DOWN', status.UNAVAILABLE],
    ['OVERLOADED', status.RESOURCE_EXHAUSTED],
  ])('answers %s with a RetryInfo, so that the sender tries again', async (code, expected) => {
    notYet = new Fault(code, 'not now', { retryAfterS: 7 });
    const answer = await call(TRACES, good);
    expect([answer.code, answer.details]).toEqual([expected, ['google.rpc.RetryInfo']]);
    notYet = undefined;
    durable = Promise.reject(new Fault(code, 'nor now'));
    durable.catch(() => undefined);
    expect((await call(TRACES, good)).code).toBe(expected);
    expect(admission.inFlightBytes).toBe(0);
  });

  test('keeps what went wrong inside to itself', async () => {
    durable = Promise.reject(new TypeError('secret of the inside'));
    durable.catch(() => undefined);
    const answer = await call(TRACES, good);
    expect(answer.code).toBe(status.INTERNAL);
    expect(answer.message).not.toContain('secret');
  });

  test('tells a sender to wait while too much is in flight, over HTTP or here', async () => {
    const elsewhere = admission.reserve(0);
    elsewhere.add(96 * 1024 * 1024);
    const refused = await call(TRACES, good);
    expect([refused.code, refused.details]).toEqual([
      status.RESOURCE_EXHAUSTED,
      ['google.rpc.RetryInfo'],
    ]);
    elsewhere.release();
    expect((await call(TRACES, good)).code).toBe(status.OK);
  });

  test('stops a message that inflates beyond the limit, for good', async () => {
    const answer = await call(TRACES, Buffer.alloc(LIMITS.bodyBytesMax + 1), GZIP);
    expect([answer.code, answer.details]).toEqual([status.RESOURCE_EXHAUSTED, []]);
    expect(taken).toHaveLength(0);
  });

  test.each([
    '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
    '/opentelemetry.proto.collector.trace.v1.TraceService/Import',
    '/grpc.health.v1.Health/Check',
  ])('does not know %s', async (path) => {
    expect((await call(path, good)).code).toBe(status.UNIMPLEMENTED);
  });

  test('is not put out by those who speak something else', async () => {
    await expect(fetch(`http://127.0.0.1:${String(port())}/`)).rejects.toThrow();
    const session = open();
    const stream = session.request({ ':method': 'POST', ':path': TRACES });
    const [headers] = (await once(stream.end('{}'), 'response')) as [Record<string, unknown>];
    expect(headers[':status']).toBe(415);
    expect((await call(TRACES, good)).code).toBe(status.OK);
  });
});

function open(): ClientHttp2Session {
  const session = connectHttp2(`http://127.0.0.1:${String(port())}`);
  session.on('error', () => undefined);
  sessions.push(session);
  return session;
}

/** Each call whose message is awaited has one timer. */
function running(timers: number): Promise<true> {
  return until(`${String(timers)} messages are awaited`, () => clock.timerCount === timers);
}

/** Announces a message of a mebibyte and sends ten bytes of it. @returns the status it is answered with. */
function crawl(session: ClientHttp2Session): Promise<unknown> {
  const stream = session.request({
    ':method': 'POST',
    ':path': TRACES,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.on('error', () => undefined);
  stream.write(Buffer.concat([Buffer.from([0, 0, 16, 0, 0]), Buffer.alloc(10)]));
  return new Promise((resolve) => {
    stream.on('response', (headers) => resolve(headers['grpc-status']));
  });
}

describe('senders that are slow', () => {
  test('hold others up for a while, never for good', async () => {
    const session = open();
    const slow = Array.from({ length: LIMITS.grpcArrivingMax }, () => crawl(session));
    await running(LIMITS.grpcArrivingMax);
    clock.advance(LIMITS.grpcArrivalMsMax / 2);
    const other = call(TRACES, good);
    await running(LIMITS.grpcArrivingMax + 1);
    expect(taken).toHaveLength(0);
    clock.advance(LIMITS.grpcArrivalMsMax / 2);
    expect(new Set(await Promise.all(slow))).toEqual(new Set([String(status.DEADLINE_EXCEEDED)]));
    expect((await other).code).toBe(status.OK);
    await running(0);
  });

  test('make others try again when there is no place for too long', async () => {
    const session = open();
    for (let each = 0; each < LIMITS.grpcArrivingMax * 2; each++) void crawl(session);
    await running(LIMITS.grpcArrivingMax * 2);
    const other = call(TRACES, good);
    await running(LIMITS.grpcArrivingMax * 2 + 1);
    clock.advance(LIMITS.grpcArrivalMsMax);
    const { code, details } = await other;
    expect([code, details]).toEqual([status.RESOURCE_EXHAUSTED, ['google.rpc.RetryInfo']]);
  });

  test('leave their place when they go away', async () => {
    const session = open();
    for (let each = 0; each < LIMITS.grpcArrivingMax; each++) void crawl(session);
    await running(LIMITS.grpcArrivingMax);
    const other = call(TRACES, good);
    await running(LIMITS.grpcArrivingMax + 1);
    session.destroy();
    expect((await other).code).toBe(status.OK);
    await running(0);
  });
});

test('ending lets a call under way finish', async () => {
  let settle = (): void => undefined;
  durable = new Promise((resolve) => (settle = resolve));
  const answer = call(TRACES, good);
  await until('the body is there', () => taken.length === 1);
  grpc.close();
  settle();
  expect((await answer).code).toBe(status.OK);
});
