import type { DestinationView } from '@throughline/model/api/catalog';
import type { DeadLetterView } from '@throughline/model/api/findings';
import type { UnixNs } from '@throughline/model/time';
import { LIMITS } from '../../limits.js';
import type { DestinationTraffic, TrafficTable } from '../../store/read-store.js';
import { ageMs, earliest, instantOrNull, latest } from './instants.js';

export interface DestinationFacts {
  readonly traffic: TrafficTable;
  readonly deadLetters: readonly DeadLetterView[];
  readonly now: UnixNs;
}

/** One entry per destination, its message types added up, by name. */
export function destinationViews({
  traffic,
  deadLetters,
  now,
}: DestinationFacts): DestinationView[] {
  const byPlace = new Map<string, DestinationTraffic[]>();
  for (const one of traffic.destinations()) {
    const place = JSON.stringify([one.system, one.destination]);
    const types = byPlace.get(place) ?? [];
    types.push(one);
    byPlace.set(place, types);
  }
  return [...byPlace.values()]
    .map((types) => destinationView(types, deadLetters, now))
    .sort((a, b) => a.name.localeCompare(b.name) || a.system.localeCompare(b.system));
}

function destinationView(
  types: readonly DestinationTraffic[],
  deadLetters: readonly DeadLetterView[],
  now: UnixNs,
): DestinationView {
  const { system, destination: name } = types[0] ?? { system: '', destination: '' };
  const isDeadLetter = types.some((one) => one.isDeadLetterDestination);
  const dead = isDeadLetter
    ? deadLetters.find((one) => one.destination === name && one.system === system)
    : undefined;
  const fromNs = (now - BigInt(LIMITS.rateWindowMs) * 1_000_000n) as UnixNs;
  const minutes = LIMITS.rateWindowMs / 60_000;
  const oldest = reduced(
    types.map((one) => one.oldestWaitingSinceNs),
    earliest,
  );
  return {
    name,
    system,
    isDeadLetter,
    producers: namesOf(types.map((one) => one.producers)),
    consumers: namesOf(types.map((one) => one.consumers)),
    messageTypes: types
      .flatMap((one) =>
        one.messageType === null
          ? []
          : [{ type: one.messageType, sent: one.sentCount, taken: one.takenCount }],
      )
      .sort((a, b) => a.type.localeCompare(b.type)),
    sentCount: sum(types, (one) => one.sentCount),
    takenCount: sum(types, (one) => one.takenCount),
    inPerMinute: sum(types, (one) => one.sentWithin(fromNs, now)) / minutes,
    outPerMinute: sum(types, (one) => one.takenWithin(fromNs, now)) / minutes,
    backlog: dead?.count ?? sum(types, (one) => one.waitingCount),
    oldestAgeMs: dead?.oldestAgeMs ?? (oldest === null ? null : ageMs(oldest, now)),
    deadLetterOf: types.flatMap((one) => one.deadLetterOf)[0] ?? null,
    lastSentAt: instantOrNull(
      reduced(
        types.map((one) => one.lastSentAtNs),
        latest,
      ),
    ),
    lastTakenAt: instantOrNull(
      reduced(
        types.map((one) => one.lastTakenAtNs),
        latest,
      ),
    ),
    broker: null,
  };
}

function reduced(
  instants: readonly (UnixNs | null)[],
  pick: (a: UnixNs | null, b: UnixNs | null) => UnixNs | null,
): UnixNs | null {
  return instants.reduce<UnixNs | null>(pick, null);
}

function namesOf(activities: readonly ReadonlyMap<string, unknown>[]): string[] {
  return [...new Set(activities.flatMap((activity) => [...activity.keys()]))].sort();
}

function sum<T>(items: readonly T[], valueOf: (item: T) => number): number {
  return items.reduce((total, item) => total + valueOf(item), 0);
}
