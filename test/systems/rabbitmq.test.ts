import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startApp } from '../support/instrumented-app.js';
import {
  startOtlpReceiver,
  type OtlpReceiver,
  type ReceivedSpan,
} from '../support/otlp-receiver.js';

const folder = new URL('rabbitmq/', import.meta.url);
const [CLIENT, PRODUCER, CONSUMER] = [3, 4, 5];

let collector: OtlpReceiver;
let suffix: string;
let round = 0;

beforeEach(async () => {
  collector = await startOtlpReceiver();
  suffix = `${String(process.pid)}-${String(round++)}`;
});

afterEach(() => collector.close());

/** Runs an app against the real broker to its end. @returns what it said. */
async function play(file: string, ...args: readonly string[]): Promise<string> {
  const program = startApp(fileURLToPath(new URL(file, folder)), {
    collector: collector.url,
    service: 'app',
    load: file.endsWith('.cjs') ? 'require' : 'import',
    env: { AMQP_URL: process.env['AMQP_URL'], THROUGHLINE_PAYLOAD_KEY: 'secret' },
    args,
  });
  const code = await program.ended();
  if (code !== 0) throw new Error(`${file} ended with ${String(code)}:\n${program.said()}`);
  return program.said();
}

function spans(kind: number, match: Readonly<Record<string, unknown>> = {}): ReceivedSpan[] {
  return collector
    .spans()
    .filter((span) => span.kind === kind)
    .filter(({ attributes }) => Object.entries(match).every(([n, v]) => attributes[n] === v));
}

function one(kind: number, match: Readonly<Record<string, unknown>>): ReceivedSpan {
  const found = spans(kind, match);
  expect(found.map(({ name }) => name)).toHaveLength(1);
  return found[0] as ReceivedSpan;
}

const linkTo = ({ traceId, spanId }: ReceivedSpan): unknown => ({ traceId, spanId });

