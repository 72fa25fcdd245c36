import { isDeadLetterName, sourceByName } from '@throughline/model/dead-letter-name';
import { kafkaRedrive } from '@throughline/model/redrive';
import { grouped, type KafkaPartition, type OffsetAnswer } from './kafka-cluster.js';
import type { FirstUnread } from './kafka-ages.js';
import type { KafkaGroup } from './kafka-groups.js';
import { emptyQueue, type ProbedQueue } from './probe.js';

export const SYSTEM = 'kafka';

/** One topic as one group reads it; a topic of dead letters as whoever came furthest reads it. */
export interface KafkaLine {
  readonly topic: string;
  /** Null: all groups together. */
  readonly group: string | null;
  readonly consumers: number | null;
  /** Of the record that is read next, by number of the partition. */
  readonly committed: ReadonlyMap<number, bigint>;
  readonly isDeadLetter: boolean;
}

export function linesOf(topics: readonly string[], groups: readonly KafkaGroup[]): KafkaLine[] {
  const known = new Set(topics);
  const byTopic = grouped(
    groups.flatMap((group) => topicsOf(group).map((topic) => ({ topic, group }))),
    ({ topic }) => topic,
  );
  const read = [...byTopic.keys()].filter((topic) => known.has(topic) && !isDeadLetterName(topic));
  return [
    ...topics.filter(isDeadLetterName).map((topic) => {
      const readers = (byTopic.get(topic) ?? []).map(({ group }) => group);
      return deadLetterLine(topic, readers);
    }),
    ...read.flatMap((topic) =>
      (byTopic.get(topic) ?? []).map(({ group }) => ({
        topic,
        group: group.id,
        consumers: group.membersOf === null ? null : (group.membersOf.get(topic) ?? 0),
        committed: new Map(committedIn(group, topic)),
        isDeadLetter: false,
      })),
    ),
  ];
}

/** Where the records of a partition begin, and where the next one will lie. */
export interface LogEnds {
  readonly startOf: (partition: KafkaPartition) => OffsetAnswer | null;
  readonly endOf: (partition: KafkaPartition) => OffsetAnswer | null;
}

/** How much lies before a line, and what it reads next in each partition. */
export interface Unread {
  readonly waiting: number;
  readonly first: readonly FirstUnread[];
  /** Offsets of all partitions added up: what was ever written, and what was read of it. */
  readonly written: bigint;
  readonly read: bigint;
}

/**
 * A group that has committed nothing in a partition reads from its end on, or from its start: which, only the
 * application knows, so nothing waits there. Of dead letters that nobody read all wait.
 */
export function unreadOf(
  { committed, isDeadLetter }: KafkaLine,
  partitions: readonly KafkaPartition[],
  { startOf, endOf }: LogEnds,
): Unread {
  let written = 0n;
  let read = 0n;
  const first: FirstUnread[] = [];
  for (const partition of partitions) {
    const start = startOf(partition)?.offset;
    const end = endOf(partition)?.offset;
    if (start === undefined || end === undefined) continue;
    const at = committed.get(partition.partition) ?? (isDeadLetter ? start : end);
    // What was deleted for its age is not there to be read; what was deleted with its topic begins anew.
    const next = at < start ? start : at > end ? end : at;
    written += end;
    read += next;
    if (next < end) first.push({ ...partition, offset: next });
  }
  return { waiting: Number(written - read), first, written, read };
}

export function queueOf(
  { topic, group, consumers, isDeadLetter }: KafkaLine,
  waiting: number,
  topics: ReadonlySet<string>,
): ProbedQueue {
  const source = isDeadLetter ? sourceByName(topic) : null;
  const deadLetterOf = source !== null && topics.has(source) ? [source] : [];
  return {
    ...emptyQueue(SYSTEM, topic),
    group,
    waiting,
    consumers,
    isDeadLetter,
    deadLetterOf,
    redrive: isDeadLetter ? kafkaRedrive(topic, deadLetterOf[0]) : null,
  };
}

export function lineKey({ topic, group }: KafkaLine): string {
  return JSON.stringify([topic, group]);
}

function deadLetterLine(topic: string, readers: readonly KafkaGroup[]): KafkaLine {
  const committed = new Map<number, bigint>();
  for (const [partition, offset] of readers.flatMap((group) => committedIn(group, topic))) {
    const furthest = committed.get(partition);
    if (furthest === undefined || furthest < offset) committed.set(partition, offset);
  }
  const counts = readers.map(({ membersOf }) =>
    membersOf === null ? null : (membersOf.get(topic) ?? 0),
  );
  const consumers = counts.includes(null) ? null : counts.reduce<number>((a, b) => a + (b ?? 0), 0);
  return { topic, group: null, consumers, committed, isDeadLetter: true };
}

function topicsOf({ committed, membersOf }: KafkaGroup): string[] {
  return [...new Set([...committed.map(({ topic }) => topic), ...(membersOf?.keys() ?? [])])];
}

function committedIn({ committed }: KafkaGroup, topic: string): (readonly [number, bigint])[] {
  return committed
    .filter((each) => each.topic === topic)
    .map(({ partition, offset }) => [partition, offset] as const);
}
