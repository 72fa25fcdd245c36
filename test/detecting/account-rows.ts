import { MINUTE, SECOND, send } from './acts.js';
import type { Row, RowPolicy } from './row.js';
import type { Begin } from './stage.js';

const unlearned: RowPolicy = { detect: { learn: false } };

/** An order every two seconds from the start on; the last ones come minutes later, so that readers have passed by. */
function orders(begin: Begin, count: number, isTaken: (order: number) => boolean): void {
  for (let each = 1; each <= count; each++) {
    const at = each <= count - 10 ? each * 2 * SECOND : 12 * MINUTE + each * SECOND;
    const line = begin(each);
    const placed = send(line, 'order.placed', { by: 'shop', at });
    if (isTaken(each)) line.take(placed, { by: 'payments', at: at + 100 });
  }
}

/** The books of a destination: sent is taken, put aside, or waiting. */
export const ACCOUNT_ROWS: readonly Row[] = [
  {
    name: 'eight orders in a row were taken by nobody, and those after them were: unaccounted for',
    policy: unlearned,
    story: (begin) => orders(begin, 120, (each) => each <= 80 || each > 88),
    says: { 'unaccounted-messages': 'telemetry-gap × 8' },
    words: [
      '8 messages order.placed to orders (rabbitmq) are unaccounted for, the first sent 11 min ago',
      'while payments took later ones',
      'All 102 before and after that were taken or put aside',
    ],
  },
  {
    name: 'four may be chance',
    policy: unlearned,
    story: (begin) => orders(begin, 120, (each) => each <= 80 || each > 84),
    says: {},
  },
  {
    name: 'one order in ten is read by nobody, and always was: a filter',
    policy: unlearned,
    story: (begin) => orders(begin, 200, (each) => each % 10 !== 3 || each > 190),
    says: {},
  },
  {
    name: 'nobody is meant to read them',
    policy: { ...unlearned, noConsumerExpected: ['order.*'] },
    story: (begin) => orders(begin, 120, (each) => each <= 80 || each > 88),
    says: {},
  },
  {
    name: 'as many takings lack their sending: spans get lost, and no messages',
    policy: unlearned,
    story: (begin) => {
      orders(begin, 120, (each) => each <= 80 || each > 88);
      for (let each = 301; each <= 320; each++) {
        const line = begin(each);
        const placed = send(line, 'order.placed', { by: 'shop', at: each * SECOND });
        line.spans.pop();
        line.take(placed, { by: 'payments', at: each * SECOND + 100 });
      }
    },
    says: {},
  },
  {
    name: 'those that were put aside are accounted for',
    policy: unlearned,
    story: (begin) => {
      orders(begin, 120, () => true);
      for (let each = 301; each <= 308; each++) {
        const line = begin(each);
        const placed = send(line, 'order.placed', { by: 'shop', at: each * 100 });
        const error = 'nack called on message without requeue';
        line.take(placed, { by: 'payments', at: each * 100 + 50, error });
      }
    },
    says: { 'dead-letter-backlog': 'dead-lettered × 8' },
  },
];
