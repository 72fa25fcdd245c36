import { captured, checkout, MINUTE, reserved, SECOND } from './acts.js';
import type { Row } from './row.js';

/** Why a run stands still: the peer test first. */
export const STANDSTILL_ROWS: readonly Row[] = [
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
];
