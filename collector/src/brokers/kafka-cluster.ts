import type { Connection } from '@platformatic/kafka';
import type { KafkaClient } from './kafka-client.js';
import { NoData } from './probe.js';

export interface KafkaPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface OffsetQuestion extends KafkaPartition {
  /** Milliseconds: the first record that is not older. Or one of the two ends. */
  readonly timestamp: bigint;
}
export const LOG_START = -2n;
export const LOG_END = -1n;

export interface OffsetAnswer {
  /** Negative: there is no such record. */
  readonly offset: bigint;
  /** Milliseconds; negative where it was not asked for a time. */
  readonly timestamp: bigint;
}

interface Broker {
  readonly host: string;
  readonly port: number;
}

/** The versions of the protocol that are spoken here; Kafka 3.5 has them all. */
const NEEDED = {
  Metadata: 12,
  ListOffsets: 8,
  OffsetFetch: 8,
  FindCoordinator: 4,
  ListGroups: 4,
  DescribeGroups: 5,
};
/** A consumer, not a replica. What is not committed yet in a transaction counts as well. */
const CONSUMER = -1;
const READ_UNCOMMITTED = 0;
const ANY_EPOCH = -1;

/** The brokers and topics of a cluster at one moment, and where its partitions begin and end. */
export class KafkaCluster {
  readonly client: KafkaClient;
  readonly brokers: ReadonlyMap<number, Broker>;
  /** The broker that leads each partition, by topic; negative: none does. */
  readonly #leaders: ReadonlyMap<string, readonly number[]>;

  private constructor(
    client: KafkaClient,
    brokers: ReadonlyMap<number, Broker>,
    leaders: ReadonlyMap<string, readonly number[]>,
  ) {
    this.client = client;
    this.brokers = brokers;
    this.#leaders = leaders;
  }

  /** @throws NoData */
  static async look(client: KafkaClient): Promise<KafkaCluster> {
    const connection = await client.anyBroker();
    await demandVersions(client, connection);
    const { metadataV12 } = client.library;
    const answer = await client.ask(connection, metadataV12.api, null, false, false);
    const brokers = answer.brokers.map(
      ({ nodeId, host, port }) => [nodeId, { host, port }] as const,
    );
    const leaders = new Map<string, number[]>();
    for (const { name, isInternal, partitions } of answer.topics) {
      if (typeof name !== 'string' || isInternal) continue;
      const byPartition = Array.from({ length: partitions.length }, () => -1);
      for (const { partitionIndex, leaderId } of partitions) byPartition[partitionIndex] = leaderId;
      leaders.set(name, byPartition);
    }
    return new KafkaCluster(client, new Map(brokers), leaders);
  }

  /** Those that people made, not those that Kafka keeps for itself. */
  get topics(): readonly string[] {
    return [...this.#leaders.keys()];
  }

  partitionsOf(topic: string): KafkaPartition[] {
    return (this.#leaders.get(topic) ?? []).map((_leader, partition) => ({ topic, partition }));
  }

  /**
   * In the order of the questions; null where nobody leads the partition, or this user may not ask.
   *
   * @throws NoData
   */
  async offsets(questions: readonly OffsetQuestion[]): Promise<(OffsetAnswer | null)[]> {
    const answers = questions.map((): OffsetAnswer | null => null);
    for (const { node, asked } of this.#requests(questions)) {
      const topics = grouped([...asked.values()], (index) => questions[index]?.topic ?? '');
      const { topics: told } = await this.client.ask(
        await this.connection(node),
        this.client.library.listOffsetsV8.api,
        CONSUMER,
        READ_UNCOMMITTED,
        [...topics].map(([name, indexes]) => ({
          name,
          partitions: indexes.map((index) => ({
            partitionIndex: questions[index]?.partition ?? 0,
            currentLeaderEpoch: ANY_EPOCH,
            timestamp: questions[index]?.timestamp ?? LOG_END,
          })),
        })),
      );
      for (const { name, partitions } of told) {
        for (const { partitionIndex, errorCode, offset, timestamp } of partitions) {
          const index = asked.get(partitionKey({ topic: name, partition: partitionIndex }));
          if (index === undefined || !this.client.isTold(errorCode)) continue;
          answers[index] = { offset, timestamp };
        }
      }
    }
    return answers;
  }

  connection(node: number): Promise<Connection> {
    const broker = this.brokers.get(node);
    if (broker === undefined) {
      throw new NoData(`the cluster names broker ${node}, and does not say where it is`);
    }
    return this.client.broker(broker);
  }

  /** One request per broker that leads; it may name a partition once, so the same one again goes into the next. */
  #requests(questions: readonly OffsetQuestion[]) {
    const requests = new Map<string, { readonly node: number; readonly asked: Asked }>();
    const times = new Map<string, number>();
    questions.forEach((question, index) => {
      const key = partitionKey(question);
      const node = this.#leaders.get(question.topic)?.[question.partition] ?? -1;
      if (!this.brokers.has(node)) return;
      const time = times.get(key) ?? 0;
      times.set(key, time + 1);
      const request = requests.get(`${node} ${time}`) ?? { node, asked: new Map<string, number>() };
      request.asked.set(key, index);
      requests.set(`${node} ${time}`, request);
    });
    return requests.values();
  }
}

/** Index of the question, by the partition that it is about. */
type Asked = Map<string, number>;

export function partitionKey({ topic, partition }: KafkaPartition): string {
  return `${partition} ${topic}`;
}

export function grouped<Item, Key>(
  items: readonly Item[],
  keyOf: (item: Item) => Key,
): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

async function demandVersions(client: KafkaClient, connection: Connection): Promise<void> {
  const { apiVersionsV3 } = client.library;
  const { apiKeys } = await client.ask(connection, apiVersionsV3.api, 'throughline', '1');
  const spoken = new Map(apiKeys.map((api) => [api.name, api]));
  for (const [name, version] of Object.entries(NEEDED)) {
    const api = spoken.get(name);
    if (api === undefined || version < api.minVersion || version > api.maxVersion) {
      throw new NoData(
        `${connection.host ?? 'it'} does not speak version ${version} of ${name}: Kafka 3.5 or newer is needed`,
      );
    }
  }
}