describe('an ES module that uses amqplib, instrumented by --import alone', () => {
  it('is followed through exchange and queues, each consumer continuing the run of its message', async () => {
    const said = await play('exchange.mjs', 'happy', suffix);
    const placed = one(PRODUCER, { 'throughline.event.type': 'order.placed' });
    const billed = one(CONSUMER, { 'throughline.event.type': 'order.placed' });
    const captured = one(PRODUCER, { 'throughline.event.type': 'payment.captured' });
    const audited = one(CONSUMER, { 'throughline.event.type': 'payment.captured' });

    expect(placed.name).toBe(`publish orders-${suffix}:order.placed`);
    expect(placed.attributes).toMatchObject({
      'messaging.system': 'rabbitmq',
      'messaging.operation.name': 'publish',
      'messaging.operation.type': 'send',
      'messaging.destination.name': `orders-${suffix}:order.placed`,
      'messaging.rabbitmq.destination.routing_key': 'order.placed',
      'messaging.message.conversation_id': `order:${suffix}`,
      'throughline.payload.bytes': 8,
    });
    expect(placed.attributes['throughline.payload.hash']).toMatch(/^hmac-sha256:[0-9a-f]{64}$/);
    expect(billed.name).toBe(`consume orders-${suffix}:order.placed:billing-${suffix}`);
    expect(billed.attributes).toMatchObject({
      'messaging.operation.type': 'process',
      'messaging.destination.subscription.name': `billing-${suffix}`,
      'messaging.message.id': placed.attributes['messaging.message.id'],
      'throughline.payload.hash': placed.attributes['throughline.payload.hash'],
      'throughline.step.attempt': 1,
    });
    expect(billed.links).toEqual([linkTo(placed)]);
    expect(audited.links).toEqual([linkTo(captured)]);
    expect(captured.parentSpanId).toBe(billed.spanId);
    expect(captured.attributes['messaging.destination.name']).toBe(`audit-${suffix}`);
    expect(captured.attributes['throughline.event.causation_id']).toBe(
      placed.attributes['messaging.message.id'],
    );
    expect(new Set([placed, billed, audited].map(({ traceId }) => traceId)).size).toBe(3);
    const keys = collector.spans().map(({ attributes }) => attributes['throughline.key.order']);
    expect(new Set(keys)).toEqual(new Set([suffix]));
    expect(said).toContain(`"correlationId":"order:${suffix}"`);
    expect(said).toContain('"tenant":"acme"');
    expect(said).toContain('left alone {"type":"order.placed","headers":{"tenant":"acme"}}');
  });

  it('shows a message given back, refused, dead-lettered, and found in the dead-letter queue', async () => {
    await play('exchange.mjs', 'deadletters', suffix);
    const sent = one(PRODUCER, { 'messaging.message.id': 'm-1' });
    expect(sent.attributes['messaging.message.conversation_id']).toBe('conv-1');
    const worked = spans(CONSUMER, { 'messaging.destination.name': `work-${suffix}` });
    expect(worked.map(({ attributes }) => attributes['throughline.step.attempt'])).toEqual([1, 2]);
    expect(worked.map(({ attributes }) => attributes['throughline.redelivered'])).toEqual([
      undefined,
      true,
    ]);
    expect(worked.map(({ status }) => status)).toEqual([0, 2]);
    expect(worked.map(({ attributes }) => attributes['throughline.dead_letter.source'])).toEqual([
      undefined,
      `work-${suffix}`,
    ]);
    const back = one(CLIENT, { 'messaging.operation.name': 'nack' });
    expect(back.attributes['throughline.requeued']).toBe(true);
    expect(back.attributes['throughline.dead_letter.reason']).toBeUndefined();
    expect(back.parentSpanId).toBe(worked[0]?.spanId);
    const refused = one(CLIENT, { 'messaging.operation.name': 'reject' });
    expect(refused.attributes).toMatchObject({
      'messaging.operation.type': 'settle',
      'messaging.message.id': 'm-1',
      'throughline.dead_letter.reason': 'rejected',
      'throughline.dead_letter.source': `work-${suffix}`,
    });
    const found = one(CONSUMER, {
      'messaging.destination.subscription.name': `dead-${suffix}`,
    });
    expect(found.attributes).toMatchObject({
      'messaging.message.id': 'm-1',
      'messaging.message.conversation_id': 'conv-1',
      'throughline.step.attempt': 2,
      'throughline.key.order': suffix,
    });
    expect(
      JSON.parse(String(found.attributes['messaging.rabbitmq.message.header.x-death'])),
    ).toEqual([expect.objectContaining({ reason: 'rejected', queue: `work-${suffix}`, count: 1 })]);
    expect(found.attributes['throughline.dead_letter.reason']).toBeUndefined();
    expect(found.links).toEqual([linkTo(sent)]);
  });

  it('counts attempts over a retry loop through a dead-letter exchange', async () => {
    await play('exchange.mjs', 'retries', suffix);
    const tries = spans(CONSUMER);
    expect(tries.map(({ attributes }) => attributes['throughline.step.attempt'])).toEqual([
      1, 2, 3,
    ]);
    const asides = tries.map(({ attributes }) => attributes['throughline.dead_letter.source']);
    expect(asides).toEqual([`jobs-${suffix}`, `jobs-${suffix}`, undefined]);
    expect(spans(CLIENT, { 'messaging.operation.name': 'nack' })).toHaveLength(2);
  });

  it('tells a confirmed message from one that the broker returned, on every kind of channel', async () => {
    expect(await play('exchange.mjs', 'returns', suffix)).toContain('returned 2');
    const outcome = (id: string): unknown => {
      const { status, attributes } = one(PRODUCER, { 'messaging.message.id': id });
      return [status, attributes['throughline.undeliverable'], attributes['error.type']];
    };
    expect(outcome('m-there')).toEqual([0, undefined, undefined]);
    expect(outcome('m-unwaited')).toEqual([0, undefined, undefined]);
    expect(outcome('m-nowhere')).toEqual([2, true, 'NO_ROUTE']);
    expect(outcome('m-callback')).toEqual([2, true, 'NO_ROUTE']);
  });

  it('ends the work on a fetched message when it is settled, on an unsettled one with its channel', async () => {
    expect(await play('exchange.mjs', 'loose', suffix)).toContain('heard cannot');
    const pulled = one(CONSUMER, { 'messaging.message.id': 'm-pulled' });
    expect([pulled.attributes['messaging.operation.name'], pulled.status]).toEqual(['get', 0]);
    const stuck = one(CONSUMER, { 'messaging.message.id': 'm-stuck' });
    expect([stuck.status, stuck.attributes['throughline.requeued']]).toEqual([2, true]);
  });
});

it('rabbitmq-client is followed too, each handler in the context of its own message', async () => {
  const said = await play('client.cjs', suffix);
  expect(said).toContain(
    `seen ${JSON.stringify([1, 2].map((n) => ({ body: { n }, keys: { job: `${suffix}-${String(n)}` } })))}`,
  );
  for (const n of [1, 2]) {
    const id = `job-${String(n)}`;
    const sent = one(PRODUCER, { 'messaging.message.id': id });
    const taken = one(CONSUMER, {
      'messaging.message.id': id,
      'messaging.destination.name': `jobs-${suffix}`,
    });
    expect(taken.links).toEqual([linkTo(sent)]);
    expect(taken.status).toBe(n === 2 ? 2 : 0);
  }
  expect(one(PRODUCER, { 'messaging.message.id': 'job-lost' }).attributes).toMatchObject({
    'throughline.undeliverable': true,
  });
  expect(one(CLIENT, { 'messaging.operation.type': 'settle' }).attributes).toMatchObject({
    'throughline.dead_letter.reason': 'rejected',
    'messaging.message.id': 'job-2',
  });
  const dead = one(CONSUMER, { 'messaging.destination.name': `dead-${suffix}` });
  expect(dead.attributes['messaging.rabbitmq.message.header.x-death']).toContain(`jobs-${suffix}`);
});
