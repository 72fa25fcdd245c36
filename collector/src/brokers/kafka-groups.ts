import type { Connection } from '@platformatic/kafka';
import { LIMITS } from '../limits.js';
import type { KafkaClient } from './kafka-client.js';
import { grouped, type KafkaCluster, type KafkaPartition } from './kafka-cluster.js';
import { NoData } from './probe.js';

/** Consumers that share out the partitions of topics, and how far they are. */
export interface KafkaGroup {
  readonly id: string;
  /** Members by the topic that they read; null: who is in it is not told. */
  readonly membersOf: ReadonlyMap<string, number> | null;
  readonly committed: readonly KafkaCommit[];
}

export interface KafkaCommit extends KafkaPartition {
  /** Of the record that is read next. */
  readonly offset: bigint;
}

const GROUP_KEY = 0;
const ANY_EPOCH = -1;
/** What `kafka-console-consumer` calls groups that are of use to nobody once it ended. */
const THROWN_AWAY = /^console-consumer-\d+$/;

/** All groups of consumers that the user may see. @throws NoData */
export async function kafkaGroups(cluster: KafkaCluster): Promise<KafkaGroup[]> {
  const states = await listed(cluster);
  if (states.size > LIMITS.brokerQueuesReadMax) {
    throw new NoData(
      `the cluster has more than ${LIMITS.brokerQueuesReadMax} consumer groups, which is too many to ask for`,
    );
  }
  const groups: KafkaGroup[] = [];
  for (const [node, ids] of await coordinators(cluster, [...states.keys()])) {
    const connection = await cluster.connection(node);
    groups.push(...(await groupsAt(cluster.client, connection, { ids, states })));
  }
  return groups;
}

/** The state of each group, by its id. */
async function listed({ client, brokers }: KafkaCluster): Promise<Map<string, string>> {
  const states = new Map<string, string>();
  for (const broker of brokers.values()) {
    const connection = await client.broker(broker);
    const { groups, errorCode } = await client.ask(connection, client.library.listGroupsV4.api, []);
    if (!client.isTold(errorCode)) continue;
    for (const { groupId, protocolType, groupState } of groups) {
      // Kafka Connect and others keep groups that read nothing, and share groups commit no offsets.
      if (protocolType !== '' && protocolType !== 'consumer') continue;
      if (isEmpty(groupState) && THROWN_AWAY.test(groupId)) continue;
      states.set(groupId, groupState);
    }
  }
  return states;
}

/** Ids of groups by the broker that keeps their offsets. */
async function coordinators(
  { client }: KafkaCluster,
  ids: string[],
): Promise<Map<number, string[]>> {
  if (ids.length === 0) return new Map();
  const { findCoordinatorV4 } = client.library;
  const connection = await client.anyBroker();
  const found = await client.ask(connection, findCoordinatorV4.api, GROUP_KEY, ids);
  const known = found.coordinators.filter(({ errorCode }) => client.isTold(errorCode));
  const byNode = grouped(known, ({ nodeId }) => nodeId);
  return new Map([...byNode].map(([node, all]) => [node, all.map(({ key }) => key)]));
}

interface Wanted {
  readonly ids: string[];
  readonly states: ReadonlyMap<string, string>;
}

async function groupsAt(
  client: KafkaClient,
  connection: Connection,
  { ids, states }: Wanted,
): Promise<KafkaGroup[]> {
  const { describeGroupsV5, offsetFetchV8 } = client.library;
  const described = await client.ask(connection, describeGroupsV5.api, ids, false);
  const members = new Map(described.groups.map((group) => [group.groupId, group]));
  const { groups } = await client.ask(
    connection,
    offsetFetchV8.api,
    // In the protocol null stands for all topics; the types of the library do not know it.
    ids.map((groupId) => ({ groupId, memberEpoch: ANY_EPOCH, topics: null as unknown as [] })),
    false,
  );
  return groups
    .filter(({ errorCode }) => client.isTold(errorCode))
    .map(({ groupId: id, topics }) => ({
      id,
      membersOf: isEmpty(states.get(id)) ? new Map() : membersByTopic(client, members.get(id)),
      committed: topics.flatMap(({ name: topic, partitions }) =>
        partitions
          .filter(({ errorCode, committedOffset }) => {
            return client.isTold(errorCode) && committedOffset >= 0n;
          })
          .map(({ partitionIndex: partition, committedOffset: offset }) => {
            return { topic, partition, offset };
          }),
      ),
    }));
}

interface Described {
  readonly groupState: string;
  readonly members: readonly { readonly memberAssignment: Buffer }[];
}

/** Null while a group shares its partitions out anew, and for groups of the protocol that came with Kafka 4. */
function membersByTopic(
  { library }: KafkaClient,
  group: Described | undefined,
): ReadonlyMap<string, number> | null {
  if (group?.groupState !== 'Stable') return null;
  const counts = new Map<string, number>();
  for (const { memberAssignment } of group.members) {
    if (memberAssignment.length === 0) continue;
    const reader = library.Reader.from(memberAssignment);
    reader.readInt16();
    const partitionsOf = reader.readMap(
      (r) => [r.readString(false), r.readArray(() => r.readInt32(), false, false)],
      false,
      false,
    );
    for (const [topic, partitions] of partitionsOf) {
      if (partitions.length > 0) counts.set(topic, (counts.get(topic) ?? 0) + 1);
    }
  }
  return counts;
}

function isEmpty(state: string | undefined): boolean {
  return /^(?:empty|dead)$/i.test(state ?? '');
}
