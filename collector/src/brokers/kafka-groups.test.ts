import * as library from '@platformatic/kafka';
import { describe, expect, it } from 'vitest';
import { KafkaClient } from './kafka-client.js';
import type { KafkaCluster } from './kafka-cluster.js';
import { kafkaGroups } from './kafka-groups.js';

/** A group as the brokers tell of it; members by the topics that each of them reads. */
interface Told {
  readonly id: string;
  readonly protocol?: string;
  readonly listed: string;
  readonly described: string;
  readonly members?: readonly (readonly string[])[];
  readonly error?: number;
}

const COORDINATOR_LOAD_IN_PROGRESS = 14;
const INVALID_GROUP_ID = 24;
const GROUP_AUTHORIZATION_FAILED = 30;

function assignment(topics: readonly string[]): Buffer {
  return library.Writer.create()
    .appendInt16(0)
    .appendArray(
      [...topics],
      (w, topic) =>
        w.appendString(topic, false).appendArray([0], (v, n) => v.appendInt32(n), false, false),
      false,
      false,
    )
    .appendInt32(-1).buffer;
}

const { listGroupsV4, findCoordinatorV4, describeGroupsV5, offsetFetchV8 } = library;

/** What the cluster answers to each question, by its number in the protocol. */
function answersOf(groups: readonly Told[], errors: Readonly<Record<number, number>>) {
  const listed = groups.map(({ id: groupId, protocol: protocolType = 'consumer', listed }) => {
    return { groupId, protocolType, groupState: listed };
  });
  const errorCode = errors[findCoordinatorV4.api.key] ?? 0;
  const coordinators = groups.map(({ id: key }) => ({ key, nodeId: 1, errorCode }));
  const described = groups.map(({ id: groupId, described: groupState, members = [] }) => ({
    groupId,
    groupState,
    members: members.map((topics) => ({ memberAssignment: assignment(topics) })),
  }));
  const partitions = [7n, -1n].map((committedOffset, partitionIndex) => {
    return { partitionIndex, committedOffset, errorCode: 0 };
  });
  const fetched = groups.map(({ id: groupId, error = 0 }) => {
    return { groupId, errorCode: error, topics: [{ name: 'orders', partitions }] };
  });
  return new Map<number, object>([
    [listGroupsV4.api.key, { errorCode: errors[listGroupsV4.api.key] ?? 0, groups: listed }],
    [findCoordinatorV4.api.key, { coordinators }],
    [describeGroupsV5.api.key, { groups: described }],
    [offsetFetchV8.api.key, { groups: fetched }],
  ]);
}

function clusterOf(groups: readonly Told[], errors: Readonly<Record<number, number>> = {}) {
  const answers = answersOf(groups, errors);
  const client = {
    library,
    broker: () => Promise.resolve({}),
    anyBroker: () => Promise.resolve({}),
    ask: (_connection: unknown, { key }: { readonly key: number }, ...words: unknown[]) =>
      Promise.resolve(onlyAsked(answers.get(key) ?? {}, JSON.stringify(words))),
    isTold: (code: number) => KafkaClient.prototype.isTold.call(client, code),
  };
  return {
    client,
    brokers: new Map([[1, { host: 'k', port: 1 }]]),
    connection: () => Promise.resolve({}),
  } as unknown as KafkaCluster;
}

/** Brokers tell of the groups that they were asked for. */
function onlyAsked(answer: object, words: string): object {
  return Object.fromEntries(
    Object.entries(answer).map(([name, told]: [string, unknown]) => [
      name,
      Array.isArray(told) && words !== '[[]]'
        ? told.filter(({ groupId, key }: { groupId?: string; key?: string }) =>
            words.includes(JSON.stringify(groupId ?? key)),
          )
        : told,
    ]),
  );
}

const stable = { listed: 'Stable', described: 'Stable' };

describe('consumer groups', () => {
  it('count the members that read each topic, and know what was committed', async () => {
    const groups = await kafkaGroups(
      clusterOf([
        { id: 'billing', ...stable, members: [['orders'], ['orders', 'mails'], []] },
        { id: 'gone', listed: 'Empty', described: 'Empty' },
      ]),
    );
    expect(groups.map(({ id, membersOf }) => [id, Object.fromEntries(membersOf ?? [])])).toEqual([
      ['billing', { orders: 2, mails: 1 }],
      ['gone', {}],
    ]);
    expect(groups[0]?.committed).toEqual([{ topic: 'orders', partition: 0, offset: 7n }]);
  });

  it.each([
    ['while it shares its partitions out anew', 'PreparingRebalance', 'PreparingRebalance'],
    ['of the protocol that came with Kafka 4', 'Stable', 'Dead'],
  ])('do not tell who is in one %s', async (_when, listed, described) => {
    const [group] = await kafkaGroups(clusterOf([{ id: 'g', listed, described, members: [[]] }]));
    expect(group?.membersOf).toBeNull();
  });

  it('leave out what reads nothing, what a console left behind, and what may not be seen', async () => {
    const groups = await kafkaGroups(
      clusterOf([
        { id: 'connect', ...stable, protocol: 'connect' },
        { id: 'shared', ...stable, protocol: 'share' },
        { id: 'console-consumer-123', listed: 'Empty', described: 'Empty' },
        { id: 'hidden', ...stable, error: GROUP_AUTHORIZATION_FAILED },
        { id: 'kept', ...stable },
      ]),
    );
    expect(groups.map(({ id }) => id)).toEqual(['kept']);
  });

  it('are no data, rather than none, while a broker that moved does not know them yet', async () => {
    const group = { id: 'g', ...stable };
    const reason = /^the cluster cannot tell everything just now \(COORDINATOR_LOAD_IN_PROGRESS\)$/;
    const loading = COORDINATOR_LOAD_IN_PROGRESS;
    for (const cluster of [
      clusterOf([group], { [listGroupsV4.api.key]: loading }),
      clusterOf([group], { [findCoordinatorV4.api.key]: loading }),
      clusterOf([{ ...group, error: loading }]),
    ]) {
      await expect(kafkaGroups(cluster)).rejects.toThrow(reason);
    }
    await expect(kafkaGroups(clusterOf([{ ...group, error: INVALID_GROUP_ID }]))).rejects.toThrow(
      'INVALID_GROUP_ID',
    );
  });
});
