import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type Server,
} from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import protobuf from 'protobufjs/minimal.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock, type Clock } from '../clock.js';
import { decode } from '../decode/decode.js';
import { countLogRecords } from '../decode/otlp-logs.js';
import { encodeProtobuf } from '../decode/otlp-encoder.case.js';
import { Fault, type FaultCode } from '../errors.js';
import { LIMITS } from '../limits.js';
import { recordedBody, recordedFile } from '@throughline/fixtures/recorded-input';
import { Admission } from './admission.js';
import type { Accepted, ArrivedBody } from './intake.js';
import { createReceive, type ReceiveDeps } from './receive.js';

/** A listener with nothing behind it but what the test says; bodies are decoded as the pipeline would. */
class Bench {
  readonly taken: ArrivedBody[] = [];
  readonly refused: FaultCode[] = [];
  readonly admission = new Admission(96 * 1024 * 1024);
  /** Set to hold bodies back, as a slow disk does. */
  durable: Promise<void> = Promise.resolve();
  notYet: Fault | undefined;
  clock: Clock = systemClock;
  readonly #server: Server;

  constructor(deps: Partial<ReceiveDeps> = {}) {
    const receive = createReceive({
      pipeline: { accept: (body) => this.#accept(body) },
      clock: {
        now: () => this.clock.now(),
        every: (...a) => this.clock.every(...a),
        after: (...a) => this.clock.after(...a),
      },
      notYet: () => this.notYet,
      countLogRecords,
      admission: this.admission,
      onRefused: (fault) => this.refused.push(fault.code),
      ...deps,
    });
    this.#server = createServer((request, response) => {
      if (!receive(request, response)) response.writeHead(404).end('elsewhere');
    });
  }

  async #accept(body: ArrivedBody): Promise<Accepted> {
    const { spans, rejected } = decode(body.format, body.inflated);
    this.taken.push(body);
    await this.durable;
    return { accepted: spans.length, rejected };
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

let bench: Bench;
beforeEach(async () => {
  bench = new Bench();
  await bench.listen();
});
afterEach(() => bench.close());

function send(path: string, { method = 'POST', headers = {}, body }: Sent = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      port: bench.port,
      host: '127.0.0.1',
      path,
      method,
      headers,
      agent: false,
    });
    request.on('error', reject);
    request.on('response', (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(pieces),
        }),
      );
    });
    request.end(body);
  });
}

const JSON_TYPE = { 'content-type': 'application/json' };
const PROTOBUF_TYPE = { 'content-type': 'application/x-protobuf' };
const span = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  name: 'pay',
  startTimeUnixNano: '1',
  endTimeUnixNano: '2',
};
const requestOf = (...spans: readonly object[]) => ({
  resourceSpans: [{ scopeSpans: [{ spans }] }],
});
const goodJson = JSON.stringify(requestOf(span));
const goodProtobuf = encodeProtobuf(requestOf(span));
const json = (answer: Answer) => JSON.parse(answer.body.toString()) as Record<string, never>;
const traces = (sent: Sent) => send('/v1/traces', sent);

/** Fields of a protobuf answer by number: numbers and texts, messages as bytes. */
function fieldsOf(bytes: Uint8Array): Record<number, unknown> {
  const reader = protobuf.Reader.create(bytes);
  const fields: Record<number, unknown> = {};
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    fields[tag >>> 3] = (tag & 7) === 0 ? Number(reader.int64()) : Buffer.from(reader.bytes());
  }
  return fields;
}

