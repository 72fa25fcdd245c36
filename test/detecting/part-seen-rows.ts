import type { Storyline } from '@throughline/fixtures/build/storyline';
import { captured, checkout, fanOut, MINUTE, reserved, SECOND, send } from './acts.js';
import type { Row } from './row.js';
import type { Begin } from './stage.js';

/** A taking under the context of a sending that was never reported, by a system that gives no ids to messages. */
function takeUnseen(line: Storyline, by: string, at: number): void {
  const attributes = {
    'messaging.system': 'kafka',
    'messaging.destination.name': 'order.placed',
    'messaging.operation.type': 'process',
    'throughline.event.type': 'order.placed',
    'messaging.message.conversation_id': line.correlation ?? '',
  };
  line.step({ by, name: 'process order.placed', kind: 'consumer', at, attributes });
}

const trip = { 'messaging.message.conversation_id': 'ord-1', 'throughline.workflow.name': 'trip' };

/** A failed step inside of one that did not arrive. */
function lackingDirector(begin: Begin): void {
  const line = begin(1);
  const step = line.step({ by: 'agency', name: 'trip', at: 0, takes: MINUTE, attributes: trip });
  const failing = { by: 'agency', name: 'rent car', at: 5, attributes: trip, error: 'no car' };
  line.step({ ...failing, inside: step });
  line.spans.shift();
}

function decidedAfterTenMinutes(begin: Begin): void {
  const line = begin(1);
  const inside = line.take(captured(line), { by: 'inventory', at: 2 * SECOND });
  const attributes = { 'throughline.step.kind': 'approval' };
  const deciding = { by: 'inventory', name: 'second pair of eyes', takes: 10 * MINUTE };
  line.step({ ...deciding, at: 2 * SECOND, inside, attributes });
}

