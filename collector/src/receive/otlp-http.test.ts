import { gzipSync } from 'node:zlib';
import protobuf from 'protobufjs/minimal.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordedBody, recordedFile } from '@throughline/fixtures/recorded-input';
import { decode } from '../decode/decode.js';
import { encodeProtobuf } from '../decode/otlp-encoder.case.js';
import { Fault, type FaultCode } from '../errors.js';
import {
  goodJson,
  goodProtobuf,
  json,
  JSON_TYPE,
  PROTOBUF_TYPE,
  ReceiveBench,
  requestOf,
  span,
} from './receive-bench.case.js';

let bench: ReceiveBench;
beforeEach(async () => {
  bench = new ReceiveBench();
  await bench.listen();
});
afterEach(() => bench.close());

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
    const answer = await bench.traces({ headers, body });
    expect(answer.status).toBe(200);
    expect(answer.body.toString()).toBe(expected);
    expect(answer.headers['content-type']).toBe(headers['content-type'].split(';')[0]);
    expect(bench.taken).toHaveLength(1);
  });

  test('hands the body on as it came, and inflated', async () => {
    const body = recordedFile('live/rabbitmq/bodies/0002.pb.gz');
    await bench.traces({ headers: { ...PROTOBUF_TYPE, 'content-encoding': 'gzip' }, body });
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
    const answer = bench.traces({ headers: JSON_TYPE, body: goodJson }).then((each) => {
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
    const answer = await bench.traces({
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
    const answer = await bench.traces({ headers: PROTOBUF_TYPE, body });
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
    const answer = await bench.traces({ headers, body });
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
    const answer = await bench.traces({ headers, body: goodJson });
    expect(answer.status).toBe(415);
    expect(answer.headers['accept-encoding']).toBe('gzip, identity');
    expect(json(answer)['code']).toBe(3);
  });

  test('names the types that OTLP comes as', async () => {
    const answer = await bench.traces({ headers: { 'content-type': 'text/plain' }, body: '{}' });
    expect(String(json(answer)['message'])).toContain(
      'OTLP comes as application/x-protobuf or application/json, not text/plain.',
    );
  });

  test.each(['GET', 'PUT', 'DELETE', 'PATCH'])('refuses %s with 405', async (method) => {
    const answer = await bench.traces({ method, headers: JSON_TYPE });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('POST');
  });

  test('leaves other paths to others', async () => {
    expect((await bench.send('/v1/metrics', { headers: JSON_TYPE, body: '{}' })).status).toBe(404);
    expect((await bench.send('/v1/traces?x=1', { headers: JSON_TYPE, body: '{}' })).status).toBe(
      200,
    );
  });

  test.each<[FaultCode, number]>([
    ['STORE_UNAVAILABLE', 503],
    ['SHUTTING_DOWN', 503],
    ['OVERLOADED', 429],
  ])('answers %s so that the sender tries again', async (code, status) => {
    bench.notYet = new Fault(code, 'not now', { retryAfterS: 7 });
    const answer = await bench.traces({ headers: PROTOBUF_TYPE, body: goodProtobuf });
    expect([answer.status, answer.headers['retry-after']]).toEqual([status, '7']);
    expect(fieldsOf(answer.body)[1]).toBe(status === 429 ? 8 : 14);
  });

  test('answers what the pipeline throws: a fault as it says, anything else as ours', async () => {
    bench.durable = Promise.reject(new Fault('STORE_UNAVAILABLE', 'disk full'));
    bench.durable.catch(() => undefined);
    const unavailable = await bench.traces({ headers: JSON_TYPE, body: goodJson });
    expect([unavailable.status, unavailable.headers['retry-after']]).toEqual([503, '1']);
    bench.durable = Promise.reject(new TypeError('secret of the inside'));
    bench.durable.catch(() => undefined);
    const broken = await bench.traces({ headers: JSON_TYPE, body: goodJson });
    expect(broken.status).toBe(500);
    expect(broken.body.toString()).not.toContain('secret');
    expect(bench.admission.inFlightBytes).toBe(0);
  });

  test('counts log records as ignored, with a warning and no refusal', async () => {
    const body = recordedBody('otlp/proto-example-logs.json');
    const answer = await bench.send('/v1/logs', { headers: JSON_TYPE, body });
    expect(answer.status).toBe(200);
    const partial = json(answer)['partialSuccess'] as unknown as Record<string, string>;
    expect(partial['rejectedLogRecords']).toBe('0');
    expect(partial['errorMessage']).toContain('1 log records');
    expect((await bench.send('/v1/logs', { headers: PROTOBUF_TYPE })).body).toHaveLength(0);
  });
});
