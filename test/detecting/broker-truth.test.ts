import { policy } from '@throughline/fixtures/build/policy';
import type { BrokerQueue, BrokerReading } from '@throughline/model/broker';
import type { Policy } from '@throughline/model/policy';
import { describe, expect, it } from 'vitest';
import { Detector } from '../../collector/src/detect/detector.js';
import { ACCOUNT_ROWS } from './account-rows.js';
import { atMs, feed, openOf, staged } from './stage.js';

const MINUTE = 60_000;

function queue(changes: Partial<BrokerQueue>): BrokerQueue {
  return {
    system: 'rabbitmq',
    name: 'orders.q',
    group: null,
    fedBy: [],
    waiting: 0,
    unsettled: 0,
    consumers: 1,
    oldestAtNs: null,
    isOldestExact: false,
    isDelay: false,
    isDeadLetter: false,
    deadLetterOf: [],
    redelivered: null,
    givenUp: 0,
    deliveriesMax: null,
    inPerMinute: null,
    outPerMinute: null,
    unattendedSinceNs: null,
    heldSinceNs: null,
    redrive: null,
    ...changes,
  };
}

/** Messages that wait since the beginning, with nobody attached. */
const unread = (changes: Partial<BrokerQueue> = {}): BrokerQueue =>
  queue({
    waiting: 7,
    consumers: 0,
    oldestAtNs: atMs(0),
    unattendedSinceNs: atMs(0),
    heldSinceNs: atMs(0),
    ...changes,
  });

const letters = (changes: Partial<BrokerQueue> = {}): BrokerQueue =>
  unread({
    name: 'parked',
    isDeadLetter: true,
    deadLetterOf: ['orders.q'],
    redrive: 'send back',
    ...changes,
  });

function reading(
  queues: readonly BrokerQueue[],
  ms: number,
  noData: string | null = null,
): BrokerReading {
  return {
    broker: 'events',
    kind: 'rabbitmq',
    observedAtNs: atMs(ms),
    noData: noData === null ? null : { reason: noData, sinceNs: atMs(ms) },
    queues,
    queuesLeftOut: 0,
  };
}

/** What is open when the brokers said this at that time, and nothing but it is known. */
function judged(queues: readonly BrokerQueue[], ms: number, given: Partial<Policy> = {}) {
  const detector = new Detector(policy(given), new Map());
  detector.brokersRead([reading(queues, ms)]);
  detector.sweep(atMs(ms));
  return openOf(detector);
}

describe('a queue that its broker says nobody is attached to', () => {
  it('is a missing consumer though no span tells, with count, age and what to do', () => {
    const [finding, ...others] = judged([unread()], 14 * MINUTE);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      rule: 'missing-consumer',
      verdict: 'consumer-absent',
      runsAffected: 0,
      confidence: 1,
      subject: { id: 'destination:rabbitmq/orders.q' },
      sentence:
        'Nobody is attached to orders.q (rabbitmq): by the count of the broker 7 messages wait there, the oldest for at least 14 min. Next: start its consumer, and check that it is attached to orders.q.',
    });
    expect(finding?.evidence[0]).toEqual({
      text: 'by the broker events, 0 ms ago',
      value: '7 waiting, 0 consumers',
    });
    expect(finding?.next[0]?.command).toBe('rabbitmqctl list_consumers');
  });

  it.each([
    ['before the grace is over', unread({ unattendedSinceNs: atMs(14 * MINUTE - 5_000) }), {}],
    ['while messages wait there for their time', unread({ isDelay: true }), {}],
    ['when nobody is meant to read it', unread(), { noConsumerExpected: ['orders.*'] }],
    [
      'when a group of readers is not meant to go on',
      unread({ group: 'old' }),
      { noConsumerExpected: ['orders.q › old'] },
    ],
    [
      'when nobody is meant to read its type',
      unread({ fedBy: [{ destination: 'x', type: 'log.line' }] }),
      { noConsumerExpected: ['log.*'] },
    ],
    ['with a consumer', queue({ waiting: 7, heldSinceNs: atMs(0) }), {}],
    [
      'where the broker does not tell who is attached',
      queue({ waiting: 7, consumers: null, heldSinceNs: atMs(0) }),
      {},
    ],
  ])('is none %s', (_when, each, given) => {
    expect(judged([each], 14 * MINUTE, given)).toEqual([]);
  });

  it.each([
    ['kafka', 'kafka-consumer-groups.sh --bootstrap-server "$BROKERS" --describe --group billing'],
    ['nats', 'nats consumer info orders.q billing'],
    ['redis', 'redis-cli XINFO CONSUMERS orders.q billing'],
  ])(
    'names its group of %s, the command that shows it, and how it alone is excused',
    (...given) => {
      const [system, command] = given;
      const [finding] = judged([unread({ system, group: 'billing' })], 14 * MINUTE);
      expect(finding?.next).toEqual([
        { text: expect.stringContaining('attached to orders.q › billing') as string, command },
        { text: expect.stringContaining('add "orders.q › billing" to') as string },
      ]);
    },
  );

  it('closes when somebody attaches', () => {
    const detector = new Detector(policy(), new Map());
    detector.brokersRead([reading([unread()], MINUTE)]);
    detector.sweep(atMs(MINUTE));
    expect(openOf(detector)).toHaveLength(1);
    detector.brokersRead([reading([queue({ waiting: 7, heldSinceNs: atMs(0) })], 2 * MINUTE)]);
    detector.sweep(atMs(2 * MINUTE));
    expect(openOf(detector)).toEqual([]);
  });

  it('is one finding with what spans tell of the same queue, theirs, which names the count', () => {
    const stage = staged({}, (begin) => {
      begin(1).send({ by: 'shop', to: 'orders', type: 'order.placed', at: 0 });
    });
    const detector = new Detector(stage.policy, new Map());
    detector.brokersRead([
      reading([unread({ fedBy: [{ destination: 'orders', type: 'order.*' }] })], MINUTE),
    ]);
    feed(detector, stage.runs, atMs(MINUTE));
    detector.sweep(atMs(MINUTE));
    const found = openOf(detector).filter(({ rule }) => rule === 'missing-consumer');
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ runsAffected: 1 });
    expect(found[0]?.evidence).toContainEqual({
      text: 'orders.q by the broker events, 0 ms ago',
      value: '7 waiting, 0 consumers',
    });
  });
});