/** What is there is less than what happened, or says more than what is not there. */
export const PART_SEEN_ROWS: readonly Row[] = [
  {
    name: 'one of two subscribers is still at it: it is in flight, and not left out of the fan-out',
    policy: fanOut,
    story: (begin) => {
      const line = begin(1);
      const placed = send(line, 'order.placed', { by: 'shop', at: 0 });
      line.take(placed, { by: 'mailer', at: 100 });
      line.take(placed, { by: 'payments', at: 100, takes: 40 * SECOND, isPending: true });
    },
    judged: 50 * SECOND,
    says: { 'stalled-run': 'handler-in-flight × 1' },
  },
  {
    name: 'a subscriber took another message of the run: of this one it has read nothing',
    policy: { ...fanOut, noConsumerExpected: ['order.paid'] },
    story: (begin) => {
      for (let i = 1; i <= 3; i++) {
        const line = begin(i);
        const placed = send(line, 'order.placed', { by: 'shop', at: i * SECOND });
        const inside = line.take(placed, { by: 'payments', at: i * SECOND + 100 });
        if (i !== 2) line.take(placed, { by: 'mailer', at: i * SECOND + 100 });
        const paid = send(line, 'order.paid', { by: 'payments', at: i * SECOND + 110 });
        line.take(paid, { by: 'mailer', at: i * SECOND + 200 });
        line.step({ by: 'payments', name: 'charge', at: i * SECOND + 105, inside });
      }
    },
    says: { 'stalled-run': 'telemetry-gap × 1', 'incomplete-fanout': 'null × 1' },
    words: ['mailer has not read it, though later runs passed'],
  },
  {
    name: 'two took what nobody was seen sending: both subscribers reacted to one message',
    policy: fanOut,
    story: (begin) => {
      const line = begin(1);
      takeUnseen(line, 'payments', 100);
      takeUnseen(line, 'mailer', 4 * SECOND);
    },
    says: {},
  },
  {
    name: 'an older message was taken after this one was sent, and then nothing: gone, no lag',
    policy: checkout,
    story: (begin) => {
      reserved(begin(1), 0, 3 * SECOND);
      captured(begin(2), 500);
      for (let i = 3; i <= 6; i++) captured(begin(i), i * 20 * SECOND);
    },
    says: {
      'stalled-run': 'consumer-absent × 5',
      'missing-consumer': 'consumer-absent × 5',
    },
  },
  {
    name: 'one that came later was quicker by less than the usual wait: the way is not open for that',
    policy: checkout,
    story: (begin) => {
      for (let i = 1; i <= 20; i++) reserved(begin(i), i * SECOND, 20 * SECOND);
      captured(begin(21), 21 * SECOND);
      reserved(begin(22), 22 * SECOND, 20 * SECOND);
    },
    judged: 63 * SECOND,
    says: { 'stalled-run': 'queue-lag × 1' },
  },
  {
    name: 'thirty passed unasked and the handler of one is still at it: no lost span explains that',
    story: (begin) => {
      for (let i = 1; i <= 40; i++) {
        if (i !== 30) reserved(begin(i), i * SECOND);
        else {
          const line = begin(i);
          const taking = { by: 'inventory', at: 32 * SECOND, takes: 90 * SECOND, isPending: true };
          line.take(captured(line, i * SECOND), taking);
        }
      }
    },
    judged: 2 * MINUTE,
    says: { 'stalled-run': 'handler-in-flight × 1' },
  },
  {
    name: 'somebody decided after ten minutes: what should follow has all its time from then on',
    policy: { ...checkout, noConsumerExpected: ['payment.captured'] },
    story: decidedAfterTenMinutes,
    judged: 10 * MINUTE + 35 * SECOND,
    says: {},
  },
  {
    name: 'somebody decided after ten minutes, and nothing followed for as long as it may take',
    policy: { ...checkout, noConsumerExpected: ['payment.captured'] },
    story: decidedAfterTenMinutes,
    judged: 10 * MINUTE + 55 * SECOND,
    says: { 'stalled-run': 'never-sent × 1' },
  },
  {
    name: 'the taking was not seen, and what the reader did inside of it was: it did take it',
    policy: fanOut,
    story: (begin) => {
      const line = begin(1);
      const placed = send(line, 'order.placed', { by: 'shop', at: 0 });
      line.take(placed, { by: 'mailer', at: 100 });
      const inside = line.take(placed, { by: 'payments', at: 200 });
      const attributes = { 'messaging.message.conversation_id': 'ord-1' };
      line.step({ by: 'payments', name: 'charge', at: 205, inside, attributes });
      line.spans.splice(line.spans.indexOf(inside), 1);
    },
    says: {},
  },
  {
    name: 'whoever directs the run is not heard of yet: its step failed, the run may not have',
    story: lackingDirector,
    judged: 20 * SECOND,
    says: {},
  },
  {
    name: 'whoever directs the run is never heard of: its step failed, and nothing came after',
    story: lackingDirector,
    judged: MINUTE,
    says: { 'failed-run': 'null × 1' },
  },
  {
    name: 'the director died half-way through undoing: what it left stands',
    story: (begin) => {
      const line = begin(1);
      const attributes = { ...trip, 'throughline.pending': true };
      const inside = line.step({ by: 'agency', name: 'trip', at: 0, takes: SECOND, attributes });
      line.step({ by: 'agency', name: 'book room', at: 100, inside });
      line.step({ by: 'agency', name: 'charge card', at: 200, inside });
      line.step({ by: 'agency', name: 'rent car', at: 300, inside, error: 'no car' });
      const undoing = { 'throughline.compensates': 'charge card' };
      line.step({ by: 'agency', name: 'refund card', at: 400, inside, attributes: undoing });
    },
    says: { 'uncompensated-effect': 'null × 1' },
    words: ['"book room" of agency stands'],
  },
  {
    name: 'the director is still heard of: it may undo the rest',
    story: (begin) => {
      const line = begin(1);
      const attributes = { ...trip, 'throughline.pending': true };
      const takes = 14 * MINUTE;
      const inside = line.step({ by: 'agency', name: 'trip', at: 0, takes, attributes });
      line.step({ by: 'agency', name: 'book room', at: 100, inside });
      line.step({ by: 'agency', name: 'charge card', at: 200, inside });
      const undoing = { 'throughline.compensates': 'charge card' };
      line.step({ by: 'agency', name: 'refund card', at: 400, inside, attributes: undoing });
    },
    says: {},
  },
];
