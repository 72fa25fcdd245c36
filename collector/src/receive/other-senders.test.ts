import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordedBody } from '@throughline/fixtures/recorded-input';
import { decode } from '../decode/decode.js';
import { json, JSON_TYPE, ReceiveBench } from './receive-bench.case.js';

let bench: ReceiveBench;
beforeEach(async () => {
  bench = new ReceiveBench();
  await bench.listen();
});
afterEach(() => bench.close());

describe('Zipkin spans', () => {
  test('are taken where the request names the whole address, as through a proxy', async () => {
    const body = recordedBody('zipkin/ascend.json');
    const whole = `http://127.0.0.1:${bench.port}/api/v2/spans?by=proxy`;
    expect((await bench.send(whole, { headers: JSON_TYPE, body })).status).toBe(202);
  });

  test('are taken with 202', async () => {
    const body = recordedBody('zipkin/ascend.json');
    const answer = await bench.send('/api/v2/spans', { headers: JSON_TYPE, body });
    expect([answer.status, answer.body.toString()]).toEqual([202, '']);
    expect(bench.taken[0]?.format).toBe('zipkin-json');
  });

  test('that are partly bad are told by their place; all bad is 400', async () => {
    const good = { traceId: '1', id: '2', timestamp: 5 };
    const mixed = await bench.send('/api/v2/spans', {
      headers: JSON_TYPE,
      body: JSON.stringify([good, { id: '3' }]),
    });
    expect(mixed.status).toBe(202);
    expect(json(mixed)).toMatchObject({
      accepted: 1,
      rejected: [{ index: 1, code: 'invalid_trace_id' }],
    });
    const bad = await bench.send('/api/v2/spans', { headers: JSON_TYPE, body: '[{}]' });
    expect(bad.status).toBe(400);
    expect(bad.headers['content-type']).toBe('application/problem+json');
    expect(json(bad)).toMatchObject({
      type: 'urn:throughline:fault:body-unreadable',
      title: 'Body unreadable',
    });
    const text = await bench.send('/api/v2/spans', {
      headers: { 'content-type': 'text/plain' },
      body: '[]',
    });
    expect(text.status).toBe(415);
    expect(json(text)['detail']).toBe('Zipkin spans come as application/json, not text/plain.');
    expect(text.body.toString()).not.toContain('x-protobuf');
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
    const good = await bench.send('/v1/events', {
      headers: STRUCTURED,
      body: JSON.stringify(event),
    });
    expect([good.status, json(good)]).toEqual([202, { accepted: 1, rejected: [] }]);
    const bad = await bench.send('/v1/events', {
      headers: STRUCTURED,
      body: JSON.stringify({ ...event, id: '' }),
    });
    expect(bad.status).toBe(400);
    expect(String(json(bad)['detail'])).toContain('id');
  });

  test('in a batch are 202 with the bad ones named', async () => {
    const body = JSON.stringify([event, { ...event, type: 5 }, { ...event, id: '8' }]);
    const answer = await bench.send('/v1/events', { headers: BATCH, body });
    expect(answer.status).toBe(202);
    expect(json(answer)).toMatchObject({ accepted: 2, rejected: [{ index: 1 }] });
    expect(
      String((json(answer)['rejected'] as unknown as { reason: string }[])[0]?.reason),
    ).toContain('type');
    expect((await bench.send('/v1/events', { headers: BATCH, body: '{' })).status).toBe(400);
  });

  test('in binary mode are stored as structured JSON that reads the same', async () => {
    const headers = { ...ce, ...JSON_TYPE, 'ce-correlationid': 'ord-1', 'ce-subject': 'caf%C3%A9' };
    const body = '{"order":{"id":12345678901234567890}}';
    expect((await bench.send('/v1/events', { headers, body })).status).toBe(202);
    expect(bench.taken[0]).toMatchObject({ format: 'cloudevent', contentEncoding: 'identity' });
    const attributes = takenSpan()?.attributes;
    expect(attributes?.get('correlationid')).toBe('ord-1');
    expect(attributes?.get('subject')).toBe('café');
    expect(attributes?.get('data.order.id')).toBe('12345678901234567890');
    const structured = { ...event, correlationid: 'ord-1' };
    await bench.send('/v1/events', { headers: STRUCTURED, body: JSON.stringify(structured) });
    const [again] = decode('cloudevent', bench.taken[1]?.inflated ?? new Uint8Array()).spans;
    expect(again?.spanId).toBe(takenSpan()?.spanId);
  });

  test.each([
    ['text', { 'content-type': 'text/plain' }, 'hello', 'hello'],
    ['bytes', { 'content-type': 'image/png' }, Buffer.from([0, 255]), { bytesValue: 'AP8=' }],
    ['gzip', { ...JSON_TYPE, 'content-encoding': 'gzip' }, gzipSync('"zipped"'), 'zipped'],
    ['nothing', {}, '', undefined],
  ])('in binary mode carry %s', async (_, headers, body, expected) => {
    const answer = await bench.send('/v1/events', { headers: { ...ce, ...headers }, body });
    expect(answer.status).toBe(202);
    expect(takenSpan()?.attributes.get('data')).toEqual(expected);
  });

  test('in binary mode with data that is not what it says are 400', async () => {
    const answer = await bench.send('/v1/events', {
      headers: { ...ce, ...JSON_TYPE },
      body: '{"cut',
    });
    expect(answer.status).toBe(400);
  });

  test('are not mere JSON', async () => {
    const answer = await bench.send('/v1/events', {
      headers: JSON_TYPE,
      body: JSON.stringify(event),
    });
    expect(answer.status).toBe(415);
    expect(String(json(answer)['detail'])).toContain('application/cloudevents+json');
    expect(answer.body.toString()).not.toContain('x-protobuf');
  });

  test('may be announced by the webhook handshake', async () => {
    const headers = { 'webhook-request-origin': 'events.example.com' };
    const answer = await bench.send('/v1/events', { method: 'OPTIONS', headers });
    expect(answer.status).toBe(200);
    expect(answer.headers['webhook-allowed-origin']).toBe('events.example.com');
    expect(answer.headers['webhook-allowed-rate']).toBe('*');
  });
});
