import { flow } from '@throughline/fixtures/build/policy';
import type { Storyline } from '@throughline/fixtures/build/storyline';
import type { Policy } from '@throughline/model/policy';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;

/** After payment.captured, inventory reserves the stock within 30 s. */
export const checkout: Partial<Policy> = {
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
export const within30Minutes: Partial<Policy> = {
  flows: [flow({ workflow: 'checkout', startsWith: 'order.placed', deadlineMs: 30 * MINUTE })],
};
export const fanOut: Partial<Policy> = {
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

export function send(line: Storyline, type: string, options: { by: string; at: number }) {
  return line.send({ ...options, type, to: 'orders' });
}

/** Placed by the shop, captured by payments: the payment is 1 s after the order. */
export function captured(line: Storyline, at = 0) {
  const placed = send(line, 'order.placed', { by: 'shop', at });
  const taken = line.take(placed, { by: 'payments', at: at + 100 });
  const paid = { by: 'payments', at: at + 1 * SECOND, inside: taken };
  return line.send({ ...paid, type: 'payment.captured', to: 'orders' });
}

export function reserved(line: Storyline, at = 0, delay = 500) {
  const taken = line.take(captured(line, at), { by: 'inventory', at: at + 1 * SECOND + 100 });
  const done = { by: 'inventory', at: at + 1 * SECOND + delay, inside: taken };
  const stock = line.send({ ...done, type: 'stock.reserved', to: 'orders' });
  line.take(stock, { by: 'shipping', at: at + 1 * SECOND + delay + 100 });
  return stock;
}
