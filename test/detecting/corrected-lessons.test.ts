import { policy } from '@throughline/fixtures/build/policy';
import type { Correction } from '@throughline/model/correction';
import type { Run } from '@throughline/model/run';
import { describe, expect, test } from 'vitest';
import { Detector } from '../../collector/src/detect/detector.js';
import { MINUTE, SECOND } from './acts.js';
import { watchOrders } from './healthy-orders.js';
import { atMs, feed, openOf } from './stage.js';

const day = { seed: 'few', orders: 60, everyMs: SECOND, inventoryDiesAtMs: 45 * SECOND };
const { stitcher } = watchOrders(day, policy(), 30 * SECOND);
const runs = [...stitcher.ids()].map((id) => stitcher.run(id) as Run);
const NOW = atMs(2 * MINUTE);

function judged(): Detector {
  const detector = new Detector(policy(), new Map());
  feed(detector, runs, NOW);
  detector.sweep(NOW);
  return detector;
}

function inventoryOf(detector: Detector) {
  return detector
    .reactions('order.placed')
    .find(({ by, what }) => by === 'inventory' && what === 'takes payment.captured');
}

function stalledOf(detector: Detector) {
  return openOf(detector).filter(({ where }) => where === 'payment.captured → inventory');
}

function said(about: Partial<Correction>, reaction: ReturnType<typeof inventoryOf>): Correction {
  const {
    id = '',
    kind = 'take',
    after = '',
    destination = '',
    what = '',
    by = null,
  } = reaction ?? {};
  return {
    workflow: 'order.placed',
    reaction: { id, kind, after, destination, what, by },
    forgottenBeforeNs: null,
    deadlineMs: null,
    isNotExpected: false,
    actor: 'ada',
    note: null,
    atNs: NOW,
    ...about,
  };
}

describe('what a person says over what was learned', () => {
  test('that a reaction need not follow closes what said that it is absent', () => {
    const detector = judged();
    expect(stalledOf(detector)).not.toEqual([]);
    detector.corrected([said({ isNotExpected: true }, inventoryOf(detector))]);
    detector.sweep(NOW);
    expect(stalledOf(detector)).toEqual([]);
    expect(inventoryOf(detector)).toMatchObject({ state: 'not-expected', share: 1 });
    detector.corrected([]);
    detector.sweep(NOW);
    expect(stalledOf(detector)).not.toEqual([]);
    expect(inventoryOf(detector)).toMatchObject({ state: 'learned', correction: null });
  });

  test('a deadline takes the place of the learned one, for runs that wait already', () => {
    const detector = judged();
    detector.corrected([said({ deadlineMs: 10 * MINUTE }, inventoryOf(detector))]);
    detector.sweep(NOW);
    expect(stalledOf(detector)).toEqual([]);
    expect(inventoryOf(detector)).toMatchObject({ state: 'learned', deadlineMs: 10 * MINUTE });
    detector.sweep(atMs(12 * MINUTE));
    expect(stalledOf(detector)).not.toEqual([]);
  });

  test('to forget a reaction leaves the others, and what comes later teaches it anew', () => {
    const detector = judged();
    const others = detector.reactions('order.placed').length;
    const forgottenBeforeNs = atMs(30 * SECOND);
    detector.corrected([said({ forgottenBeforeNs }, inventoryOf(detector))]);
    detector.sweep(NOW);
    expect(inventoryOf(detector)).toMatchObject({ state: 'learning' });
    expect(inventoryOf(detector)?.runs).toBeLessThan(20);
    expect(stalledOf(detector)).toEqual([]);
    expect(detector.reactions('order.placed')).toHaveLength(others);
  });

  test('to forget a workflow leaves nothing of it', () => {
    const detector = judged();
    detector.corrected([said({ reaction: null, forgottenBeforeNs: NOW }, undefined)]);
    detector.sweep(NOW);
    expect(detector.reactions('order.placed')).toEqual([]);
    expect(openOf(detector).filter(({ rule }) => rule === 'stalled-run')).toEqual([]);
  });

  test('holds for a detector that knew of it before it knew the runs', () => {
    const first = judged();
    const word = said({ isNotExpected: true }, inventoryOf(first));
    const detector = new Detector(policy(), new Map());
    detector.corrected([word]);
    feed(detector, runs, NOW);
    detector.sweep(NOW);
    expect(inventoryOf(detector)?.state).toBe('not-expected');
    expect(stalledOf(detector)).toEqual([]);
  });
});
