import type { SentMessage } from '@throughline/fixtures/build/message';
import type { Storyline } from '@throughline/fixtures/build/storyline';
import type { Policy } from '@throughline/model/policy';
import { captured, checkout, SECOND } from './acts.js';
import type { Row } from './row.js';

const quiet: Partial<Policy> = { ...checkout, noConsumerExpected: ['*'] };

/** The message as a consumer knows it that reads neither trace context nor message id. */
function stripped(sent: SentMessage, correlation: string | null): SentMessage {
  return { ...sent, correlation, messageId: `${sent.messageId}-unread`, context: null };
}

interface Half {
  readonly correlation: string | null;
  readonly by?: string;
  readonly hash?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** The other half of the run: what inventory makes of the payment, under its own key. */
function half(line: Storyline, sent: SentMessage, { correlation, ...rest }: Half): void {
  const { by = 'inventory', hash = 'other', attributes = {} } = rest;
  const known = { ...stripped(sent, correlation), payload: { hash, bytes: 200 } };
  const taken = line.take(known, { by, at: 1_800, context: 'lost', attributes });
  line.send({
    by,
    at: 1_900,
    inside: taken,
    type: 'stock.reserved',
    to: 'orders',
    correlation,
    attributes,
  });
}

/** The consumer did act, under a key that the waiting run does not have. */
export const KEY_ROWS: readonly Row[] = [
  {
    name: 'the consumer writes the key in capitals: two half runs',
    policy: quiet,
    story: (begin) => {
      const line = begin(8123);
      half(line, captured(line), { correlation: 'ORD-8123' });
    },
    says: { 'stalled-run': 'key-mismatch × 1' },
    words: [
      'inventory took payment.captured 0.8 s after that',
      'spells the key correlation "ORD-8123" where this run has correlation "ord-8123"',
      'let inventory hand the key on as it came in messaging.message.conversation_id',
    ],
  },
  {
    name: 'the consumer leaves the prefix out',
    policy: quiet,
    story: (begin) => {
      const line = begin(8123);
      half(line, captured(line), { correlation: '8123' });
    },
    says: { 'stalled-run': 'key-mismatch × 1' },
  },
  {
    name: 'the consumer has the same value as a key of another type: the configuration can mend it',
    policy: {
      ...quiet,
      keys: [{ attribute: 'order.ref', type: 'order', relation: 'same', services: ['inventory'] }],
    },
    story: (begin) => {
      const line = begin(8123);
      const attributes = { 'order.ref': 'ord-8123' };
      half(line, captured(line), { correlation: null, attributes });
    },
    says: { 'stalled-run': 'key-mismatch × 1' },
    words: ['add { attribute: order.ref, type: correlation, relation: same } to correlation.keys'],
  },
  {
    name: 'a new key altogether, and the message id tells that it is the same message',
    policy: quiet,
    story: (begin) => {
      const line = begin(8123);
      const paid = captured(line);
      const known = { ...paid, correlation: 'res-77', context: null };
      const taken = line.take(known, { by: 'inventory', at: 1_800, context: 'lost' });
      const stock = { type: 'stock.reserved', to: 'orders', correlation: 'res-77' };
      line.send({ by: 'inventory', at: 1_900, inside: taken, ...stock });
    },
    says: { 'stalled-run': 'key-mismatch × 1' },
    words: ['but under the key correlation "res-77" where this run has correlation "ord-8123"'],
  },
  {
    name: 'a new key altogether, and only the hash of the content tells that it is the same message',
    policy: quiet,
    story: (begin) => {
      const line = begin(8123);
      const paid = captured(line);
      half(line, paid, { correlation: 'res-77', hash: paid.payload.hash });
    },
    says: { 'stalled-run': 'key-mismatch × 1' },
    words: ['throughline.child_of.correlation'],
  },
  {
    name: 'the message was handled here, and the answer sent under a new key',
    policy: quiet,
    story: (begin) => {
      const line = begin(8123);
      const taken = line.take(captured(line), { by: 'inventory', at: 1_800 });
      const stock = { type: 'stock.reserved', to: 'orders', correlation: 'res-77' };
      line.send({ by: 'inventory', at: 1_900, inside: taken, ...stock });
    },
    says: { 'stalled-run': 'key-mismatch × 1' },
    words: ['inventory sent stock.reserved 0.9 s after that'],
  },
  {
    name: 'fifty orders with the same mistake are one finding',
    policy: quiet,
    story: (begin) => {
      for (let order = 8100; order < 8150; order++) {
        const line = begin(order);
        half(line, captured(line), { correlation: `ORD-${order}` });
      }
    },
    says: { 'stalled-run': 'key-mismatch × 50' },
  },
  {
    name: 'another service acted on a like key: that is not whom the run waits for',
    policy: quiet,
    story: (begin) => {
      const line = begin(8123);
      half(line, captured(line), { correlation: 'ORD-8123', by: 'invoice' });
    },
    says: { 'stalled-run': 'consumer-absent × 1' },
  },
  {
    name: 'a half run of another order explains nothing',
    policy: quiet,
    story: (begin) => {
      const line = begin(8123);
      half(line, captured(line), { correlation: 'ORD-8124' });
    },
    says: { 'stalled-run': 'queue-lag × 1' },
  },
  {
    name: 'two messages of one content: which of them was taken, nobody can tell',
    policy: quiet,
    story: (begin) => {
      const line = begin(8123);
      const paid = captured(line);
      half(line, paid, { correlation: 'res-77', hash: paid.payload.hash });
      half(begin(9), paid, { correlation: 'res-78', hash: paid.payload.hash });
    },
    says: { 'stalled-run': 'queue-lag × 1' },
  },
  {
    name: 'the other half says that it is a run of its own, below this one',
    policy: quiet,
    story: (begin) => {
      const line = begin(8123);
      const attributes = { 'throughline.child_of.correlation': 'ord-8123' };
      half(line, captured(line), { correlation: 'ORD-8123', attributes });
    },
    says: { 'stalled-run': 'queue-lag × 1' },
  },
  {
    name: 'the other half acted long before: it is no answer',
    policy: quiet,
    story: (begin) => {
      const line = begin(8123);
      const later = captured(line, 300 * SECOND);
      half(line, later, { correlation: 'ORD-8123' });
    },
    says: { 'stalled-run': 'consumer-absent × 1' },
  },
];
