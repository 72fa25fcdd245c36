import { describe, expect, it } from 'vitest';
import { liesIn, matchesWords } from './broker.js';

describe('a pattern of words', () => {
  it.each([
    ['orders', 'orders', true],
    ['orders', 'orders.placed', false],
    ['orders.*', 'orders.placed', true],
    ['orders.*', 'orders', false],
    ['orders.*', 'orders.eu.placed', false],
    ['orders.**', 'orders.eu.placed', true],
    ['orders.**', 'orders', true],
    ['**.placed', 'orders.eu.placed', true],
    ['**.placed', 'orders.eu.shipped', false],
    ['**.eu.**', 'eu', true],
    ['**', '', true],
    ['*.**.*', 'one', false],
    ['*.**.*', 'one.two', true],
  ])('%s stands for %s: %s', (pattern, name, fits) => {
    expect(matchesWords(pattern, name)).toBe(fits);
  });

  it('costs no more for a name that nearly fits again and again', () => {
    const pattern = `${'**.a.'.repeat(30)}b`;
    expect(matchesWords(pattern, 'a.'.repeat(2_000))).toBe(false);
  });
});

describe('a message', () => {
  const queue = {
    system: 'rabbitmq',
    name: 'billing',
    fedBy: [{ destination: 'orders', type: 'order.*' }],
  };
  it.each([
    ['sent to the queue itself', 'rabbitmq', 'billing', 'anything', true],
    [
      'sent to its exchange with a key that it is bound by',
      'rabbitmq',
      'orders',
      'order.placed',
      true,
    ],
    ['of another type', 'rabbitmq', 'orders', 'refund.placed', false],
    ['of a type unknown', 'rabbitmq', 'orders', null, true],
    ['of another broker', 'kafka', 'billing', null, false],
  ])('%s', (_what, system, destination, type, lies) => {
    expect(liesIn(queue, { system, destination, type })).toBe(lies);
  });
});
