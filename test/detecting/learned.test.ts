import { flow, policy } from '@throughline/fixtures/build/policy';
import type { Run } from '@throughline/model/run';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Detector } from '../../collector/src/detect/detector.js';
import { MINUTE, SECOND } from './acts.js';
import { watchOrders, type OrderDay } from './healthy-orders.js';
import { atMs, feed, openOf } from './stage.js';

const undeclared = policy();

const healthy: OrderDay = { seed: 'healthy', orders: 2_000, everyMs: SECOND, giftShare: 0.5 };

describe('2,000 healthy orders without any declared flow', () => {
  const { opened, detector } = watchOrders(healthy, undeclared, 10 * MINUTE);

  test('raise nothing, though spans come late, twice and out of order', () => {
    expect(opened.map(({ finding }) => finding.sentence)).toEqual([]);
  });

  test('teach who reacts to what, and how soon', () => {
    const learned = detector
      .reactions('order.placed')
      .map(({ after, by, what, state }) => `${after} → ${by ?? ''} ${what}: ${state}`);
    expect(learned).toEqual(
      expect.arrayContaining([
        'order.placed → payments takes order.placed: learned',
        'order.placed → mailer takes order.placed: learned',
        'order.placed → gifts takes order.placed: uncertain',
        'order.placed → payments payment.captured: learned',
        'payment.captured → inventory takes payment.captured: learned',
        'payment.captured → inventory stock.reserved: learned',
        'stock.reserved → shipping takes stock.reserved: learned',
      ]),
    );
  });
});

describe('a consumer that stops reacting', () => {
  test.each([30, 500])('is found within twice the learned deadline after %i orders', (orders) => {
    const diesAtMs = orders * SECOND;
    const day = { ...healthy, seed: 'dies', orders: orders + 60, inventoryDiesAtMs: diesAtMs };
    const { opened, detector } = watchOrders(day, undeclared, 30 * SECOND);
    // Who overtook another just before the end makes the other look passed by; that is a finding of its own.
    const absent = opened.filter(
      ({ finding: { rule, verdict } }) => rule === 'stalled-run' && verdict === 'consumer-absent',
    );
    expect(absent.map(({ finding }) => finding.where)).toEqual(['payment.captured → inventory']);
    const [first] = absent;
    expect(first?.finding.sentence).toContain('inventory has not read it');
    const reaction = detector
      .reactions('order.placed')
      .find(({ what, by }) => what === 'takes payment.captured' && by === 'inventory');
    const { graceMs } = undeclared.detect.stalled;
    const allowedMs = 2 * ((reaction?.deadlineMs ?? 0) + graceMs);
    expect(first?.atMs).toBeGreaterThan(diesAtMs);
    expect((first?.atMs ?? Infinity) - diesAtMs).toBeLessThanOrEqual(allowedMs);
  });
});

