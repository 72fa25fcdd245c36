import { describe, expect, it } from 'vitest';
import { deliveryHistory } from './delivery-history.js';

let messages = 0;

function history(
  headers: Record<string, unknown>,
  isRedelivered = false,
  messageId: string | null = `m-${String(messages++)}`,
): ReturnType<typeof deliveryHistory> {
  return deliveryHistory({ queue: 'orders', headers, isRedelivered, messageId });
}

const death = (queue: string, count: number, reason = 'rejected'): unknown => ({
  queue,
  reason,
  count,
  exchange: '',
  'routing-keys': [queue],
});

describe('the number of a delivery', () => {
  it('is one when nothing says otherwise', () => {
    expect(history({})).toEqual({ delivery: 1, isRedelivered: false, deaths: null });
  });

  it('is the count of x-death plus one', () => {
    expect(history({ 'x-death': [death('orders', 2)] }).delivery).toBe(3);
  });

  it('counts the deaths in this queue, not those in the queue where it waited', () => {
    const headers = { 'x-death': [death('pause', 5, 'expired'), death('orders', 2)] };
    expect(history(headers).delivery).toBe(3);
  });

  it('counts what a quorum queue gave back', () => {
    expect(history({ 'x-delivery-count': 2 }, true).delivery).toBe(3);
    expect(history({ 'x-delivery-count': 1, 'x-death': [death('orders', 2)] }).delivery).toBe(4);
  });

  it('is at least two for a classic queue that gives a message back, and what this process saw', () => {
    expect(history({}, true).delivery).toBe(2);
    expect(history({}, false, 'again').delivery).toBe(1);
    expect(history({}, true, 'again').delivery).toBe(2);
    expect(history({}, true, 'again').delivery).toBe(3);
    expect(history({}, true, null).delivery).toBe(2);
  });

  it('survives headers that no broker wrote', () => {
    for (const wrong of ['x', 7, null, [null, 'x', {}, { queue: 1, reason: 2 }], [[[]]], {}]) {
      expect(history({ 'x-death': wrong, 'x-delivery-count': 'many' }).delivery).toBe(1);
    }
    expect(history({ 'x-death': [{ queue: 'q', reason: 'r', count: -4 }] }).delivery).toBe(2);
  });
});

it('the deaths of a message are told newest first, with place and reason, and not without end', () => {
  const deaths = [death('jobs', 1, 'delivery_limit'), death('first', 2)];
  expect(JSON.parse(history({ 'x-death': deaths }).deaths ?? '')).toEqual(deaths);
  const many = Array.from({ length: 50 }, (_, i) => death(`q${String(i)}`, 1));
  expect(JSON.parse(history({ 'x-death': many }).deaths ?? '')).toHaveLength(8);
});