describe('dead letters that the broker counts', () => {
  it('are a backlog though no span tells, with the command that sends them back', () => {
    const [finding, ...others] = judged([letters()], 14 * MINUTE);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      rule: 'dead-letter-backlog',
      verdict: 'dead-lettered',
      where: 'orders.q → parked',
      subject: { id: 'dead-letter:rabbitmq/parked' },
      sentence:
        'parked (rabbitmq) holds 7 messages, the oldest for at least 14 min; no span tells why. Next: mend what makes the consumer of orders.q put messages aside, then send them back.',
      next: [{ command: 'send back' }, {}],
    });
  });

  it('are messages that JetStream gave up', () => {
    const consumer = queue({
      system: 'nats',
      name: 'ORD',
      group: 'c1',
      consumers: null,
      givenUp: 1,
      deliveriesMax: 2,
      heldSinceNs: atMs(0),
      oldestAtNs: atMs(0),
    });
    expect(judged([consumer], MINUTE)).toMatchObject([
      {
        rule: 'dead-letter-backlog',
        sentence: expect.stringMatching(
          /^The broker gave up 1 message for ORD › c1 \(nats\) after 2 deliveries: it lies in the stream/,
        ) as string,
      },
    ]);
  });

  it('that a person closed open again when there are more, and not before', () => {
    const detector = new Detector(policy(), new Map());
    const say = (waiting: number, ms: number) => {
      detector.brokersRead([reading([letters({ waiting })], ms)]);
      detector.sweep(atMs(ms));
      return openOf(detector).length;
    };
    say(7, MINUTE);
    const id = openOf(detector)[0]?.id ?? '';
    detector.close(id, { by: 'kim', note: null }, atMs(MINUTE));
    expect([say(7, 2 * MINUTE), say(6, 3 * MINUTE), say(8, 4 * MINUTE)]).toEqual([0, 0, 1]);
  });
});

describe('a broker that no longer answers', () => {
  it('closes nothing and opens nothing: what it said is marked as unknown', () => {
    const detector = new Detector(policy(), new Map());
    const queues = [
      unread(),
      letters(),
      unread({ name: 'young.q', unattendedSinceNs: atMs(MINUTE) }),
    ];
    detector.brokersRead([reading(queues, MINUTE)]);
    detector.sweep(atMs(MINUTE));
    const before = openOf(detector).map(({ id }) => id);
    expect(before).toHaveLength(2);
    detector.brokersRead([reading(queues, MINUTE, 'events:15672 cannot be reached: ECONNREFUSED')]);
    detector.sweep(atMs(60 * MINUTE));
    const after = openOf(detector);
    expect(after.map(({ id }) => id)).toEqual(before);
    for (const { sentence, confidence } of after) {
      expect(sentence).toContain('Whether this still holds is unknown');
      expect(sentence).toContain('ECONNREFUSED');
      expect(confidence).toBe(0.5);
    }
  });

  it('closes nothing over a restart either', () => {
    const first = new Detector(policy(), new Map());
    const said = reading([unread()], MINUTE);
    first.brokersRead([said]);
    first.sweep(atMs(MINUTE));
    const saved = new Map(first.toSave().map(({ id, value }) => [id, value]));
    const second = new Detector(policy(), saved);
    second.brokersRead([
      { ...said, noData: { reason: 'it has not been asked yet', sinceNs: atMs(2 * MINUTE) } },
    ]);
    second.sweep(atMs(2 * MINUTE));
    expect(openOf(second).map(({ id }) => id)).toEqual(openOf(first).map(({ id }) => id));
  });
});

describe('the books of a destination', () => {
  const stage = staged({ detect: { learn: false } }, ACCOUNT_ROWS[0]?.story ?? (() => undefined));
  const told = (queues: readonly BrokerQueue[]) => {
    const detector = new Detector(stage.policy, new Map());
    feed(detector, stage.runs, atMs(14 * MINUTE));
    detector.brokersRead([reading(queues, 14 * MINUTE)]);
    detector.sweep(atMs(14 * MINUTE));
    return openOf(detector).find(({ rule }) => rule === 'unaccounted-messages');
  };
  const fed = { fedBy: [{ destination: 'orders', type: 'order.placed' }] };

  it('do not balance where the broker holds nothing, and that is said', () => {
    const found = told([queue(fed)]);
    expect(found?.sentence).toContain('8 messages');
    expect(found?.sentence).toContain('the broker holds none');
    expect(found?.confidence).toBe(0.9);
  });

  it('do not balance where the broker holds a few of them', () => {
    const found = told([queue({ ...fed, waiting: 2, unsettled: 1 })]);
    expect(found?.sentence).toContain('5 messages');
    expect(found?.sentence).toContain('the broker holds 3 only');
  });

  it('balance where they wait at the broker, or lie aside there without a span', () => {
    expect(told([queue({ ...fed, waiting: 8 })])).toBeUndefined();
    const parked = letters({ waiting: 8, unattendedSinceNs: null });
    expect(told([queue(fed), parked])).toBeUndefined();
  });
});