describe('what was learned', () => {
  const day = { ...healthy, seed: 'few', orders: 60, inventoryDiesAtMs: 45 * SECOND };
  const { stitcher } = watchOrders(day, undeclared, 30 * SECOND);
  const runs = [...stitcher.ids()].map((id) => stitcher.run(id) as Run);
  const judge = (order: readonly Run[], rules = undeclared) => {
    const detector = new Detector(rules, new Map());
    feed(detector, order, atMs(2 * MINUTE));
    detector.sweep(atMs(2 * MINUTE));
    return detector;
  };
  const stalled = (detector: Detector) =>
    openOf(detector).filter(({ rule }) => rule === 'stalled-run');

  test('is the same in whatever order the runs came', () => {
    const first = judge(runs);
    expect(stalled(first)).toHaveLength(1);
    const reactions = first.reactions('order.placed').map((each) => JSON.stringify(each));
    fc.assert(
      fc.property(fc.shuffledSubarray(runs, { minLength: runs.length }), (order) => {
        const other = judge([...order, ...order.slice(0, 10)]);
        expect(openOf(other)).toEqual(openOf(first));
        expect(
          other
            .reactions('order.placed')
            .map((each) => JSON.stringify(each))
            .sort(),
        ).toEqual([...reactions].sort());
        for (const { id } of order) {
          const unkept = (detector: Detector) => detector.openPromises(id);
          expect(unkept(other)).toEqual(unkept(first));
        }
      }),
      { numRuns: 20 },
    );
  });

  test('shows on the promises of a run, with its origin and how much it was learned from', () => {
    const detector = judge(runs);
    const [finding] = stalled(detector);
    const [overdue] = detector
      .openPromises(finding?.runIds[0] as never)
      .filter(({ state }) => state === 'overdue');
    expect(overdue).toMatchObject({
      what: 'takes payment.captured',
      by: 'inventory',
      origin: 'learned',
    });
    expect(overdue?.sampleCount).toBeGreaterThanOrEqual(20);
    const said = finding?.evidence.map(({ text }) => text).join();
    expect(said).toContain(`learned from ${String(overdue?.sampleCount)} runs`);
  });

  test('gives way to what the flow declares of the same reaction', () => {
    const expects = [
      { after: 'payment.captured', event: null, by: 'inventory', withinMs: 2 * SECOND },
    ];
    const flows = [flow({ workflow: 'order.placed', startsWith: 'order.placed', expects })];
    const detector = judge(runs, policy({ flows }));
    const found = stalled(detector);
    expect(found).toHaveLength(1);
    expect(found[0]?.evidence.map(({ text }) => text).join()).toContain('declared: takes');
    const origins = detector
      .openPromises(found[0]?.runIds[0] as never)
      .filter(({ by, what }) => by === 'inventory' && what.startsWith('takes'))
      .map(({ origin }) => origin);
    expect(origins).toEqual(['declared']);
  });

  test('promises nothing below the minimum sample, nor when it is switched off', () => {
    const many = { ...undeclared.detect.stalled, minSamples: 50 };
    expect(
      stalled(judge(runs, { ...undeclared, detect: { ...undeclared.detect, stalled: many } })),
    ).toEqual([]);
    const learning = judge(runs, { ...undeclared, detect: { ...undeclared.detect, stalled: many } })
      .reactions('order.placed')
      .filter(({ by }) => by === 'inventory')
      .map(({ state }) => state);
    expect(learning).toEqual(['learning', 'learning']);
    const off = judge(runs, { ...undeclared, detect: { ...undeclared.detect, learn: false } });
    expect(stalled(off)).toEqual([]);
    expect(off.reactions('order.placed')).toEqual([]);
  });

  test('begins anew from the instant that an operator sets', () => {
    const learnSinceNs = atMs(40 * SECOND);
    const detector = judge(runs, { ...undeclared, detect: { ...undeclared.detect, learnSinceNs } });
    expect(stalled(detector)).toEqual([]);
    const states = detector
      .reactions('order.placed')
      .filter(({ by }) => by === 'inventory')
      .map(({ state }) => state);
    expect(new Set(states)).toEqual(new Set(['learning']));
  });

  test('is taken back with the runs that taught it', () => {
    const detector = judge(runs);
    for (const { id } of runs) detector.runGone(id);
    detector.sweep(atMs(3 * MINUTE));
    expect(detector.reactions('order.placed')).toEqual([]);
    expect(openOf(detector)).toEqual([]);
  });

  test('outlives hours of silence of the one that stopped', () => {
    const detector = judge(runs);
    for (let hour = 1; hour <= 23; hour += 1) detector.sweep(atMs(hour * 60 * MINUTE));
    expect(stalled(detector)).toHaveLength(1);
    expect(stalled(detector)[0]?.runsAffected).toBe(stalled(judge(runs))[0]?.runsAffected);
  });
});

test('a mail that one order of 300 never led to is missing from its fan-out', () => {
  const day = { ...healthy, seed: 'mail', orders: 300, mailLost: new Set([250]) };
  const { opened } = watchOrders(day, undeclared, MINUTE);
  const fanout = opened.filter(({ finding }) => finding.rule === 'incomplete-fanout');
  expect(fanout.map(({ finding }) => [finding.where, finding.runsAffected])).toEqual([
    ['order.placed → mailer', 1],
  ]);
});

describe('one in a hundred spans of any kind is lost on its way', { timeout: 180_000 }, () => {
  const rules = ['stalled-run', 'incomplete-fanout', 'missing-consumer', 'stopped-consumer'];
  const lossy: OrderDay = {
    ...healthy,
    seed: 'lossy',
    orders: 1_200,
    lostShare: 0.01,
    lostRoles: 'all',
  };
  const affectedBy = (day: OrderDay) => {
    const { opened } = watchOrders(day, undeclared, 2 * MINUTE);
    return opened.filter(({ finding }) => rules.includes(finding.rule));
  };

  test('and at most one order in a thousand is said to miss anything', () => {
    const affected = new Set(affectedBy(lossy).flatMap(({ finding }) => finding.runIds));
    // About fifty of these orders lack the one span that shows a reaction.
    expect(affected.size).toBeLessThanOrEqual(1);
  });

  test('and yet a mailer that stops is found, though one span is all that it ever showed', () => {
    const from = 1_000;
    const mailLost = new Set(Array.from({ length: lossy.orders - from }, (_, at) => from + at));
    const found = affectedBy({ ...lossy, mailLost });
    const mailer = found.filter(({ finding }) => finding.where === 'order.placed → mailer');
    expect(mailer.length).toBeGreaterThan(0);
    expect(mailer[0]?.atMs).toBeLessThan((from + 60) * SECOND);
  });

  test('and yet an inventory that stops is found, since the run stands still behind it', () => {
    const day = { ...lossy, orders: 500, inventoryDiesAtMs: 450 * SECOND };
    const absent = affectedBy(day).filter(
      ({ finding }) => finding.where === 'payment.captured → inventory',
    );
    expect(absent.length).toBeGreaterThan(0);
    expect(absent[0]?.atMs).toBeLessThan(480 * SECOND);
  });
});
