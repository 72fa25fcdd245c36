import type { BrokerFigures } from '@throughline/model/api/brokers';
import type { DestinationView } from '@throughline/model/api/catalog';
import { liesIn, type BrokerKind, type BrokerReading } from '@throughline/model/broker';
import type { UnixNs } from '@throughline/model/time';
import { countedQueues, figuresOf, noFigures, type CountedQueue } from './broker-figures.js';

/** Systems, as spans name them, that a broker of a kind holds. */
const SYSTEMS: Readonly<Record<BrokerKind, readonly string[]>> = {
  rabbitmq: ['rabbitmq'],
  nats: ['nats'],
  redis: ['redis', 'bullmq'],
  kafka: ['kafka'],
  sqs: ['aws_sqs'],
};

/** What spans show of destinations beside what their brokers count, and the queues that no span showed. */
export function countedDestinations(
  seen: readonly DestinationView[],
  readings: readonly BrokerReading[],
  now: UnixNs,
): DestinationView[] {
  if (readings.length === 0) return [...seen];
  const counted = countedQueues(readings);
  const bySystem = grouped(counted, ({ queue }) => queue.system);
  const known = new Set(seen.map(keyOf));
  const unseen = grouped(
    counted.filter(({ queue }) => !known.has(keyOf(queue))),
    ({ queue }) => keyOf(queue),
  );
  return [
    ...seen.map((view) => ({
      ...view,
      broker: figuresAt(view, bySystem.get(view.system) ?? [], { readings, now }),
    })),
    ...[...unseen.values()].flatMap((queues) => unseenView(queues, now)),
  ].sort((a, b) => a.name.localeCompare(b.name) || a.system.localeCompare(b.system));
}

interface Around {
  readonly readings: readonly BrokerReading[];
  readonly now: UnixNs;
}

function figuresAt(
  { name, system }: DestinationView,
  queues: readonly CountedQueue[],
  { readings, now }: Around,
): BrokerFigures | null {
  const sent = { system, destination: name, type: null };
  const own = queues.filter(({ queue }) => queue.name === name);
  const found = own.length > 0 ? own : queues.filter(({ queue }) => liesIn(queue, sent));
  if (found.length > 0) return figuresOf(found, now);
  const silent = readings.find(
    ({ kind, observedAtNs }) => observedAtNs === null && SYSTEMS[kind].includes(system),
  );
  return silent === undefined ? null : noFigures(silent);
}

function unseenView(queues: readonly CountedQueue[], now: UnixNs): DestinationView[] {
  const broker = figuresOf(queues, now);
  const queue = queues[0]?.queue;
  if (broker === null || queue === undefined) return [];
  return [
    {
      name: queue.name,
      system: queue.system,
      isDeadLetter: queue.isDeadLetter,
      producers: [],
      consumers: [],
      messageTypes: [],
      sentCount: 0,
      takenCount: 0,
      inPerMinute: broker.inPerMinute ?? 0,
      outPerMinute: broker.outPerMinute ?? 0,
      backlog: broker.waiting,
      oldestAgeMs: broker.oldestAgeMs,
      deadLetterOf: queue.deadLetterOf[0] ?? null,
      lastSentAt: null,
      lastTakenAt: null,
      broker,
    },
  ];
}

function grouped(
  queues: readonly CountedQueue[],
  keyOfQueue: (counted: CountedQueue) => string,
): ReadonlyMap<string, readonly CountedQueue[]> {
  const groups = new Map<string, CountedQueue[]>();
  for (const each of queues) {
    const key = keyOfQueue(each);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [each]);
    else group.push(each);
  }
  return groups;
}

function keyOf({ system, name }: { readonly system: string; readonly name: string }): string {
  return JSON.stringify([system, name]);
}
