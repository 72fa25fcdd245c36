import type { Storyline } from '@throughline/fixtures/build/storyline';
import { MINUTE, SECOND, send } from './acts.js';
import type { Row, RowPolicy } from './row.js';
import type { Begin } from './stage.js';

const quiet: RowPolicy = { noConsumerExpected: ['*'] };

/** One order, of which the stock checks so many lines, each told to the world. */
function order(line: Storyline, at: number, lines: number): void {
  const placed = send(line, 'order.placed', { by: 'shop', at });
  const inside = line.take(placed, { by: 'stock', at: at + 100 });
  for (let each = 0; each < lines; each++) {
    line.send({ by: 'stock', type: 'line.checked', to: 'lines', at: at + 110 + each, inside });
  }
}

function orders(begin: Begin, count: number, lines: (order: number) => number): void {
  for (let each = 1; each <= count; each++) order(begin(each), each * SECOND, lines(each));
}

/** Each message leads to three more, over and over: many follow from the first, none from one by itself. */
function avalanche(line: Storyline, rounds: number): void {
  let wave = [send(line, 'order.placed', { by: 'shop', at: 10 * MINUTE })];
  for (let round = 1; round <= rounds; round++) {
    const at = 10 * MINUTE + round * SECOND;
    wave = wave.flatMap((cause) => {
      const inside = line.take(cause, { by: `service ${round}`, at });
      return [1, 2, 3].map((each) =>
        line.send({
          by: `service ${round}`,
          type: `echo.${round}`,
          to: 'echo',
          at: at + each,
          inside,
        }),
      );
    });
  }
}

/** One message leads to far more than it used to. */
export const STORM_ROWS: readonly Row[] = [
  {
    name: 'an order leads to 60 messages, where none led to more than 3 before: a storm',
    policy: quiet,
    story: (begin) => {
      orders(begin, 25, (each) => 1 + (each % 3));
      order(begin(26), 10 * MINUTE, 60);
    },
    says: { 'event-storm': 'null × 1' },
    words: [
      'One order.placed of ',
      'led to 60 messages 4 min ago; none of 25 runs before led to more than 3',
      'find out why stock sends so much',
    ],
  },
  {
    name: 'storms do not make each other usual',
    policy: quiet,
    story: (begin) => {
      orders(begin, 25, () => 2);
      for (let each = 26; each < 60; each++) order(begin(each), 10 * MINUTE + each, 60);
    },
    says: { 'event-storm': 'null × 34' },
  },
  {
    name: 'an avalanche is told of the message that began it',
    policy: quiet,
    story: (begin) => {
      for (let each = 1; each <= 25; each++) {
        send(begin(each), 'order.placed', { by: 'shop', at: each * SECOND });
      }
      avalanche(begin(26), 4);
    },
    says: { 'event-storm': 'null × 1' },
    words: ['One order.placed of ', 'led to 120 messages'],
  },
  {
    name: 'a day later it is no news',
    policy: quiet,
    story: (begin) => {
      orders(begin, 25, () => 2);
      order(begin(26), 10 * MINUTE, 60);
    },
    judged: 25 * 60 * MINUTE,
    says: {},
  },
  {
    name: 'too few runs to know what is usual: nothing is said',
    policy: quiet,
    story: (begin) => {
      orders(begin, 19, () => 2);
      order(begin(20), 10 * MINUTE, 200);
    },
    says: {},
  },
  {
    name: 'ten times as much as usual, but not many',
    policy: quiet,
    story: (begin) => {
      orders(begin, 25, () => 2);
      order(begin(26), 10 * MINUTE, 49);
    },
    says: {},
  },
  {
    name: 'orders of all sizes: a big one is nothing new',
    policy: quiet,
    story: (begin) => orders(begin, 40, (each) => (each * each) % 131),
    says: {},
  },
  {
    name: 'switched off',
    policy: { ...quiet, detect: { off: new Set(['event-storm']) } },
    story: (begin) => {
      orders(begin, 25, () => 2);
      order(begin(26), 10 * MINUTE, 60);
    },
    says: {},
  },
  {
    name: 'tuned: four times as much is a storm here',
    policy: { ...quiet, detect: { eventStorm: { factor: 4, floor: 10 } } },
    story: (begin) => {
      orders(begin, 25, () => 3);
      order(begin(26), 10 * MINUTE, 12);
    },
    says: { 'event-storm': 'null × 1' },
  },
];
