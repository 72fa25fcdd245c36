import type { SentMessage } from '@throughline/fixtures/build/message';
import type { Storyline } from '@throughline/fixtures/build/storyline';
import type { Policy } from '@throughline/model/policy';
import { SECOND, send } from './acts.js';
import type { Row } from './row.js';

const quiet: Partial<Policy> = { noConsumerExpected: ['*'] };

interface Taking {
  readonly at: number;
  readonly attempt?: number;
  readonly error?: string;
  readonly messageId?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Payments takes the order and captures the money. */
function capture(line: Storyline, placed: SentMessage, taking: Taking): void {
  const { messageId, ...take } = taking;
  const inside = line.take(placed, { by: 'payments', ...take });
  const paid = { by: 'payments', at: taking.at + 5, inside, to: 'orders' };
  line.send({ ...paid, type: 'payment.captured', ...(messageId && { messageId }) });
}

/** Two services hand one order to and fro. */
function pingPong(line: Storyline, rounds: number, hash: (round: number) => string): void {
  let order = send(line, 'order.updated', { by: 'shop', at: 0 });
  for (let round = 1; round < rounds; round++) {
    const at = round * SECOND;
    const stocking = line.take(order, { by: 'stock', at });
    const told = { by: 'stock', at: at + 10, inside: stocking, to: 'stocks' };
    const stock = line.send({ ...told, type: 'stock.updated' });
    const shopping = line.take(stock, { by: 'shop', at: at + 100 });
    const again = { by: 'shop', at: at + 110, inside: shopping, to: 'orders' };
    const attributes = { 'throughline.payload.hash': hash(round) };
    order = line.send({ ...again, type: 'order.updated', attributes });
  }
}

/** The same again: effects, and messages that cause themselves. */
export const REPEAT_ROWS: readonly Row[] = [
  {
    name: 'one message was handled twice with success, and the money captured twice',
    policy: quiet,
    story: (begin) => {
      const line = begin(1);
      const placed = send(line, 'order.placed', { by: 'shop', at: 0 });
      capture(line, placed, { at: 100 });
      capture(line, placed, { at: 5 * SECOND, attempt: 2 });
    },
    says: { 'duplicate-effect': 'null × 1' },
    words: ['payments handled order.placed of', '2 times', 'led to payment.captured to orders'],
  },
  {
    name: 'the second delivery was recognised: no second effect',
    policy: quiet,
    story: (begin) => {
      const line = begin(1);
      const placed = send(line, 'order.placed', { by: 'shop', at: 0 });
      capture(line, placed, { at: 100 });
      line.take(placed, { by: 'payments', at: 5 * SECOND, attempt: 2 });
    },
    says: {},
  },
  {
    name: 'the first handling failed after sending: what came then is a retry',
    policy: quiet,
    story: (begin) => {
      const line = begin(1);
      const placed = send(line, 'order.placed', { by: 'shop', at: 0 });
      capture(line, placed, { at: 100, error: 'connection lost' });
      capture(line, placed, { at: 5 * SECOND, attempt: 2 });
    },
    says: {},
  },
  {
    name: 'two subscriptions of one service each have their own effect',
    policy: quiet,
    story: (begin) => {
      const line = begin(1);
      const placed = send(line, 'order.placed', { by: 'shop', at: 0 });
      for (const [at, group] of ['cards', 'vouchers'].entries()) {
        const attributes = { 'messaging.consumer.group.name': group };
        capture(line, placed, { at: 100 + at * 2 * SECOND, attributes });
      }
    },
    says: {},
  },
  {
    name: 'the effect was sent again under its own id: whoever reads it can tell',
    policy: quiet,
    story: (begin) => {
      const line = begin(1);
      const placed = send(line, 'order.placed', { by: 'shop', at: 0 });
      capture(line, placed, { at: 100, messageId: 'paid-1' });
      capture(line, placed, { at: 5 * SECOND, attempt: 2, messageId: 'paid-1' });
    },
    says: {},
  },
  {
    name: 'two messages of one type led to one effect each',
    policy: quiet,
    story: (begin) => {
      const line = begin(1);
      for (const at of [0, 5 * SECOND]) {
        capture(line, send(line, 'order.placed', { by: 'shop', at }), { at: at + 100 });
      }
    },
    says: {},
  },
  {
    name: 'the same request was made twice for one message',
    policy: quiet,
    story: (begin) => {
      const line = begin(1);
      const placed = send(line, 'order.placed', { by: 'shop', at: 0 });
      for (const [at, attempt] of [
        [100, 1],
        [5_000, 2],
      ] as const) {
        const inside = line.take(placed, { by: 'payments', at, attempt });
        line.call({ by: 'payments', to: 'bank', name: 'charge', at: at + 2, inside });
      }
    },
    says: { 'duplicate-effect': 'null × 1' },
    words: ['POST /charge of bank'],
  },
  {
    name: 'four times round with the same content: a cycle',
    policy: quiet,
    story: (begin) => pingPong(begin(1), 4, () => 'same'),
    says: { 'event-cycle': 'null × 1' },
    words: ['of ', 'causes itself', 'shop and stock'],
  },
  {
    name: 'twice round is no cycle yet',
    policy: quiet,
    story: (begin) => pingPong(begin(1), 2, () => 'same'),
    says: {},
  },
  {
    name: 'a talk whose content changes every time may take a few rounds',
    policy: quiet,
    story: (begin) => pingPong(begin(1), 6, (round) => `hash ${round}`),
    says: {},
  },
  {
    name: 'it changes every time, and does not end',
    policy: quiet,
    story: (begin) => pingPong(begin(1), 14, (round) => `hash ${round}`),
    says: { 'event-cycle': 'null × 1' },
  },
  {
    name: 'a service hands itself page after page: it gets on',
    policy: quiet,
    story: (begin) => {
      const line = begin(1);
      let page = send(line, 'page.wanted', { by: 'crawler', at: 0 });
      for (let at = SECOND; at < 20 * SECOND; at += SECOND) {
        const inside = line.take(page, { by: 'crawler', at });
        page = line.send({ by: 'crawler', type: 'page.wanted', to: 'orders', at: at + 5, inside });
      }
    },
    says: {},
  },
];
