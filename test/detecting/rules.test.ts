import { flow } from '@throughline/fixtures/build/policy';
import type { Storyline } from '@throughline/fixtures/build/storyline';
import type { Rule } from '@throughline/model/finding';
import type { Policy } from '@throughline/model/policy';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Detector } from '../../collector/src/detect/detector.js';
import { atMs, feed, judgedOnce, openOf, staged, type Begin } from './stage.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** After payment.captured, inventory reserves the stock within 30 s. */
const checkout: Partial<Policy> = {
  flows: [
    flow({
      workflow: 'checkout',
      startsWith: 'order.placed',
      ends: [
        { event: 'order.shipped', outcome: 'completed' },
        { event: 'order.cancelled', outcome: 'cancelled' },
      ],
      expects: [
        {
          after: 'payment.captured',
          event: 'stock.reserved',
          by: 'inventory',
          withinMs: 30 * SECOND,
        },
      ],
    }),
  ],
};
const within30Minutes: Partial<Policy> = {
  flows: [flow({ workflow: 'checkout', startsWith: 'order.placed', deadlineMs: 30 * MINUTE })],
};
const fanOut: Partial<Policy> = {
  flows: [
    flow({
      workflow: 'checkout',
      startsWith: 'order.placed',
      ends: [{ event: 'order.shipped', outcome: 'completed' }],
      expects: ['payments', 'mailer'].map((by) => ({
        after: 'order.placed',
        event: null,
        by,
        withinMs: 30 * SECOND,
      })),
    }),
  ],
};

function send(line: Storyline, type: string, options: { by: string; at: number }) {
  return line.send({ ...options, type, to: 'orders' });
}

/** Placed by the shop, captured by payments: the payment is 1 s after the order. */
function captured(line: Storyline, at = 0) {
  const placed = send(line, 'order.placed', { by: 'shop', at });
  const taken = line.take(placed, { by: 'payments', at: at + 100 });
  const paid = { by: 'payments', at: at + 1 * SECOND, inside: taken };
  return line.send({ ...paid, type: 'payment.captured', to: 'orders' });
}

function reserved(line: Storyline, at = 0, delay = 500) {
  const taken = line.take(captured(line, at), { by: 'inventory', at: at + 1 * SECOND + 100 });
  const done = { by: 'inventory', at: at + 1 * SECOND + delay, inside: taken };
  const stock = line.send({ ...done, type: 'stock.reserved', to: 'orders' });
  line.take(stock, { by: 'shipping', at: at + 1 * SECOND + delay + 100 });
  return stock;
}

interface Row {
  readonly name: string;
  readonly policy?: Partial<Policy>;
  readonly story: (begin: Begin) => void;
  /** Milliseconds after the story's start. */
  readonly judged?: number;
  /** Rule → verdict and number of runs. Every rule that is not named here is silent. */
  readonly says: Partial<Record<Rule, string>>;
  readonly words?: readonly string[];
}

