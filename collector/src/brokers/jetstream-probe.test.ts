import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeBroker, type FakeBroker } from '../../../test/support/fake-broker.js';
import { JetstreamProbe } from './jetstream-probe.js';

let broker: FakeBroker;
beforeEach(async () => {
  broker = await fakeBroker();
});
afterEach(() => broker.close());

const FIRST_AT = '2026-11-21T14:47:13.908532088Z';

/** A consumer as nats-server 2.9.10 tells of one that nobody reads. */
function consumer(changes: Readonly<Record<string, unknown>> = {}) {
  const { config, ...others } = changes as { config?: object };
  return {
    name: 'c1',
    config: { durable_name: 'c1', ack_policy: 'explicit', max_deliver: -1, ...config },
    delivered: { consumer_seq: 0, stream_seq: 0 },
    ack_floor: { consumer_seq: 0, stream_seq: 0 },
    num_ack_pending: 0,
    num_redelivered: 0,
    num_waiting: 0,
    num_pending: 3,
    ...others,
  };
}

async function look(consumers: readonly object[], stream = {}, accounts: readonly object[] = []) {
  const detail = {
    name: 'ORD',
    config: { name: 'ORD', subjects: ['orders.>'], retention: 'limits' },
    state: { messages: 3, first_seq: 1, first_ts: FIRST_AT, last_seq: 3 },
    consumer_detail: consumers,
    ...stream,
  };
  broker.answers = {
    '/jsz': {
      now: '2026-11-21T14:57:13Z',
      account_details: [{ name: '$G', stream_detail: [detail] }, ...accounts],
    },
  };
  const place = { url: new URL(broker.url), user: null, password: null };
  return new JetstreamProbe(place).look(new AbortController().signal);
}

describe('a consumer of JetStream', () => {
  it('that nobody reads has what waits since the first message of its stream', async () => {
    expect(await look([consumer()])).toEqual([
      expect.objectContaining({
        system: 'nats',
        name: 'ORD',
        group: 'c1',
        waiting: 3,
        consumers: 0,
        isOldestExact: true,
        oldestAtNs: 1_795_272_433_908_532_088n,
        fedBy: [{ destination: 'orders.**', type: null }],
      }),
    ]);
  });

  it('is attached while somebody asks, pushed to while bound, and unknown just after a delivery', async () => {
    const lately = { last_active: '2026-11-21T14:57:00Z' };
    const queues = await look([
      consumer({ num_waiting: 2 }),
      consumer({ config: { deliver_subject: 'd' }, push_bound: true }),
      consumer({ config: { deliver_subject: 'd' }, num_waiting: 1 }),
      consumer({ delivered: lately }),
      consumer({ delivered: { last_active: '2026-11-21T14:50:00Z' } }),
    ]);
    expect(queues.map(({ consumers }) => consumers)).toEqual([2, 1, 0, null, 0]);
  });

  it.each([
    ['gave up what it delivered again and nobody can settle any more', {}, 2],
    ['still waits for the last try', { num_ack_pending: 2 }, 0],
    ['delivers for ever', { config: { max_deliver: -1 } }, 0],
    ['gave up what left the stream since', { ack_floor: { stream_seq: 2 } }, 1],
  ])('%s', async (_what, changes, givenUp) => {
    const base = { num_pending: 0, num_redelivered: 2, config: { max_deliver: 2 } };
    const [queue] = await look([consumer({ ...base, ...changes })]);
    expect(queue?.givenUp).toBe(givenUp);
    expect(queue?.redrive === null).toBe(givenUp === 0);
  });

  it('says how to have given-up messages delivered again, with hostile names quoted', async () => {
    const config = { max_deliver: 2, filter_subject: 'orders.$(boom)' };
    const [queue] = await look([consumer({ num_redelivered: 1, num_pending: 0, config })]);
    expect(queue?.redrive).toBe(
      "nats consumer add ORD c1-redrive --pull --deliver 1 --filter 'orders.$(boom)' --ack explicit --defaults",
    );
  });

  it('of a work queue begins anew itself, as it was, for no second one may stand beside it', async () => {
    const config = { max_deliver: 2, ack_wait: 30_000_000_000 };
    const of = { config: { subjects: ['jobs'], retention: 'workqueue' } };
    const redriveOf = async (more: object) => {
      const given = { num_redelivered: 1, num_pending: 0, config: { ...config, ...more } };
      return (await look([consumer(given)], of))[0]?.redrive;
    };
    const removed = 'nats consumer rm ORD c1 --force && nats consumer add ORD c1';
    expect(await redriveOf({})).toBe(
      `${removed} --pull --deliver all --ack explicit --max-deliver 2 --wait 30000ms --defaults`,
    );
    expect(await redriveOf({ deliver_subject: 'push.me', filter_subject: 'jobs' })).toBe(
      `${removed} --target push.me --deliver all --filter jobs --ack explicit --max-deliver 2 --wait 30000ms --defaults`,
    );
  });
});

it('a work queue without any consumer waits for one, other streams are kept to be read at any time', async () => {
  const [kept] = await look([]);
  expect(kept).toMatchObject({ waiting: 0, consumers: null });
  const [queue] = await look([], { config: { retention: 'workqueue', subjects: ['jobs'] } });
  expect(queue).toMatchObject({ waiting: 3, consumers: 0, group: null });
});

it('streams of several accounts are told apart', async () => {
  const queues = await look([consumer()], {}, [{ name: 'OTHER' }]);
  expect(queues.map(({ name }) => name)).toEqual(['$G/ORD']);
});

it('a NATS without JetStream, or no NATS at all, is said to be', async () => {
  const place = { url: new URL(broker.url), user: null, password: null };
  const ask = () => new JetstreamProbe(place).look(new AbortController().signal);
  broker.answers = { '/jsz': { now: '2026-11-21T14:57:13Z', disabled: true } };
  await expect(ask()).rejects.toThrow('runs without JetStream');
  broker.answers = { '/jsz': { hello: 1 } };
  await expect(ask()).rejects.toThrow('monitoring port of NATS');
});
