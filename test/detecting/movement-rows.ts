import type { Storyline } from '@throughline/fixtures/build/storyline';
import type { DeclaredMovement, DeclaredTopology } from '@throughline/model/policy';
import { SECOND, send } from './acts.js';
import type { Row, RowPolicy } from './row.js';
import type { Begin } from './stage.js';

const quick: RowPolicy = {
  noConsumerExpected: ['*'],
  detect: { unknownEdge: { minSamples: 50, minHistoryMs: 90 * SECOND } },
};

/** The shop sends, payments takes; whatever more is told comes behind it. */
function order(line: Storyline, at: number, more: (line: Storyline, at: number) => void): void {
  const placed = send(line, 'order.placed', { by: 'shop', at });
  line.take(placed, { by: 'payments', at: at + 100 });
  more(line, at);
}

function orders(
  begin: Begin,
  count: number,
  more: (order: number) => ((line: Storyline, at: number) => void) | null,
): void {
  for (let each = 1; each <= count; each++) {
    order(begin(each), each * SECOND, more(each) ?? (() => undefined));
  }
}

const audits = (line: Storyline, at: number): void => {
  line.send({ by: 'payments', type: 'payment.audited', to: 'audits', at: at + 200 });
};

function declaring(...movements: readonly Partial<DeclaredMovement>[]): RowPolicy {
  const known = movements.map((each): DeclaredMovement => ({
    kind: 'send',
    service: 'payments',
    destination: 'orders',
    system: null,
    messageTypes: [],
    origin: 'asyncapi.yaml',
    ...each,
  }));
  const declared: DeclaredTopology = { services: [], destinations: [], movements: known };
  return { noConsumerExpected: ['*'], declared };
}

/** Traffic that never was before, and traffic that no document knows. */
export const MOVEMENT_ROWS: readonly Row[] = [
  {
    name: 'payments begins to send what it never sent in a hundred runs: an unknown edge',
    policy: quick,
    story: (begin) => orders(begin, 120, (each) => (each > 100 ? audits : null)),
    says: { 'unknown-edge': 'null × 20' },
    words: [
      'payments sends payment.audited to audits (rabbitmq)',
      'which it never did before: 20 of its 20 runs since then, none of 100',
    ],
  },
  {
    name: 'a branch that is rare comes late, and is no news',
    policy: quick,
    story: (begin) => orders(begin, 120, (each) => ([95, 105, 118].includes(each) ? audits : null)),
    says: {},
  },
  {
    name: 'twice is too little to say anything',
    policy: quick,
    story: (begin) => orders(begin, 120, (each) => (each > 118 ? audits : null)),
    says: {},
  },
  {
    name: 'a service that has just come does nothing but new things',
    policy: quick,
    story: (begin) =>
      orders(begin, 120, (each) =>
        each <= 100
          ? null
          : (line, at) => {
              line.send({ by: 'newcomer', type: 'order.scored', to: 'scores', at: at + 200 });
            },
      ),
    says: {},
  },
  {
    name: 'a day later the new way is known',
    policy: quick,
    story: (begin) => orders(begin, 120, (each) => (each > 100 ? audits : null)),
    judged: 25 * 3_600 * SECOND,
    says: {},
  },
  {
    name: 'the service is not known for long enough',
    policy: { ...quick, detect: { unknownEdge: { minSamples: 50 } } },
    story: (begin) => orders(begin, 120, (each) => (each > 100 ? audits : null)),
    says: {},
  },
  {
    name: 'a queue for each answer: new places are how this service works',
    policy: quick,
    story: (begin) =>
      orders(begin, 160, (each) =>
        each <= 100
          ? null
          : (line, at) => {
              const to = `answers-${Math.floor(each / 10)}`;
              line.send({ by: 'payments', type: 'answer', to, at: at + 200 });
            },
      ),
    says: {},
  },
  {
    name: 'the document speaks of payments, and not of audits',
    policy: declaring({
      kind: 'send',
      destination: 'payments',
      messageTypes: ['payment.captured'],
    }),
    story: (begin) =>
      orders(begin, 2, () => (line, at) => {
        line.send({ by: 'payments', type: 'payment.captured', to: 'payments', at: at + 150 });
        audits(line, at);
      }),
    says: { 'unknown-edge': 'null × 2' },
    words: [
      'payments sends payment.audited to audits (rabbitmq), which asyncapi.yaml does not declare',
    ],
  },
  {
    name: 'the document calls every place by other names: it cannot be compared',
    policy: declaring({ kind: 'send', destination: 'payment-events' }),
    story: (begin) => orders(begin, 2, () => audits),
    says: {},
  },
  {
    name: 'a channel with parameters, and a message that stands elsewhere in the document',
    policy: declaring(
      { kind: 'send', destination: 'audits/{tenant}/log' },
      { kind: 'send', destination: 'somewhere', messageTypes: ['payment.audited'] },
    ),
    story: (begin) =>
      orders(begin, 2, () => (line, at) => {
        line.send({ by: 'payments', type: 'entry', to: 'audits/acme/log', at: at + 150 });
        audits(line, at);
      }),
    says: {},
  },
  {
    name: 'the document does not speak of the service at all',
    policy: declaring({ service: 'inventory' }),
    story: (begin) => orders(begin, 3, () => audits),
    says: {},
  },
];
