import { flow, policy } from '@throughline/fixtures/build/policy';
import { describe, expect, test } from 'vitest';
import type { Policy } from '@throughline/model/policy';
import { MINUTE, SECOND } from './acts.js';
import { watchOrders, type OrderDay } from './healthy-orders.js';

const RULES = ['stalled-run', 'incomplete-fanout'];
const withinMs = 30 * SECOND;
const declared = policy({
  flows: [
    flow({
      workflow: 'orders',
      startsWith: 'order.placed',
      expects: [
        { after: 'order.placed', event: null, by: 'payments', withinMs },
        { after: 'order.placed', event: null, by: 'mailer', withinMs },
        { after: 'payment.captured', event: 'stock.reserved', by: 'inventory', withinMs },
        { after: 'stock.reserved', event: null, by: 'shipping', withinMs },
      ],
    }),
  ],
});

const lossy: OrderDay = {
  seed: 'lossy',
  orders: 1_200,
  everyMs: SECOND,
  giftShare: 0.5,
  lostShare: 0.01,
  lostRoles: 'all',
};

function affectedBy(day: OrderDay, rules: Policy) {
  const { opened, detector } = watchOrders(day, rules, 3 * MINUTE);
  const found = opened.filter(({ finding }) => RULES.includes(finding.rule));
  const open = detector
    .findings()
    .filter(({ rule, state }) => RULES.includes(rule) && state !== 'closed');
  return { found, runs: new Set(open.flatMap(({ runIds }) => runIds)) };
}

describe('one in a hundred spans is lost, and all that should follow is declared', () => {
  test('and at most one order in a thousand is left said to miss anything', () => {
    expect(affectedBy(lossy, declared).runs.size).toBeLessThanOrEqual(1);
    // Too few to know of any loss: what is declared is believed to the letter.
    const few = { ...lossy, orders: 95, lostShare: 0.1 };
    expect(affectedBy(few, declared).runs.size).toBeGreaterThan(10);
  }, 120_000);

  test('and yet a mailer that stops is found', () => {
    const from = 1_000;
    const mailLost = new Set(Array.from({ length: lossy.orders - from }, (_, at) => from + at));
    const { found } = affectedBy({ ...lossy, mailLost }, declared);
    const mailer = found.filter(
      ({ finding, atMs }) =>
        finding.where === 'order.placed → mailer' && atMs > (from + 30) * SECOND,
    );
    expect(mailer[0]?.atMs).toBeLessThan((from + 120) * SECOND);
  }, 120_000);
});

test('what is declared is believed to the letter while no spans get lost', () => {
  const day = { ...lossy, lostShare: 0, orders: 300, mailLost: new Set([250]) };
  expect(affectedBy(day, declared).runs.size).toBe(1);
}, 60_000);
