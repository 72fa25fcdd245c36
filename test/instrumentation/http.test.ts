import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startApp } from '../support/instrumented-app.js';
import {
  startOtlpReceiver,
  type OtlpReceiver,
  type ReceivedSpan,
} from '../support/otlp-receiver.js';
import type { Program } from '../support/start-program.js';
import { until } from '../support/until.js';

let collector: OtlpReceiver;
const programs: Program[] = [];

beforeEach(async () => {
  collector = await startOtlpReceiver();
});

afterEach(async () => {
  for (const program of programs.splice(0)) await program.stop();
  await collector.close();
});

async function startServer(file: string, env: NodeJS.Dict<string> = {}): Promise<string> {
  const program = startApp(file, {
    collector: collector.url,
    service: 'stock',
    load: file.endsWith('.cjs') ? 'require' : 'import',
    env,
  });
  programs.push(program);
  const [, port = ''] = await program.says(/ready at (\d+)/);
  return `http://127.0.0.1:${port}`;
}

function one(kind: number, match: (span: ReceivedSpan) => boolean): ReceivedSpan {
  const found = collector.spans().filter((span) => span.kind === kind && match(span));
  expect(found).toHaveLength(1);
  return found[0] as ReceivedSpan;
}

const [INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER] = [1, 2, 3, 4, 5];

/** shop (ES module, --import) → stock (CommonJS, --require): two calls over node:http, one fetch, two events. */
describe('a service that is only loaded with the hooks', () => {
  beforeEach(async () => {
    const stock = await startServer('stock.cjs');
    const shop = startApp('shop.mjs', { collector: collector.url, service: 'shop', args: [stock] });
    expect(await shop.ended()).toBe(0);
    await until('all spans are here', () => collector.spans().length === 12);
  });

  it('carries the keys of the run to every span of both processes', () => {
    const keys = collector
      .spans()
      .filter(({ kind, links }) => kind !== CONSUMER || links.length > 0)
      .map(({ attributes }) => attributes['throughline.key.order']);
    expect(new Set(keys)).toEqual(new Set(['8123']));
    const start = one(INTERNAL, ({ name }) => name === 'checkout');
    expect(start.attributes).toMatchObject({
      'throughline.workflow.name': 'checkout',
      'throughline.touches.customer': 'c-77',
    });
    expect(one(INTERNAL, ({ name }) => name === 'reserve').parentSpanId).toBe(start.spanId);
  });

  it('makes a call one CLIENT and one SERVER span, and keeps queries to itself', () => {
    const calls = collector.spans().filter(({ kind }) => kind === CLIENT);
    expect(calls).toHaveLength(3);
    for (const call of calls) {
      const served = one(SERVER, ({ parentSpanId }) => parentSpanId === call.spanId);
      expect(served.traceId).toBe(call.traceId);
      expect(served.attributes).toMatchObject({
        'http.request.method': 'GET',
        'http.response.status_code': 200,
        'url.path': String(call.attributes['url.full']).replace(/^http:\/\/[^/]+/, ''),
      });
    }
    expect(
      JSON.stringify(collector.arrived, (_, v: unknown) => (typeof v === 'bigint' ? 0 : v)),
    ).not.toContain('secret');
  });

  it('makes an event sent by webhook one PRODUCER and one linked CONSUMER span in a trace of its own', () => {
    const sent = one(PRODUCER, ({ name }) => name === 'send orders');
    const taken = one(CONSUMER, ({ name }) => name === 'process orders');
    expect(taken.links).toEqual([{ traceId: sent.traceId, spanId: sent.spanId }]);
    expect(taken.traceId).not.toBe(sent.traceId);
    expect(taken.parentSpanId).toBe('');
    expect(sent.attributes['throughline.payload.bytes']).toBe(16);
    for (const span of [sent, taken]) {
      expect(span.attributes).toMatchObject({
        'messaging.system': 'http',
        'messaging.destination.name': 'orders',
        'messaging.message.conversation_id': 'order:8123',
        'throughline.event.type': 'order.placed',
        'messaging.message.id': sent.attributes['messaging.message.id'],
      });
    }
  });

  it('sees a request with CloudEvents headers as a message without any call of ours', () => {
    const isEvent = ({ attributes }: ReceivedSpan): boolean =>
      attributes['messaging.message.id'] === 'ce-1';
    const sent = one(PRODUCER, isEvent);
    const taken = one(CONSUMER, isEvent);
    expect(taken.links).toEqual([{ traceId: sent.traceId, spanId: sent.spanId }]);
    expect(taken.attributes['messaging.destination.name']).toMatch(/^127\.0\.0\.1:\d+\/events$/);
    expect(taken.attributes).toMatchObject({
      'throughline.event.type': 'stock.low',
      'cloudevents.event_source': '/shop',
      'http.response.status_code': 202,
    });
  });
});

it('take() inside a request that the hook has seen tells that span more, and continues its run', async () => {
  const address = await startServer('taker.mjs');
  const headers = {
    'ce-id': 'e-7',
    'ce-type': 'order.placed',
    'ce-source': '/shop',
    'correlation-id': 'conv-1',
    baggage: 'throughline.key.order=8123,other=x',
  };
  await fetch(address, { method: 'POST', headers });
  const said = await (programs[0] as Program).says(/took (.*)\nsends (.*)/);
  expect(JSON.parse(said[1] ?? '')).toEqual({ keys: { order: '8123' }, correlation: 'conv-1' });
  expect(JSON.parse(said[2] ?? '')).toMatchObject({
    'correlation-id': 'conv-1',
    'causation-id': 'e-7',
    'throughline-event-type': 'order.noted',
    baggage: 'throughline.key.order=8123,other=x',
  });
  await until('both spans are here', () => collector.spans().length === 2);
  const taken = one(CONSUMER, () => true);
  expect(taken.name).toBe('process orders');
  expect(taken.attributes).toMatchObject({
    'throughline.skipped.reason': 'not ours',
    'throughline.payload.bytes': 3,
    'messaging.destination.name': 'orders',
  });
  expect(one(PRODUCER, () => true).attributes).toMatchObject({
    'throughline.event.causation_id': 'e-7',
    'messaging.message.conversation_id': 'conv-1',
    'throughline.key.order': '8123',
  });
});

it('a server survives headers that no client should send', async () => {
  const address = await startServer('stock.cjs');
  for (const headers of [
    { baggage: `throughline.key.order=${'x'.repeat(9_000)}` },
    { baggage: 'throughline.key.order=%ZZ,;;=,throughline.key.=1,throughline.key.a%20b=2' },
    { traceparent: '00-0-0-0', tracestate: 'x'.repeat(5_000) },
    { 'ce-id': 'x'.repeat(3_000), 'ce-type': '\u00ff\u00fe' },
  ]) {
    expect((await fetch(address, { headers })).status).toBe(200);
  }
  await until('four spans are here', () => collector.spans().length === 4);
  const keys = collector.spans().flatMap(({ attributes }) => Object.keys(attributes));
  expect(keys.filter((name) => name.startsWith('throughline.key.'))).toEqual([]);
});

it('paths that THROUGHLINE_HTTP_IGNORE names are not reported', async () => {
  const address = await startServer('stock.cjs', { THROUGHLINE_HTTP_IGNORE: '/livez, /metrics' });
  await fetch(`${address}/livez`);
  await fetch(`${address}/seen`);
  await until('one span is here', () => collector.spans().length === 1);
  expect(collector.spans()[0]?.attributes['url.path']).toBe('/seen');
});
