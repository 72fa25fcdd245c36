import type { BrokerReading } from '@throughline/model/broker';
import { beforeEach, describe, expect, it } from 'vitest';
import { manualClock, type ManualClock } from '../../../test/support/manual-clock.js';
import { Poller } from './poller.js';
import { emptyQueue, type Probe, type ProbedQueue } from './probe.js';

let clock: ManualClock;
let readings: BrokerReading[];
let answer: () => Promise<readonly ProbedQueue[]>;
let asked: number;

beforeEach(() => {
  clock = manualClock();
  readings = [];
  asked = 0;
  answer = () => Promise.resolve([]);
});

function poller(before: BrokerReading | null = null): Poller {
  const probe: Probe = {
    look: () => {
      asked += 1;
      return answer();
    },
    close: () => undefined,
  };
  return new Poller({
    broker: 'events',
    kind: 'rabbitmq',
    everyMs: 10_000,
    probe,
    clock,
    chance: () => 0.5,
    before,
    onReading: (reading) => readings.push(reading),
  });
}

/** Lets everything happen that needs no time. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  await settled();
}

const queue = (changes: Partial<ProbedQueue>) => ({
  ...emptyQueue('rabbitmq', 'orders.q'),
  ...changes,
});

describe('a broker that is asked', () => {
  it('is not known to be well before it answered', () => {
    expect(poller().reading).toMatchObject({ observedAtNs: null, queues: [] });
    expect(poller().reading.noData?.reason).toBe('it has not been asked yet');
  });

  it('is asked again after its period, one question at a time', async () => {
    const asking = poller();
    answer = () => new Promise(() => undefined);
    asking.start();
    await pass(9_000);
    expect(asked).toBe(1);
    await pass(1_000);
    expect(readings.at(-1)?.noData?.reason).toBe('it did not answer within 10 s');
    answer = () => Promise.resolve([]);
    await pass(10_000);
    expect(asked).toBe(2);
    expect(readings.at(-1)).toMatchObject({ noData: null, observedAtNs: clock.now() });
    asking.close();
    await pass(60_000);
    expect([asked, clock.timerCount]).toEqual([2, 0]);
  });

  it('is asked less often while it does not answer, and as before once it does', async () => {
    const asking = poller();
    answer = () => Promise.reject(new Error('down'));
    asking.start();
    await settled();
    for (const ms of [10_000, 20_000, 40_000, 80_000, 160_000, 160_000]) {
      const before = asked;
      await pass(ms - 1);
      expect(asked).toBe(before);
      await pass(1);
      expect(asked).toBe(before + 1);
    }
    answer = () => Promise.resolve([]);
    await pass(160_000);
    const before = asked;
    await pass(10_000);
    expect(asked).toBe(before + 1);
    asking.close();
  });

  it('keeps what it said last while there is no data, with the reason and since when', async () => {
    const asking = poller();
    answer = () => Promise.resolve([queue({ waiting: 4, consumers: 0 })]);
    asking.start();
    await settled();
    const said = asking.reading;
    answer = () => Promise.reject(new Error('down'));
    await pass(10_000);
    const sinceNs = clock.now();
    await pass(10_000);
    expect(asking.reading).toEqual({ ...said, noData: { reason: 'down', sinceNs } });
    asking.close();
  });

  it('is remembered for how long it has been so, over looks and over a restart', async () => {
    const asking = poller();
    const startNs = clock.now();
    answer = () => Promise.resolve([queue({ waiting: 4, consumers: 0 })]);
    asking.start();
    await settled();
    await pass(10_000);
    const since = { unattendedSinceNs: startNs, heldSinceNs: startNs };
    expect(asking.reading.queues[0]).toMatchObject({
      ...since,
      oldestAtNs: startNs,
      isOldestExact: false,
    });
    asking.close();
    const again = poller(asking.reading);
    expect(again.reading.noData).not.toBeNull();
    expect(again.reading.queues[0]).toMatchObject(since);
    again.start();
    await settled();
    expect(again.reading.queues[0]).toMatchObject(since);
    answer = () => Promise.resolve([queue({ waiting: 1, consumers: 1 })]);
    await pass(10_000);
    expect(again.reading.queues[0]).toMatchObject({
      unattendedSinceNs: null,
      heldSinceNs: startNs,
    });
    again.close();
  });

  it('has more queues than are looked at: those that hold most are, the others are counted', async () => {
    const many = Array.from({ length: 5_003 }, (_, n) => ({
      ...emptyQueue('rabbitmq', `q${String(n)}`),
      waiting: n,
    }));
    answer = () => Promise.resolve(many);
    const asking = poller();
    asking.start();
    await settled();
    expect(asking.reading.queuesLeftOut).toBe(3);
    expect(Math.min(...asking.reading.queues.map(({ waiting }) => waiting))).toBe(3);
    asking.close();
  });
});
