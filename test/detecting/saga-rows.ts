import type { Storyline } from '@throughline/fixtures/build/storyline';
import { flow } from '@throughline/fixtures/build/policy';
import type { Policy } from '@throughline/model/policy';
import { MINUTE, SECOND } from './acts.js';
import type { Row } from './row.js';

const trip: Partial<Policy> = {
  flows: [
    flow({
      workflow: 'trip',
      startsWith: 'trip.requested',
      compensations: { 'book room': 'cancel room', 'charge card': 'refund card' },
    }),
  ],
};

interface Trip {
  readonly outcome: 'completed' | 'failed' | 'compensated' | 'cancelled';
  readonly takes?: number;
}

/** One service directs a trip; what it does lies inside. */
function travel(line: Storyline, { outcome, takes = 20 * SECOND }: Trip) {
  const attributes = {
    'throughline.workflow.name': 'trip',
    'messaging.message.conversation_id': line.correlation ?? '',
    'throughline.outcome': outcome,
  };
  const inside = line.step({ by: 'agency', name: 'trip', at: 0, takes, attributes });
  return {
    does: (name: string, at: number, error?: string) =>
      line.step({ by: 'agency', name, at, inside, ...(error === undefined ? {} : { error }) }),
    undoes: (forward: string, at: number, options: { name?: string; error?: string } = {}) =>
      line.step({
        by: 'agency',
        name: options.name ?? `compensate ${forward}`,
        at,
        inside,
        ...(options.error === undefined ? {} : { error: options.error }),
        attributes: { 'throughline.compensates': forward },
      }),
  };
}

