import { instantFromMs, type UnixNs } from '@throughline/model/time';
import type { Clock } from '../clock.js';
import { LIMITS } from '../limits.js';
import { firstUnreadKey, KafkaAges, type Age } from './kafka-ages.js';
import { KafkaClient, type KafkaPlace } from './kafka-client.js';
import {
  KafkaCluster,
  LOG_END,
  LOG_START,
  partitionKey,
  type KafkaPartition,
  type OffsetAnswer,
} from './kafka-cluster.js';
import { kafkaGroups } from './kafka-groups.js';
import {
  lineKey,
  linesOf,
  queueOf,
  SYSTEM,
  unreadOf,
  type KafkaLine,
  type LogEnds,
  type Unread,
} from './kafka-lines.js';
import { emptyQueue, NoData, type Probe, type ProbedQueue } from './probe.js';

interface Seen {
  readonly written: bigint;
  readonly read: bigint;
}

/**
 * The consumer groups of a Kafka cluster, how far behind each is, and its topics of dead letters. Only offsets are
 * asked for: no record is read, and no group is joined.
 */
export class KafkaProbe implements Probe {
  readonly #place: KafkaPlace;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #ages = new KafkaAges();
  #client: KafkaClient | null = null;
  #before: { readonly atNs: UnixNs; readonly seen: ReadonlyMap<string, Seen> } | null = null;

  constructor(place: KafkaPlace, clock: Pick<Clock, 'now'>) {
    this.#place = place;
    this.#clock = clock;
  }

  async look(signal: AbortSignal): Promise<readonly ProbedQueue[]> {
    const client = (this.#client ??= await KafkaClient.open(this.#place));
    const end = (): void => this.#drop(client);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
    try {
      return await this.#read(client);
    } catch (error) {
      this.#drop(client);
      throw error;
    } finally {
      signal.removeEventListener('abort', end);
    }
  }

  close(): void {
    if (this.#client !== null) this.#drop(this.#client);
  }

  /** The next look begins with a client of its own; a late end of this one must not take it away. */
  #drop(client: KafkaClient): void {
    client.close();
    if (this.#client === client) this.#client = null;
  }

  async #read(client: KafkaClient): Promise<ProbedQueue[]> {
    const cluster = await KafkaCluster.look(client);
    const { user } = this.#place;
    if (user !== null && cluster.topics.length === 0) {
      throw new NoData(
        `the cluster shows no topic to the user ${user}: allow it to describe topics and groups`,
      );
    }
    const lines = linesOf(cluster.topics, await kafkaGroups(cluster));
    const ends = await logEnds(cluster, lines);
    const nowNs = this.#clock.now();
    const unread = lines.map((line) => unreadOf(line, cluster.partitionsOf(line.topic), ends));
    const ages = await this.#ages.find(
      unread.flatMap(({ first }) => first),
      (questions) => cluster.offsets(questions),
      Number(nowNs / 1_000_000n),
    );
    const rates = this.#rates(lines, unread, nowNs);
    const topics = new Set(cluster.topics);
    const read = new Set(lines.map(({ topic }) => topic));
    return [
      ...lines.map((line, index) => ({
        ...queueOf(line, unread[index]?.waiting ?? 0, topics),
        ...oldestOf(unread[index]?.first ?? [], ages),
        ...rates[index],
      })),
      ...cluster.topics.filter((topic) => !read.has(topic)).map((name) => emptyQueue(SYSTEM, name)),
    ];
  }

  /** Kafka counts no rates: two looks tell them. */
  #rates(lines: readonly KafkaLine[], unread: readonly Unread[], atNs: UnixNs) {
    const before = this.#before;
    const seen = new Map<string, Seen>();
    lines.forEach((line, index) => {
      const { written = 0n, read = 0n } = unread[index] ?? {};
      seen.set(lineKey(line), { written, read });
    });
    this.#before = { atNs, seen };
    const minutes = before === null ? 0 : Number(atNs - before.atNs) / 6e10;
    return lines.map((line) => {
      const then = before?.seen.get(lineKey(line));
      const now = seen.get(lineKey(line));
      if (then === undefined || now === undefined || minutes <= 0) return {};
      return {
        inPerMinute: Math.max(0, Number(now.written - then.written)) / minutes,
        outPerMinute: Math.max(0, Number(now.read - then.read)) / minutes,
      };
    });
  }
}

async function logEnds(cluster: KafkaCluster, lines: readonly KafkaLine[]): Promise<LogEnds> {
  const topics = new Set(lines.map(({ topic }) => topic));
  const partitions = [...topics].flatMap((topic) => cluster.partitionsOf(topic));
  if (partitions.length > LIMITS.brokerPartitionsReadMax) {
    throw new NoData(
      `the topics that groups read have more than ${LIMITS.brokerPartitionsReadMax} partitions, which is too many to ask for`,
    );
  }
  const at = async (timestamp: bigint) => {
    const answers = await cluster.offsets(partitions.map((each) => ({ ...each, timestamp })));
    const known = new Map<string, OffsetAnswer | null>();
    partitions.forEach((each, index) => known.set(partitionKey(each), answers[index] ?? null));
    return (each: KafkaPartition) => known.get(partitionKey(each)) ?? null;
  };
  return { startOf: await at(LOG_START), endOf: await at(LOG_END) };
}

function oldestOf(first: Unread['first'], ages: ReadonlyMap<string, Age>) {
  const known = first.map((record) => ages.get(firstUnreadKey(record)));
  const oldest = known.reduce<Age | undefined>(
    (a, b) => (a === undefined || (b !== undefined && b.atMs < a.atMs) ? b : a),
    undefined,
  );
  if (oldest === undefined) return {};
  return {
    oldestAtNs: instantFromMs(oldest.atMs),
    isOldestExact: !known.includes(undefined) && known.every((age) => age?.isExact === true),
  };
}