const ROWS: readonly Row[] = [
  {
    name: 'before deadline and grace are over, nothing is said',
    policy: checkout,
    story: (begin) => void captured(begin(1)),
    judged: 9 * SECOND,
    says: {},
  },
  {
    name: 'deadline passed, grace not: nothing is said of the run',
    policy: { ...checkout, noConsumerExpected: ['payment.*'] },
    story: (begin) => void captured(begin(1)),
    judged: 40 * SECOND,
    says: {},
  },
  {
    name: 'nobody took the message and nobody ever did: the consumer is absent, and missing',
    policy: checkout,
    story: (begin) => void captured(begin(1)),
    says: { 'stalled-run': 'consumer-absent × 1', 'missing-consumer': 'consumer-absent × 1' },
    words: ['stopped 14 min ago after payment.captured', 'inventory has not read it', 'Next: '],
  },
  {
    name: 'thirty runs behind one missing consumer are one finding of each rule',
    policy: checkout,
    story: (begin) => {
      for (let i = 1; i <= 30; i++) captured(begin(i), i * SECOND);
    },
    says: { 'stalled-run': 'consumer-absent × 30', 'missing-consumer': 'consumer-absent × 30' },
    words: ['29 other runs wait at the same place'],
  },
  {
    name: 'the consumer passed others and then fell silent: gone for this run and for all',
    policy: checkout,
    story: (begin) => {
      for (let i = 1; i <= 5; i++) reserved(begin(i), i * SECOND);
      for (let i = 6; i <= 8; i++) captured(begin(i), i * MINUTE);
    },
    says: {
      'stalled-run': 'consumer-absent × 3',
      'missing-consumer': 'consumer-absent × 3',
      'stopped-consumer': 'consumer-absent × 3',
    },
    words: ['usual wait 0.5 s (5 runs)', 'inventory did until then (5 taken)'],
  },
  {
    name: 'later runs passed: this message was lost, the consumer is well',
    policy: checkout,
    story: (begin) => {
      captured(begin(1));
      for (let i = 2; i <= 5; i++) reserved(begin(i), i * SECOND);
    },
    says: { 'stalled-run': 'telemetry-gap × 1' },
    words: ['though later runs passed'],
  },
  {
    name: 'the consumer takes older ones still: the queue lags',
    policy: { ...checkout, noConsumerExpected: ['stock.*'] },
    story: (begin) => {
      const line = begin(1);
      const taken = line.take(captured(line), { by: 'inventory', at: 13 * MINUTE });
      const done = { by: 'inventory', at: 13 * MINUTE + 10, inside: taken };
      line.send({ ...done, type: 'stock.reserved', to: 'orders' });
      captured(begin(2), 1 * SECOND);
    },
    says: { 'stalled-run': 'queue-lag × 1', 'deadline-missed': 'null × 1' },
    judged: 14 * MINUTE,
    words: ['it last took payment.captured 1 min ago'],
  },
  {
    name: 'the handler reported itself a moment ago: in flight',
    policy: checkout,
    story: (begin) => {
      const line = begin(1);
      const takes = 14 * MINUTE;
      line.take(captured(line), { by: 'inventory', at: 2 * SECOND, takes, isPending: true });
    },
    says: { 'stalled-run': 'handler-in-flight × 1' },
    words: ['is still at it'],
  },
  {
    name: 'the handler reported itself once and never again: crashed',
    policy: checkout,
    story: (begin) => {
      const line = begin(1);
      line.take(captured(line), { by: 'inventory', at: 2 * SECOND, takes: 1_000, isPending: true });
    },
    says: { 'stalled-run': 'handler-crashed × 1' },
    words: ['has not been heard of for 14 min'],
  },
  {
    name: 'the handler failed and nothing came after it: retrying',
    policy: checkout,
    story: (begin) => {
      const line = begin(1);
      line.take(captured(line), { by: 'inventory', at: 2 * SECOND, error: 'no database' });
    },
    says: { 'stalled-run': 'retrying × 1' },
    words: ['inventory failed', 'no database'],
  },
  {
    name: 'the handler did its work and sent nothing: never sent',
    policy: checkout,
    story: (begin) => {
      const line = begin(1);
      line.take(captured(line), { by: 'inventory', at: 2 * SECOND });
    },
    says: { 'stalled-run': 'never-sent × 1' },
    words: ['inventory handled it and has not sent stock.reserved'],
  },
  {
    name: 'the handler said why it does not react',
    policy: checkout,
    story: (begin) => {
      const line = begin(1);
      const attributes = { 'throughline.skipped.reason': 'old catalogue' };
      line.take(captured(line), { by: 'inventory', at: 2 * SECOND, attributes });
    },
    says: { 'stalled-run': 'never-sent × 1' },
    words: ['decided not to react: old catalogue'],
  },
  {
    name: 'the handler put the message aside: dead-lettered, and a backlog',
    policy: checkout,
    story: (begin) => {
      const line = begin(1);
      line.take(captured(line), {
        by: 'inventory',
        at: 2 * SECOND,
        error: 'nack called on message without requeue',
      });
    },
    says: {
      'stalled-run': 'dead-lettered × 1',
      'dead-letter-backlog': 'dead-lettered × 1',
    },
  },
  {
    name: 'another reader put its copy aside: that is not why inventory waits',
    policy: checkout,
    story: (begin) => {
      const line = begin(1);
      const error = 'nack called on message without requeue';
      line.take(captured(line), { by: 'invoice', at: 2 * SECOND, error });
    },
    says: {
      'stalled-run': 'consumer-absent × 1',
      'dead-letter-backlog': 'dead-lettered × 1',
    },
  },
  {
    name: 'the broker returned the message: missing at once, whatever the grace',
    story: (begin) => {
      const attributes = { 'throughline.undeliverable': true };
      begin(1).send({ by: 'shop', type: 'order.placed', to: 'orders', at: 0, attributes });
    },
    judged: 100,
    says: { 'missing-consumer': 'consumer-absent × 1' },
    words: ['the broker returned 1 message of shop as undeliverable'],
  },
  {
    name: 'a reader of another type on an exchange does not take this one',
    story: (begin) => {
      const line = begin(1);
      const placed = send(line, 'order.placed', { by: 'shop', at: 0 });
      line.take(placed, { by: 'payments', at: 100 });
      send(line, 'order.audited', { by: 'shop', at: 200 });
    },
    says: { 'missing-consumer': 'consumer-absent × 1' },
    words: ['order.audited from orders'],
  },
  {
    name: 'a reader of a Kafka topic takes every type in it',
    story: (begin) => {
      const line = begin(1);
      const log = { by: 'shop', to: 'orders', system: 'kafka' };
      line.take(line.send({ ...log, type: 'order.placed', at: 0 }), { by: 'payments', at: 100 });
      line.send({ ...log, type: 'order.audited', at: 50 });
    },
    says: {},
  },
  {
    name: 'nobody is expected to read it: nothing is missing',
    policy: { noConsumerExpected: ['*.audited'] },
    story: (begin) => void send(begin(1), 'order.audited', { by: 'shop', at: 0 }),
    says: {},
  },
  {
    name: 'the event came after deadline and grace: missed, no longer stalled',
    policy: checkout,
    story: (begin) => void reserved(begin(1), 0, 5 * MINUTE),
    says: { 'deadline-missed': 'null × 1' },
    words: ['took 5 min', '30 s were declared'],
  },
  {
    name: 'the event came within the grace: nothing to say',
    policy: checkout,
    story: (begin) => void reserved(begin(1), 0, 35 * SECOND),
    says: {},
  },
  {
    name: 'the run was cancelled: its promises are cancelled with it',
    policy: { ...checkout, noConsumerExpected: ['*'] },
    story: (begin) => {
      const line = begin(1);
      captured(line);
      send(line, 'order.cancelled', { by: 'shop', at: 5 * SECOND });
    },
    says: {},
  },
  {
    name: 'the whole run passed its deadline',
    policy: { ...within30Minutes, noConsumerExpected: ['*'] },
    story: (begin) => {
      const line = begin(1);
      line.take(send(line, 'order.placed', { by: 'shop', at: 0 }), { by: 'payments', at: 100 });
    },
    judged: 45 * MINUTE,
    says: { 'stalled-run': 'never-sent × 1' },
    words: ['began 45 min ago and should have ended within 30 min'],
  },
  {
    name: 'a person has to decide: late against the declared deadline, but not stalled',
    policy: within30Minutes,
    story: (begin) => {
      const line = begin(1);
      const placed = send(line, 'order.placed', { by: 'shop', at: 0 });
      const inside = line.take(placed, { by: 'payments', at: 100 });
      const attributes = { 'throughline.step.kind': 'approval', 'throughline.pending': true };
      line.step({ by: 'payments', name: 'release amount', at: 200, inside, attributes });
    },
    judged: 45 * MINUTE,
    says: { 'deadline-missed': 'waiting-human × 1' },
    words: ['it waits for a decision, "release amount" in payments'],
  },
  {
    name: 'the decision had a deadline of its own',
    story: (begin) => {
      const attributes = {
        'throughline.step.kind': 'approval',
        'throughline.pending': true,
        'throughline.deadline_ms': 5 * MINUTE,
        'messaging.message.conversation_id': 'ord-1',
      };
      begin(1).step({ by: 'payments', name: 'release amount', at: 0, attributes });
    },
    says: { 'stalled-run': 'waiting-human × 1' },
    words: ['5 min were allowed'],
  },
  {
    name: 'a step announced what should follow, by when',
    story: (begin) => {
      const attributes = {
        'throughline.expects': ['parcel.delivered'],
        'throughline.deadline_ms': 60_000,
        'messaging.message.conversation_id': 'ord-1',
      };
      const line = begin(1);
      line.step({ by: 'shipping', name: 'hand over', at: 0, attributes });
      line.step({
        by: 'shipping',
        name: 'label',
        at: 10,
        attributes: { 'messaging.message.conversation_id': 'ord-1', 'throughline.pending': true },
      });
    },
    says: { 'stalled-run': 'never-sent × 1' },
    words: ['stopped 14 min ago after hand over', 'parcel.delivered'],
  },
  {
    name: 'a call is not answered: waiting for another system',
    policy: checkout,
    story: (begin) => {
      const line = begin(1);
      const placed = send(line, 'order.placed', { by: 'shop', at: 0 });
      const taken = line.take(placed, { by: 'payments', at: 100 });
      line.step({
        by: 'payments',
        name: 'POST /charge',
        kind: 'client',
        at: 150,
        inside: taken,
        attributes: {
          'http.request.method': 'POST',
          'server.address': 'bank.example',
          'throughline.pending': true,
          'throughline.deadline_ms': 60_000,
        },
      });
    },
    says: { 'stalled-run': 'waiting-external × 1' },
    words: ['payments waits for an answer of bank.example'],
  },
  {
    name: 'one of two declared subscribers did not react, in a run that goes on',
    policy: fanOut,
    story: (begin) => {
      const line = begin(1);
      line.take(send(line, 'order.placed', { by: 'shop', at: 0 }), { by: 'payments', at: 100 });
    },
    says: { 'stalled-run': 'consumer-absent × 1', 'incomplete-fanout': 'null × 1' },
    words: ['mailer did not react to order.placed', 'though payments did'],
  },
  {
    name: 'one of two declared subscribers did not react, and the run is complete',
    policy: { ...fanOut, noConsumerExpected: ['order.shipped'] },
    story: (begin) => {
      const line = begin(1);
      const placed = send(line, 'order.placed', { by: 'shop', at: 0 });
      line.take(placed, { by: 'payments', at: 100 });
      send(line, 'order.shipped', { by: 'shop', at: 2 * SECOND });
    },
    says: { 'incomplete-fanout': 'null × 1' },
  },
  {
    name: 'a run failed, twice for the same reason',
    story: (begin) => {
      for (const number of [1, 2]) {
        begin(number).step({
          by: 'intake',
          name: 'score candidate',
          at: number,
          error: `candidate ${number} has no CV`,
          attributes: {
            'messaging.message.conversation_id': `ord-${number}`,
            'throughline.outcome': 'failed',
          },
        });
      }
    },
    says: { 'failed-run': 'null × 2' },
    words: ['at "score candidate" in intake', '1 other run failed the same way'],
  },
  {
    name: 'five deliveries failed, and a sixth would: the message is poison',
    story: (begin) => {
      const line = begin(1);
      const placed = send(line, 'order.placed', { by: 'shop', at: 0 });
      for (let attempt = 1; attempt <= 5; attempt++) {
        const error = 'cannot read properties of undefined';
        line.take(placed, { by: 'payments', at: attempt * SECOND, attempt, error });
      }
    },
    says: { 'poison-message': 'null × 1' },
    words: ['has failed payments 5 times'],
  },
  {
    name: 'a step is tried again and again without success',
    story: (begin) => {
      const line = begin(1);
      const placed = send(line, 'order.placed', { by: 'shop', at: 0 });
      const inside = line.take(placed, { by: 'payments', at: 100, takes: 60 * SECOND });
      for (let attempt = 1; attempt <= 5; attempt++) {
        line.step({ by: 'payments', name: 'charge', at: attempt * SECOND, inside, error: 'busy' });
      }
    },
    says: { 'retry-storm': 'null × 1' },
    words: ['payments has tried "charge"', '5 times in a row'],
  },
];