describe('OTLP over HTTP', () => {
  test.each([
    ['JSON', JSON_TYPE, goodJson, '{}'],
    ['JSON with a charset', { 'content-type': 'application/json; charset=UTF-8' }, goodJson, '{}'],
    ['protobuf', PROTOBUF_TYPE, goodProtobuf, ''],
    ['JSON in gzip', { ...JSON_TYPE, 'content-encoding': 'gzip' }, gzipSync(goodJson), '{}'],
    [
      'protobuf in gzip',
      { ...PROTOBUF_TYPE, 'content-encoding': 'gzip' },
      gzipSync(goodProtobuf),
      '',
    ],
    ['an explicit identity', { ...JSON_TYPE, 'content-encoding': 'identity' }, goodJson, '{}'],
    ['an empty JSON request', JSON_TYPE, '{}', '{}'],
    ['an empty protobuf request', PROTOBUF_TYPE, '', ''],
    ['a body without a length', { ...JSON_TYPE, 'transfer-encoding': 'chunked' }, goodJson, '{}'],
  ])('takes %s and answers in kind', async (_, headers, body, expected) => {
    const answer = await traces({ headers, body });
    expect(answer.status).toBe(200);
    expect(answer.body.toString()).toBe(expected);
    expect(answer.headers['content-type']).toBe(headers['content-type'].split(';')[0]);
    expect(bench.taken).toHaveLength(1);
  });

  test('hands the body on as it came, and inflated', async () => {
    const body = recordedFile('live/rabbitmq/bodies/0002.pb.gz');
    await traces({ headers: { ...PROTOBUF_TYPE, 'content-encoding': 'gzip' }, body });
    const [taken] = bench.taken;
    expect(taken).toMatchObject({ format: 'otlp-protobuf', contentEncoding: 'gzip' });
    expect(Buffer.from(taken?.raw ?? []).equals(body)).toBe(true);
    expect(
      decode('otlp-protobuf', taken?.inflated ?? new Uint8Array()).spans.length,
    ).toBeGreaterThan(0);
  });

  test('answers only once the spans are durable', async () => {
    let settle = (): void => undefined;
    bench.durable = new Promise((resolve) => (settle = resolve));
    let isAnswered = false;
    const answer = traces({ headers: JSON_TYPE, body: goodJson }).then((each) => {
      isAnswered = true;
      return each;
    });
    while (bench.taken.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isAnswered).toBe(false);
    settle();
    expect((await answer).status).toBe(200);
  });

  test('tells how many spans were refused and why, as text of digits in JSON', async () => {
    const bad = { ...span, traceId: 'xyz' };
    const answer = await traces({
      headers: JSON_TYPE,
      body: JSON.stringify(requestOf(span, bad, bad)),
    });
    expect(answer.status).toBe(200);
    const { rejectedSpans, errorMessage } = json(answer)['partialSuccess'] as unknown as Record<
      string,
      string
    >;
    expect(rejectedSpans).toBe('2');
    expect(errorMessage).toContain('resourceSpans[0].scopeSpans[0].spans[1]');
    expect(errorMessage).toContain('invalid_trace_id');
  });

  test('tells it in protobuf too', async () => {
    const bad = { ...span, traceId: 'ab' };
    const body = encodeProtobuf(requestOf(span, ...Array.from({ length: 200 }, () => bad)));
    const answer = await traces({ headers: PROTOBUF_TYPE, body });
    expect(answer.status).toBe(200);
    const partial = fieldsOf(fieldsOf(answer.body)[1] as Buffer);
    expect(partial[1]).toBe(200);
    expect(String(partial[2])).toContain('and 195 more');
  });

  test.each([
    ['JSON that is none', JSON_TYPE, 'hello'],
    ['JSON with invalid UTF-8', JSON_TYPE, Buffer.from([0x7b, 0xff, 0x7d])],
    ['protobuf that is cut off', PROTOBUF_TYPE, goodProtobuf.subarray(0, -1)],
    ['gzip that is none', { ...JSON_TYPE, 'content-encoding': 'gzip' }, goodJson],
    [
      'gzip that is cut off',
      { ...JSON_TYPE, 'content-encoding': 'gzip' },
      gzipSync(goodJson).subarray(0, -9),
    ],
    ['no gzip at all', { ...PROTOBUF_TYPE, 'content-encoding': 'gzip' }, ''],
    ['gzip in gzip', { ...JSON_TYPE, 'content-encoding': 'gzip' }, gzipSync(gzipSync(goodJson))],
  ])('refuses %s with 400 and a Status in kind', async (_, headers, body) => {
    const answer = await traces({ headers, body });
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toBe(headers['content-type']);
    if (headers['content-type'] === 'application/json') {
      const details = [{ '@type': 'type.googleapis.com/google.rpc.BadRequest' }];
      expect(json(answer)).toMatchObject({ code: 3, details });
      expect(json(answer)['message']).toBeTruthy();
    } else {
      const status = fieldsOf(answer.body);
      expect(status[1]).toBe(3);
      expect(String(status[2])).toBeTruthy();
      expect(String(fieldsOf(status[3] as Buffer)[1])).toContain('google.rpc.BadRequest');
    }
    expect(bench.taken).toHaveLength(0);
  });

  test.each([
    ['no content type', {}],
    ['plain text', { 'content-type': 'text/plain' }],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['a charset other than UTF-8', { 'content-type': 'application/json; charset=utf-16' }],
    ['deflate', { ...JSON_TYPE, 'content-encoding': 'deflate' }],
    ['two encodings', { ...JSON_TYPE, 'content-encoding': 'gzip, gzip' }],
  ])('refuses %s with 415 and says what would do', async (_, headers) => {
    const answer = await traces({ headers, body: goodJson });
    expect(answer.status).toBe(415);
    expect(answer.headers['accept-encoding']).toBe('gzip, identity');
    expect(json(answer)['code']).toBe(3);
  });

  test.each(['GET', 'PUT', 'DELETE', 'PATCH'])('refuses %s with 405', async (method) => {
    const answer = await traces({ method, headers: JSON_TYPE });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('POST');
  });

  test('leaves other paths to others', async () => {
    expect((await send('/v1/metrics', { headers: JSON_TYPE, body: '{}' })).status).toBe(404);
    expect((await send('/v1/traces?x=1', { headers: JSON_TYPE, body: '{}' })).status).toBe(200);
  });

  test.each<[FaultCode, number]>([
    ['STORE_UNAVAILABLE', 503],
    ['SHUTTING_DOWN', 503],
    ['OVERLOADED', 429],
  ])('answers %s so that the sender tries again', async (code, status) => {
    bench.notYet = new Fault(code, 'not now', { retryAfterS: 7 });
    const answer = await traces({ headers: PROTOBUF_TYPE, body: goodProtobuf });
    expect([answer.status, answer.headers['retry-after']]).toEqual([status, '7']);
    expect(fieldsOf(answer.body)[1]).toBe(status === 429 ? 8 : 14);
  });

  test('answers what the pipeline throws: a fault as it says, anything else as ours', async () => {
    bench.durable = Promise.reject(new Fault('STORE_UNAVAILABLE', 'disk full'));
    bench.durable.catch(() => undefined);
    const unavailable = await traces({ headers: JSON_TYPE, body: goodJson });
    expect([unavailable.status, unavailable.headers['retry-after']]).toEqual([503, '1']);
    bench.durable = Promise.reject(new TypeError('secret of the inside'));
    bench.durable.catch(() => undefined);
    const broken = await traces({ headers: JSON_TYPE, body: goodJson });
    expect(broken.status).toBe(500);
    expect(broken.body.toString()).not.toContain('secret');
    expect(bench.admission.inFlightBytes).toBe(0);
  });

  test('counts log records as ignored, with a warning and no refusal', async () => {
    const body = recordedBody('otlp/proto-example-logs.json');
    const answer = await send('/v1/logs', { headers: JSON_TYPE, body });
    expect(answer.status).toBe(200);
    const partial = json(answer)['partialSuccess'] as unknown as Record<string, string>;
    expect(partial['rejectedLogRecords']).toBe('0');
    expect(partial['errorMessage']).toContain('1 log records');
    expect((await send('/v1/logs', { headers: PROTOBUF_TYPE })).body).toHaveLength(0);
  });
});

