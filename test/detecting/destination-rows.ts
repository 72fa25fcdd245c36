import { send } from './acts.js';
import type { Row } from './row.js';

/** Who reads what at a destination. */
export const DESTINATION_ROWS: readonly Row[] = [
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
    name: 'the consumer names the queue where the producer names the exchange',
    story: (begin) => {
      const placed = send(begin(1), 'order.placed', { by: 'shop', at: 0 });
      const fromQueue = { ...placed, destination: 'payments', context: null, messageId: 'other' };
      begin(2).take(fromQueue, { by: 'payments', at: 100, context: 'lost' });
    },
    says: {},
  },
];
