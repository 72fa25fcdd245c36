import type { BrokerFigures, BrokerView } from '@throughline/model/api/brokers';
import type { BrokerQueue, BrokerReading } from '@throughline/model/broker';
import type { UnixNs } from '@throughline/model/time';
import { ageMs, earliest, instantOrNull } from './instants.js';

/** A queue, with the reading that it is of. */
export interface CountedQueue {
  readonly reading: BrokerReading;
  readonly queue: BrokerQueue;
}

export function countedQueues(readings: readonly BrokerReading[]): CountedQueue[] {
  return readings.flatMap((reading) => reading.queues.map((queue) => ({ reading, queue })));
}

export function brokerViews(readings: readonly BrokerReading[]): BrokerView[] {
  return readings
    .map(({ broker, kind, noData, observedAtNs, queues, queuesLeftOut }) => ({
      name: broker,
      kind,
      state: stateOf(noData),
      reason: noData?.reason ?? null,
      noDataSince: instantOrNull(noData?.sinceNs ?? null),
      polledAt: instantOrNull(observedAtNs),
      queues: queues.length,
      queuesLeftOut,
    }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** What brokers count at one place, added up; null when none of them knows it. */
export function figuresOf(counted: readonly CountedQueue[], now: UnixNs): BrokerFigures | null {
  const first = counted[0];
  if (first === undefined) return null;
  const { broker, noData, observedAtNs } = first.reading;
  return {
    broker,
    state: stateOf(noData),
    reason: noData?.reason ?? null,
    polledAt: instantOrNull(observedAtNs),
    ...summed(
      counted.map(({ queue }) => queue),
      now,
    ),
    queues: counted
      .map(({ queue }) => ({
        name: queue.name,
        group: queue.group,
        isDeadLetter: queue.isDeadLetter,
        ...summed([queue], now),
      }))
      .sort((a, b) => a.name.localeCompare(b.name) || (a.group ?? '').localeCompare(b.group ?? '')),
  };
}

/** A broker that has said nothing yet says nothing of its places either. */
export function noFigures({ broker, noData }: BrokerReading): BrokerFigures {
  return {
    broker,
    state: stateOf(noData),
    reason: noData?.reason ?? null,
    polledAt: null,
    ...summed([], 0n as UnixNs),
    queues: [],
  };
}

function stateOf(noData: BrokerReading['noData']): 'ok' | 'no-data' {
  return noData === null ? 'ok' : 'no-data';
}

function summed(queues: readonly BrokerQueue[], now: UnixNs) {
  const sum = (valueOf: (queue: BrokerQueue) => number): number =>
    queues.reduce((total, queue) => total + valueOf(queue), 0);
  const known = (valueOf: (queue: BrokerQueue) => number | null): number | null => {
    const values = queues.map(valueOf).filter((value) => value !== null);
    return values.length === 0 ? null : values.reduce((a, b) => a + b, 0);
  };
  const oldest = queues.reduce<UnixNs | null>((at, queue) => earliest(at, queue.oldestAtNs), null);
  const eldest = queues.find(({ oldestAtNs }) => oldestAtNs === oldest);
  return {
    waiting: sum(({ waiting }) => waiting),
    unsettled: sum(({ unsettled }) => unsettled),
    givenUp: sum(({ givenUp }) => givenUp),
    redelivered: known(({ redelivered }) => redelivered),
    consumers: known(({ consumers }) => consumers),
    oldestAt: instantOrNull(oldest),
    oldestAgeMs: oldest === null ? null : ageMs(oldest, now),
    isOldestExact: oldest !== null && eldest?.isOldestExact === true,
    inPerMinute: known(({ inPerMinute }) => inPerMinute),
    outPerMinute: known(({ outPerMinute }) => outPerMinute),
  };
}