describe('at one instant, every rule says what it should and nothing else', () => {
  test.each(ROWS)('$name', ({ policy = {}, story, judged = 14 * MINUTE + 1_000, ...row }) => {
    const findings = judgedOnce(staged(policy, story), judged);
    const sentences = findings.map(({ sentence }) => sentence).join('\n');
    const said = findings.map((found) => [
      found.rule,
      `${String(found.verdict)} × ${found.runsAffected}`,
    ]);
    expect(Object.fromEntries(said), sentences).toEqual(row.says);
    expect(said.length, sentences).toBe(Object.keys(row.says).length);
    for (const word of row.words ?? []) expect(sentences).toContain(word);
  });
});

describe('sweeping as time goes by', () => {
  const stories = ROWS.map(({ policy = {}, story }) => staged(policy, story));

  test('ends where a single sweep at the last instant ends', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...stories),
        fc.infiniteStream(fc.nat()),
        fc.array(fc.integer({ min: 0, max: 14 * MINUTE }), { maxLength: 30 }),
        (stage, chance, instants) => {
          const detector = new Detector(stage.policy, new Map());
          const draw = (): number => chance.next().value ?? 0;
          for (const ms of [...instants].sort((a, b) => a - b)) {
            const run = stage.runs[draw() % stage.runs.length];
            if (run !== undefined) feed(detector, [run], atMs(ms));
            detector.sweep(atMs(ms));
          }
          feed(detector, stage.runs, atMs(14 * MINUTE));
          detector.keysDemoted(stage.stitcher.coarseKeys());
          detector.sweep(atMs(14 * MINUTE));
          // Long after, so that whatever was left for later has been worded anew.
          detector.sweep(atMs(15 * MINUTE));
          const gist = (found: ReturnType<typeof openOf>) =>
            found.map(({ id, verdict, runIds, sinceNs, sentence }) => ({
              id,
              verdict,
              runIds,
              sinceNs,
              sentence,
            }));
          expect(gist(openOf(detector))).toEqual(gist(judgedOnce(stage, 15 * MINUTE)));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('opens a stall by time alone, and closes it when the event comes at last', () => {
    const before = staged(checkout, (begin) => void captured(begin(1)));
    const after = staged(checkout, (begin) => void reserved(begin(1), 0, 60 * SECOND));
    const detector = new Detector(before.policy, new Map());
    feed(detector, before.runs, atMs(2 * SECOND));
    expect(detector.sweep(atMs(2 * SECOND)).opened).toEqual([]);
    const opened = detector.sweep(atMs(41 * SECOND)).opened.map(({ rule }) => rule);
    expect(opened.sort()).toEqual(['missing-consumer', 'stalled-run']);
    const [stalled] = openOf(detector).filter(({ rule }) => rule === 'stalled-run');
    expect(stalled?.openedAtNs).toBe(atMs(41 * SECOND));
    expect(detector.promises(stalled?.runIds[0] as never)).toMatchObject([
      { what: 'stock.reserved', by: 'inventory', state: 'overdue', dueAtNs: atMs(31 * SECOND) },
    ]);
    feed(detector, after.runs, atMs(70 * SECOND));
    const changes = detector.sweep(atMs(70 * SECOND));
    expect(changes.closed.map(({ rule }) => rule).sort()).toEqual([
      'missing-consumer',
      'stalled-run',
    ]);
    expect(changes.closed.every(({ closedAtNs }) => closedAtNs === atMs(70 * SECOND))).toBe(true);
    expect(openOf(detector).map(({ rule }) => rule)).toEqual(['deadline-missed']);
  });

  test('costs nothing for what neither changed nor is due', () => {
    const stage = staged(checkout, (begin) => {
      for (let i = 1; i <= 200; i++) reserved(begin(i), i);
    });
    const detector = new Detector(stage.policy, new Map());
    feed(detector, stage.runs, atMs(MINUTE));
    detector.sweep(atMs(MINUTE));
    const startedMs = performance.now();
    for (let i = 0; i < 10_000; i++) detector.sweep(atMs(MINUTE + i));
    expect(performance.now() - startedMs).toBeLessThan(500);
  });
});
