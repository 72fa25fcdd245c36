import type { SendOptions, Storyline } from '@throughline/fixtures/build/storyline';
import type { DeclaredMovement } from '@throughline/model/policy';
import { SECOND } from './acts.js';
import type { Row, RowPolicy } from './row.js';
import type { Begin } from './stage.js';

const quiet: RowPolicy = { noConsumerExpected: ['*'] };

interface Order extends Partial<SendOptions> {
  readonly fails?: boolean;
}

/** The shop sends an order, and payments takes it. */
function order(line: Storyline, at: number, { fails = false, ...rest }: Order): void {
  const placed = line.send({ by: 'shop', type: 'order.placed', to: 'orders', at, ...rest });
  const error = fails ? { error: 'unknown field "totals"' } : {};
  line.take(placed, { by: 'payments', at: at + 100, ...error });
}

function orders(begin: Begin, count: number, how: (order: number) => Order): void {
  for (let each = 1; each <= count; each++) order(begin(each), each * SECOND, how(each));
}

const bytes = (size: number) => ({ attributes: { 'throughline.payload.bytes': size } });

function declared(destination: string, messageTypes: readonly string[]): DeclaredMovement {
  const origin = 'asyncapi.yaml';
  return { kind: 'send', service: 'shop', destination, system: null, messageTypes, origin };
}

const declaring = (...movements: readonly DeclaredMovement[]): RowPolicy => ({
  ...quiet,
  declared: { services: [], destinations: [], movements },
});

/** What a service sends under one name is not what it was, or not what the document says. */
export const CONTRACT_ROWS: readonly Row[] = [
  {
    name: 'a new version, and its readers take it: to be known, no more',
    policy: quiet,
    story: (begin) => orders(begin, 40, (each) => (each > 30 ? { version: '2' } : {})),
    says: { 'contract-drift': 'null × 10' },
    words: [
      'shop sends order.placed to orders in version 2 since 14 min ago, where it came in version 1 before: 10 runs',
      'check that payments knows version 2 of order.placed',
    ],
  },
  {
    name: 'a new version, and its reader fails on it',
    policy: { ...quiet, detect: { learn: false } },
    story: (begin) =>
      orders(begin, 40, (each) => (each > 30 ? { version: '2', fails: each % 2 === 0 } : {})),
    says: { 'contract-drift': 'null × 10' },
    words: ['payments failed on 5 of 10, on 0 of 30 before'],
  },
  {
    name: 'the version is gone',
    policy: quiet,
    story: (begin) => orders(begin, 40, (each) => (each > 30 ? { version: '' } : {})),
    says: { 'contract-drift': 'null × 10' },
    words: ['without a version since', 'let shop name the version of order.placed again'],
  },
  {
    name: 'a day later the new version is the contract',
    policy: quiet,
    story: (begin) => orders(begin, 40, (each) => (each > 30 ? { version: '2' } : {})),
    judged: 25 * 3_600 * SECOND,
    says: {},
  },
  {
    name: 'two versions side by side, one of them rare: nothing has changed',
    policy: quiet,
    story: (begin) =>
      orders(begin, 60, (each) => ([24, 37, 41, 58].includes(each) ? { version: '2' } : {})),
    says: {},
  },
  {
    name: 'too few runs to know how it was',
    policy: quiet,
    story: (begin) => orders(begin, 30, (each) => (each > 19 ? { version: '2' } : {})),
    says: {},
  },
  {
    name: 'the payload is a hundred times as large as before',
    policy: quiet,
    story: (begin) => orders(begin, 40, (each) => bytes(each > 30 ? 20_000 + each : 190 + each)),
    says: { 'contract-drift': 'null × 10' },
    words: ['order.placed to orders that is 91 times as large as before since'],
  },
  {
    name: 'the payload is empty',
    policy: quiet,
    story: (begin) => orders(begin, 40, (each) => bytes(each > 30 ? 0 : 190 + each)),
    says: { 'contract-drift': 'null × 10' },
    words: ['times as small as before'],
  },
  {
    name: 'orders of all sizes: a big one is nothing new',
    policy: quiet,
    story: (begin) => orders(begin, 60, (each) => bytes(each % 9 === 0 ? 30_000 : 100 * each)),
    says: {},
  },
  {
    name: 'the document names other messages for this place',
    policy: declaring(declared('orders', ['order.placed', 'order.cancelled'])),
    story: (begin) => orders(begin, 4, (each) => (each > 2 ? { type: 'order.placed.v2' } : {})),
    says: { 'contract-drift': 'null × 2' },
    words: ['order.placed.v2 to orders, which asyncapi.yaml does not have there: 2 runs'],
  },
  {
    name: 'the document calls all messages otherwise: it cannot be compared',
    policy: declaring(declared('orders', ['OrderPlaced'])),
    story: (begin) => orders(begin, 4, () => ({})),
    says: {},
  },
  {
    name: 'the document has the shop send what never came in sixty runs',
    policy: {
      ...declaring(declared('orders', []), declared('invoices', [])),
      detect: { contractDrift: { minSamples: 1, unseenAfterMs: 60 * SECOND } },
    },
    story: (begin) => orders(begin, 60, () => ({})),
    says: { 'contract-drift': 'null × 0' },
    words: ['shop never sends to invoices', 'though asyncapi.yaml says so: none of 60 runs'],
  },
  {
    name: 'what is declared and rare takes its time',
    policy: declaring(declared('orders', []), declared('invoices', [])),
    story: (begin) => orders(begin, 60, () => ({})),
    says: {},
  },
  {
    name: 'the document names no messages',
    policy: declaring(declared('orders', [])),
    story: (begin) => orders(begin, 4, () => ({})),
    says: {},
  },
];