/** Effects and their compensation. */
export const SAGA_ROWS: readonly Row[] = [
  {
    name: 'a trip failed and both effects were undone, last one first: nothing stands',
    policy: trip,
    story: (begin) => {
      const { does, undoes } = travel(begin(1), { outcome: 'compensated' });
      does('book room', 100);
      does('charge card', 200);
      does('rent car', 300, 'no car');
      undoes('charge card', 400);
      undoes('book room', 500);
    },
    says: {},
  },
  {
    name: 'one of two effects was undone: the other stands',
    policy: trip,
    story: (begin) => {
      const { does, undoes } = travel(begin(1), { outcome: 'compensated' });
      does('book room', 100);
      does('charge card', 200);
      undoes('charge card', 400);
    },
    says: { 'uncompensated-effect': 'null × 1' },
    words: ['"book room" of agency stands for 14 min', '"cancel room" never ran'],
  },
  {
    name: 'three failed trips left the same effect standing: one finding',
    policy: trip,
    story: (begin) => {
      for (const number of [1, 2, 3]) {
        const { does, undoes } = travel(begin(number), { outcome: 'compensated' });
        does('book room', 100);
        does('charge card', 200);
        undoes('charge card', 400);
      }
    },
    says: { 'uncompensated-effect': 'null × 3' },
    words: ['2 other runs left it standing too'],
  },
  {
    name: 'the compensation itself failed: that is why the effect stands',
    story: (begin) => {
      const { does, undoes } = travel(begin(1), { outcome: 'compensated' });
      does('book room', 100);
      undoes('book room', 400, { error: 'hotel does not answer' });
    },
    says: { 'uncompensated-effect': 'null × 1' },
    words: ['"compensate book room" failed: hotel does not answer'],
  },
  {
    name: 'the compensation failed once and then worked: nothing stands',
    story: (begin) => {
      const { does, undoes } = travel(begin(1), { outcome: 'compensated' });
      does('book room', 100);
      undoes('book room', 400, { error: 'hotel does not answer' });
      undoes('book room', 800);
    },
    says: {},
  },
  {
    name: 'an effect that failed left nothing behind',
    policy: trip,
    story: (begin) => {
      const { does, undoes } = travel(begin(1), { outcome: 'compensated' });
      does('charge card', 100);
      does('book room', 200, 'no room');
      undoes('charge card', 400);
    },
    says: {},
  },
  {
    name: 'the run completed: its effects are to stand',
    policy: trip,
    story: (begin) => {
      const { does } = travel(begin(1), { outcome: 'completed' });
      does('book room', 100);
      does('charge card', 200);
    },
    says: {},
  },
  {
    name: 'nobody declared it, but its name says that it can be undone, and the run undid the other',
    story: (begin) => {
      const { does, undoes } = travel(begin(1), { outcome: 'compensated' });
      does('reserve seat', 100);
      does('charge card', 200);
      undoes('charge card', 400, { name: 'refund card' });
    },
    says: { 'uncompensated-effect': 'null × 1' },
    words: ['"reserve seat" of agency stands'],
  },
  {
    name: 'undone by a step that only its name ties to it',
    story: (begin) => {
      const { does, undoes } = travel(begin(1), { outcome: 'compensated' });
      does('reserveSeat', 100);
      does('charge card', 200);
      undoes('charge card', 400);
      does('release seat', 500);
    },
    says: {},
  },
  {
    name: 'right after the failure its compensations may still be on their way',
    policy: trip,
    story: (begin) => {
      const { does } = travel(begin(1), { outcome: 'cancelled', takes: 1 * SECOND });
      does('book room', 100);
    },
    judged: 8 * SECOND,
    says: {},
  },
  {
    name: 'a saga still at work began to undo and stopped half-way',
    policy: { ...trip, noConsumerExpected: ['*'] },
    story: (begin) => {
      const line = begin(1);
      const by = 'agency';
      line.send({ by, type: 'trip.requested', to: 'trips', at: 0 });
      const attributes = { 'throughline.workflow.name': 'trip', 'throughline.key.trip': 'ord-1' };
      const key = { 'messaging.message.conversation_id': 'ord-1' };
      line.step({ by, name: 'book room', at: 100, attributes: { ...attributes, ...key } });
      line.step({ by, name: 'charge card', at: 200, attributes: key });
      const undoing = { ...key, 'throughline.compensates': 'charge card' };
      line.step({ by, name: 'refund card', at: 400, attributes: undoing });
    },
    says: { 'uncompensated-effect': 'null × 1' },
    words: ['"book room" of agency stands for 14 min'],
  },
  {
    name: 'spans of the run got lost: what is absent may have happened',
    policy: trip,
    story: (begin) => {
      const line = begin(1);
      const { does } = travel(line, { outcome: 'cancelled' });
      does('book room', 100);
      const lost = does('an attempt', 300);
      line.call({ by: 'agency', to: 'hotel', name: 'cancel', at: 310, inside: lost });
      line.spans.splice(line.spans.indexOf(lost), 1);
    },
    says: {},
  },
  {
    name: 'the effect succeeded after its compensation: late, and it stands',
    policy: trip,
    story: (begin) => {
      const line = begin(1);
      const { does, undoes } = travel(line, { outcome: 'compensated' });
      does('charge card', 200);
      undoes('charge card', 400);
      does('charge card', 5 * SECOND);
    },
    says: { 'late-success': 'null × 1' },
    words: ['"charge card" of trip ord-1 succeeded in agency 14 min ago', '4.6 s after'],
  },
  {
    name: 'the caller gave up and undid it, and then the other service did it all the same',
    story: (begin) => {
      const line = begin(1);
      const { does, undoes } = travel(line, { outcome: 'compensated' });
      const asking = does('charge card', 200, 'timeout');
      const charging = { by: 'bank', name: 'POST /charge', kind: 'server', at: 210 } as const;
      const client = { by: 'agency', name: 'POST', kind: 'client', at: 205 } as const;
      const inside = line.step({ ...client, inside: asking, takes: 5, error: 'timeout' });
      line.step({ ...charging, inside, takes: 5 * SECOND });
      undoes('charge card', 400);
    },
    says: { 'late-success': 'null × 1' },
    words: ['succeeded in bank'],
  },
  {
    name: 'undone and then done anew by a run that completes: that is no late success',
    policy: trip,
    story: (begin) => {
      const { does, undoes } = travel(begin(1), { outcome: 'completed' });
      does('charge card', 200);
      undoes('charge card', 400);
      does('charge card', 1 * MINUTE);
    },
    says: {},
  },
];
