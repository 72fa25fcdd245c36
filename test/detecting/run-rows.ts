import {
  captured,
  checkout,
  fanOut,
  MINUTE,
  reserved,
  SECOND,
  send,
  within30Minutes,
} from './acts.js';
import type { Row } from './row.js';

/** Deadlines, ends, subscribers, failures and retries. */
export const RUN_ROWS: readonly Row[] = [
  {
    name: 'the event came after deadline and grace: missed, no longer stalled',
    policy: checkout,
    story: (begin) => void reserved(begin(1), 0, 5 * MINUTE),
    says: { 'deadline-missed': 'null × 1' },
    words: ['took 5 min', '30 s were declared'],
  },
  {
    name: 'the event came within the grace: nothing to say',
    policy: checkout,
    story: (begin) => void reserved(begin(1), 0, 35 * SECOND),
    says: {},
  },
  {
    name: 'the run was cancelled: its promises are cancelled with it',
    policy: { ...checkout, noConsumerExpected: ['*'] },
    story: (begin) => {
      const line = begin(1);
      captured(line);
      send(line, 'order.cancelled', { by: 'shop', at: 5 * SECOND });
    },
    says: {},
  },
  {
    name: 'the whole run passed its deadline',
    policy: { ...within30Minutes, noConsumerExpected: ['*'] },
    story: (begin) => {
      const line = begin(1);
      line.take(send(line, 'order.placed', { by: 'shop', at: 0 }), { by: 'payments', at: 100 });
    },
    judged: 45 * MINUTE,
    says: { 'stalled-run': 'never-sent × 1' },
    words: ['began 45 min ago and should have ended within 30 min'],
  },
  {
    name: 'a person has to decide: late against the declared deadline, but not stalled',
    policy: within30Minutes,
    story: (begin) => {
      const line = begin(1);
      const placed = send(line, 'order.placed', { by: 'shop', at: 0 });
      const inside = line.take(placed, { by: 'payments', at: 100 });
      const attributes = { 'throughline.step.kind': 'approval', 'throughline.pending': true };
      line.step({ by: 'payments', name: 'release amount', at: 200, inside, attributes });
    },
    judged: 45 * MINUTE,
    says: { 'deadline-missed': 'waiting-human × 1' },
    words: ['it waits for a decision, "release amount" in payments'],
  },
  {
    name: 'the decision had a deadline of its own',
    story: (begin) => {
      const attributes = {
        'throughline.step.kind': 'approval',
        'throughline.pending': true,
        'throughline.deadline_ms': 5 * MINUTE,
        'messaging.message.conversation_id': 'ord-1',
      };
      begin(1).step({ by: 'payments', name: 'release amount', at: 0, attributes });
    },
    says: { 'stalled-run': 'waiting-human × 1' },
    words: ['5 min were allowed'],
  },
  {
    name: 'a step announced what should follow, by when',
    story: (begin) => {
      const attributes = {
        'throughline.expects': ['parcel.delivered'],
        'throughline.deadline_ms': 60_000,
        'messaging.message.conversation_id': 'ord-1',
      };
      const line = begin(1);
      line.step({ by: 'shipping', name: 'hand over', at: 0, attributes });
      line.step({
        by: 'shipping',
        name: 'label',
        at: 10,
        attributes: { 'messaging.message.conversation_id': 'ord-1', 'throughline.pending': true },
      });
    },
    says: { 'stalled-run': 'never-sent × 1' },
    words: ['stopped 14 min ago after hand over', 'parcel.delivered'],
  },
  {
    name: 'a step announced what should follow, but not by when: no deadline is made up for it',
    story: (begin) => {
      const attributes = {
        'throughline.expects': ['parcel.delivered'],
        'messaging.message.conversation_id': 'ord-1',
      };
      const line = begin(1);
      line.step({ by: 'shipping', name: 'hand over', at: 0, attributes });
      line.step({
        by: 'shipping',
        name: 'label',
        at: 10,
        attributes: { 'messaging.message.conversation_id': 'ord-1', 'throughline.pending': true },
      });
    },
    judged: 24 * 60 * MINUTE,
    says: {},
  },
  {
    name: 'a call is not answered: waiting for another system',
    policy: checkout,
    story: (begin) => {
      const line = begin(1);
      const placed = send(line, 'order.placed', { by: 'shop', at: 0 });
      const taken = line.take(placed, { by: 'payments', at: 100 });
      line.step({
        by: 'payments',
        name: 'POST /charge',
        kind: 'client',
        at: 150,
        inside: taken,
        attributes: {
          'http.request.method': 'POST',
          'server.address': 'bank.example',
          'throughline.pending': true,
          'throughline.deadline_ms': 60_000,
        },
      });
    },
    says: { 'stalled-run': 'waiting-external × 1' },
    words: ['payments waits for an answer of bank.example'],
  },
  {
    name: 'one of two declared subscribers did not react, in a run that goes on',
    policy: fanOut,
    story: (begin) => {
      const line = begin(1);
      line.take(send(line, 'order.placed', { by: 'shop', at: 0 }), { by: 'payments', at: 100 });
    },
    says: { 'stalled-run': 'consumer-absent × 1', 'incomplete-fanout': 'null × 1' },
    words: ['mailer did not react to order.placed', 'though payments did'],
  },
  {
    name: 'one of two declared subscribers did not react, and the run is complete',
    policy: { ...fanOut, noConsumerExpected: ['order.shipped'] },
    story: (begin) => {
      const line = begin(1);
      const placed = send(line, 'order.placed', { by: 'shop', at: 0 });
      line.take(placed, { by: 'payments', at: 100 });
      send(line, 'order.shipped', { by: 'shop', at: 2 * SECOND });
    },
    says: { 'incomplete-fanout': 'null × 1' },
  },
  {
    name: 'a run failed, twice for the same reason',
    story: (begin) => {
      for (const number of [1, 2]) {
        begin(number).step({
          by: 'intake',
          name: 'score candidate',
          at: number,
          error: `candidate ${number} has no CV`,
          attributes: {
            'messaging.message.conversation_id': `ord-${number}`,
            'throughline.outcome': 'failed',
          },
        });
      }
    },
    says: { 'failed-run': 'null × 2' },
    words: ['at "score candidate" in intake', '1 other run failed the same way'],
  },
  {
    name: 'a request failed: the step that made it is named, with the answer it got',
    story: (begin) => {
      const line = begin(1);
      const ours = { 'messaging.message.conversation_id': 'ord-1' };
      const inside = line.step({
        by: 'intake',
        name: 'score candidate',
        at: 0,
        takes: 60,
        attributes: { ...ours, 'throughline.outcome': 'failed' },
      });
      const attributes = { 'http.request.method': 'POST', 'server.address': 'scoring.example' };
      line.step({
        by: 'intake',
        name: 'POST',
        kind: 'client',
        at: 5,
        inside,
        attributes,
        error: '422',
      });
    },
    says: { 'failed-run': 'null × 1' },
    words: ['at "score candidate" in intake: 422'],
  },
  {
    name: 'a service failed to answer: its own handler is named, not the step of its caller',
    story: (begin) => {
      const line = begin(1);
      const attributes = {
        'messaging.message.conversation_id': 'ord-1',
        'throughline.outcome': 'failed',
      };
      const asks = { by: 'intake', name: 'ask', at: 0, takes: 60, attributes };
      const inside = line.step({ ...asks, error: 'no score' });
      line.call({ by: 'intake', to: 'scoring', name: 'score', at: 5, inside, error: 'no CV' });
    },
    says: { 'failed-run': 'null × 1' },
    words: ['at "score" in scoring: no CV'],
  },
  {
    name: 'five deliveries failed, and a sixth would: the message is poison',
    story: (begin) => {
      const line = begin(1);
      const placed = send(line, 'order.placed', { by: 'shop', at: 0 });
      for (let attempt = 1; attempt <= 5; attempt++) {
        const error = 'cannot read properties of undefined';
        line.take(placed, { by: 'payments', at: attempt * SECOND, attempt, error });
      }
    },
    says: { 'poison-message': 'null × 1' },
    words: ['has failed payments 5 times'],
  },
  {
    name: 'a step is tried again and again without success',
    story: (begin) => {
      const line = begin(1);
      const placed = send(line, 'order.placed', { by: 'shop', at: 0 });
      const inside = line.take(placed, { by: 'payments', at: 100, takes: 60 * SECOND });
      for (let attempt = 1; attempt <= 5; attempt++) {
        line.step({ by: 'payments', name: 'charge', at: attempt * SECOND, inside, error: 'busy' });
      }
    },
    says: { 'retry-storm': 'null × 1' },
    words: ['payments has tried "charge"', '5 times in a row'],
  },
];