describe('a body that is too much', () => {
  const gzip = { ...JSON_TYPE, 'content-encoding': 'gzip' };
  const bomb = gzipSync(Buffer.alloc(LIMITS.bodyBytesMax + 1, ' '));

  test('by its announced length is refused before it is read', async () => {
    const answer = await rawExchange([
      `POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${LIMITS.bodyBytesMax + 1}\r\n\r\n{`,
    ]);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toMatch(/Connection: close/i);
  });

  test('once inflated is refused, whether its trailer tells or lies', async () => {
    const members = Buffer.concat([bomb, gzipSync('{}')]);
    for (const body of [bomb, members]) {
      const answer = await traces({ headers: gzip, body });
      expect(answer.status).toBe(413);
      expect(json(answer)['code']).toBe(8);
    }
    expect(bench.admission.inFlightBytes).toBe(0);
    expect(bench.taken).toHaveLength(0);
  });

  test('without a length is read up to the limit and no further', async () => {
    const piece = Buffer.alloc(1024 * 1024, ' ');
    const head =
      'POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), piece, Buffer.from('\r\n')]);
    const pieces = Array.from({ length: LIMITS.bodyBytesMax / piece.length + 8 }, () => chunk);
    expect(await rawExchange([head, ...pieces])).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('together with others must wait', async () => {
    let settle = (): void => undefined;
    bench.durable = new Promise((resolve) => (settle = resolve));
    const large = JSON.stringify({ pad: 'x'.repeat(60 * 1024 * 1024) });
    const first = traces({ headers: JSON_TYPE, body: large });
    while (bench.taken.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const second = await traces({ headers: JSON_TYPE, body: large });
    expect([second.status, second.headers['retry-after']]).toEqual([429, '1']);
    settle();
    expect((await first).status).toBe(200);
    expect(bench.admission.inFlightBytes).toBe(0);
  });
});

describe('a sender', () => {
  const head =
    'POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n';

  test('that dawdles is let go', async () => {
    const acts: (() => void)[] = [];
    bench.clock = {
      ...systemClock,
      after: (_delay, act) => {
        acts.push(act);
        return () => undefined;
      },
    };
    const answer = rawExchange([head, '{']);
    while (acts.length === 0) await new Promise((resolve) => setImmediate(resolve));
    acts.forEach((act) => act());
    expect(await answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(bench.refused).toEqual(['BODY_TOO_SLOW']);
  });

  test('that pauses too long is let go, one that keeps sending is not', async () => {
    const ticks: (() => void)[] = [];
    bench.clock = {
      ...systemClock,
      every: (_period, tick) => {
        ticks.push(tick);
        return () => undefined;
      },
    };
    const socket = connect(bench.port, '127.0.0.1');
    let text = '';
    socket.on('data', (piece: Buffer) => (text += piece.toString()));
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.write(`${head}{`);
    const held = bench.admission;
    while (held.inFlightBytes < 1) await new Promise((resolve) => setImmediate(resolve));
    ticks.forEach((tick) => tick());
    socket.write(' ');
    while (held.inFlightBytes < 2) await new Promise((resolve) => setImmediate(resolve));
    ticks.forEach((tick) => tick());
    expect(text).toBe('');
    ticks.forEach((tick) => tick());
    await closed;
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('that goes away leaves nothing behind', async () => {
    const socket = connect(bench.port, '127.0.0.1');
    socket.write(`${head}{"resourceSpans":`);
    while (bench.admission.inFlightBytes === 0)
      await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
    while (bench.admission.inFlightBytes > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(bench.taken).toHaveLength(0);
    expect((await traces({ headers: JSON_TYPE, body: goodJson })).status).toBe(200);
  });
});

describe('Zipkin spans', () => {
  test('are taken with 202', async () => {
    const body = recordedBody('zipkin/ascend.json');
    const answer = await send('/api/v2/spans', { headers: JSON_TYPE, body });
    expect([answer.status, answer.body.toString()]).toEqual([202, '']);
    expect(bench.taken[0]?.format).toBe('zipkin-json');
  });

  test('that are partly bad are told by their place; all bad is 400', async () => {
    const good = { traceId: '1', id: '2', timestamp: 5 };
    const mixed = await send('/api/v2/spans', {
      headers: JSON_TYPE,
      body: JSON.stringify([good, { id: '3' }]),
    });
    expect(mixed.status).toBe(202);
    expect(json(mixed)).toMatchObject({
      accepted: 1,
      rejected: [{ index: 1, code: 'invalid_trace_id' }],
    });
    const bad = await send('/api/v2/spans', { headers: JSON_TYPE, body: '[{}]' });
    expect(bad.status).toBe(400);
    expect(bad.headers['content-type']).toBe('application/problem+json');
    const text = await send('/api/v2/spans', {
      headers: { 'content-type': 'text/plain' },
      body: '[]',
    });
    expect(text.status).toBe(415);
  });
});

describe('CloudEvents over HTTP', () => {
  const event = { specversion: '1.0', id: '7', source: '/orders', type: 'order.placed' };
  const STRUCTURED = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
  const BATCH = { 'content-type': 'application/cloudevents-batch+json' };
  const ce = {
    'ce-specversion': '1.0',
    'ce-id': '7',
    'ce-source': '/orders',
    'ce-type': 'order.placed',
  };
  const takenSpan = () =>
    decode('cloudevent', bench.taken[0]?.inflated ?? new Uint8Array()).spans[0];

  test('in structured mode are 202, invalid ones 400 with the reason', async () => {
    const good = await send('/v1/events', { headers: STRUCTURED, body: JSON.stringify(event) });
    expect([good.status, json(good)]).toEqual([202, { accepted: 1, rejected: [] }]);
    const bad = await send('/v1/events', {
      headers: STRUCTURED,
      body: JSON.stringify({ ...event, id: '' }),
    });
    expect(bad.status).toBe(400);
    expect(String(json(bad)['detail'])).toContain('id');
  });

  test('in a batch are 202 with the bad ones named', async () => {
    const body = JSON.stringify([event, { ...event, type: 5 }, { ...event, id: '8' }]);
    const answer = await send('/v1/events', { headers: BATCH, body });
    expect(answer.status).toBe(202);
    expect(json(answer)).toMatchObject({ accepted: 2, rejected: [{ index: 1 }] });
    expect(
      String((json(answer)['rejected'] as unknown as { reason: string }[])[0]?.reason),
    ).toContain('type');
    expect((await send('/v1/events', { headers: BATCH, body: '{' })).status).toBe(400);
  });

  test('in binary mode are stored as structured JSON that reads the same', async () => {
    const headers = { ...ce, ...JSON_TYPE, 'ce-correlationid': 'ord-1', 'ce-subject': 'caf%C3%A9' };
    const body = '{"order":{"id":12345678901234567890}}';
    expect((await send('/v1/events', { headers, body })).status).toBe(202);
    expect(bench.taken[0]).toMatchObject({ format: 'cloudevent', contentEncoding: 'identity' });
    const attributes = takenSpan()?.attributes;
    expect(attributes?.get('correlationid')).toBe('ord-1');
    expect(attributes?.get('subject')).toBe('café');
    expect(attributes?.get('data.order.id')).toBe('12345678901234567890');
    const structured = { ...event, correlationid: 'ord-1' };
    await send('/v1/events', { headers: STRUCTURED, body: JSON.stringify(structured) });
    const [again] = decode('cloudevent', bench.taken[1]?.inflated ?? new Uint8Array()).spans;
    expect(again?.spanId).toBe(takenSpan()?.spanId);
  });

  test.each([
    ['text', { 'content-type': 'text/plain' }, 'hello', 'hello'],
    ['bytes', { 'content-type': 'image/png' }, Buffer.from([0, 255]), { bytesValue: 'AP8=' }],
    ['gzip', { ...JSON_TYPE, 'content-encoding': 'gzip' }, gzipSync('"zipped"'), 'zipped'],
    ['nothing', {}, '', undefined],
  ])('in binary mode carry %s', async (_, headers, body, expected) => {
    const answer = await send('/v1/events', { headers: { ...ce, ...headers }, body });
    expect(answer.status).toBe(202);
    expect(takenSpan()?.attributes.get('data')).toEqual(expected);
  });

  test('in binary mode with data that is not what it says are 400', async () => {
    const answer = await send('/v1/events', { headers: { ...ce, ...JSON_TYPE }, body: '{"cut' });
    expect(answer.status).toBe(400);
  });

  test('are not mere JSON', async () => {
    const answer = await send('/v1/events', { headers: JSON_TYPE, body: JSON.stringify(event) });
    expect(answer.status).toBe(415);
    expect(String(json(answer)['detail'])).toContain('application/cloudevents+json');
  });

  test('may be announced by the webhook handshake', async () => {
    const headers = { 'webhook-request-origin': 'events.example.com' };
    const answer = await send('/v1/events', { method: 'OPTIONS', headers });
    expect(answer.status).toBe(200);
    expect(answer.headers['webhook-allowed-origin']).toBe('events.example.com');
    expect(answer.headers['webhook-allowed-rate']).toBe('*');
  });
});

/** Writes to a bare socket and reads until it closes or has answered. */
function rawExchange(pieces: readonly (string | Buffer)[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(bench.port, '127.0.0.1');
    let text = '';
    const done = (): void => {
      socket.destroy();
      resolve(text);
    };
    socket.on('data', (piece: Buffer) => {
      text += piece.toString();
      if (text.includes('\r\n\r\n')) done();
    });
    socket.on('error', done).on('close', done);
    for (const piece of pieces) socket.write(piece);
  });
}
