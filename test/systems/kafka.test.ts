import {
  Admin,
  AclOperations,
  AclPermissionTypes,
  Consumer,
  consumerGroupHeartbeatV0,
  createAclsV3,
  offsetCommitV9,
  Producer,
  ResourcePatternTypes,
  ResourceTypes,
  stringSerializers,
} from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brokerView } from '@throughline/model/api/brokers';
import { page } from '@throughline/model/api/primitives';
import { BrokerPages } from '../support/broker-pages.js';
import { brokerTarget } from '../support/broker-target.js';
import { openCollector, type OpenCollector } from '../support/open-collector.js';
import { until } from '../support/until.js';

const own = `t${String(process.pid)}`;
const ORDERS = `orders-${own}`;
const DEAD = `orders-${own}.dlt`;
const MAILS = `mails-${own}`;
const [host = '', port = ''] = (process.env['KAFKA_BROKERS'] ?? '').split(':');
const [namedHost = '', namedPort = ''] = (process.env['KAFKA_NAMED_BROKERS'] ?? '').split(':');
const place = { clientId: 'test', bootstrapBrokers: [`${host}:${port}`] };
const MINUTE = 60_000;
const SECRET = 'not-to-be-told';

let admin: Admin;
let producer: Producer<string, string, string, string>;
let collector: OpenCollector;
let pages: BrokerPages;
const open: Consumer[] = [];

beforeAll(async () => {
  if (port === '') throw new Error('KAFKA_BROKERS is not set: run bash test/systems/up again');
  admin = new Admin(place);
  producer = new Producer({ ...place, serializers: stringSerializers });
  await admin.createTopics({ topics: [ORDERS, MAILS], partitions: 3, replicas: 1 });
  await admin.createTopics({ topics: [DEAD], partitions: 2, replicas: 1 });
  const brokers = [brokerTarget({ name: 'events', ...kafka(host, port) })];
  collector = await openCollector({ change: (settings) => ({ ...settings, brokers }) });
  pages = new BrokerPages(collector);
});

afterAll(async () => {
  await collector.close();
  for (const consumer of open) await consumer.close(true);
  await admin.deleteGroups({ groups: [`billing-${own}`, `newer-${own}`, `senders-${own}`] });
  await admin.deleteTopics({ topics: [ORDERS, MAILS, DEAD] });
  await producer.close();
  await admin.close();
});

function kafka(host: string, port: string) {
  const bootstrap = [{ host, port: Number(port) }];
  return { kind: 'kafka' as const, url: `kafka://${host}:${port}`, bootstrap };
}

/** The only rights that the user of a collector gets: to see topics and groups. */
async function allowToDescribe(): Promise<void> {
  const creations = [ResourceTypes.TOPIC, ResourceTypes.GROUP].map((resourceType) => ({
    resourceType,
    resourceName: '*',
    resourcePatternType: ResourcePatternTypes.LITERAL,
    principal: 'User:watcher',
    host: '*',
    operation: AclOperations.DESCRIBE,
    permissionType: AclPermissionTypes.ALLOW,
  }));
  for (const connection of (await admin.connectToBrokers()).values()) {
    await createAclsV3.api.async(connection, creations);
  }
}

/** One record per age, in milliseconds, the oldest first, all in one partition. */
async function send(topic: string, partition: number, agesMs: readonly number[]): Promise<void> {
  const messages = agesMs.map((ageMs) => ({
    topic,
    partition,
    key: 'k',
    value: 'v',
    timestamp: BigInt(Date.now() - ageMs),
  }));
  await producer.send({ messages, acks: -1 });
}

/** A consumer that reads the topic as a member of the group, and commits what it is told to. */
async function join(groupId: string, topic: string): Promise<Consumer> {
  const consumer = new Consumer({ ...place, groupId });
  open.push(consumer);
  consumer.topics.track(topic);
  await consumer.joinGroup({});
  return consumer;
}

/** The same in the newer protocol, which the consumer of the library does not speak right. */
async function joinNewer(groupId: string, topic: string): Promise<() => Promise<void>> {
  const [connection] = [...(await admin.connectToBrokers()).values()];
  if (connection === undefined) throw new Error('there is no broker');
  const beat = (id: string, epoch: number) =>
    consumerGroupHeartbeatV0.api.async(
      connection,
      groupId,
      id,
      epoch,
      null,
      null,
      MINUTE,
      [topic],
      null,
      [],
    );
  const { memberId, memberEpoch } = await beat('', 0);
  const id = memberId ?? '';
  const partitions = [{ partitionIndex: 0, committedOffset: 0n, committedLeaderEpoch: -1 }];
  await offsetCommitV9.api.async(connection, groupId, memberEpoch, id, null, [
    { name: topic, partitions },
  ]);
  return async () => void (await beat(id, -1));
}

async function leave(consumer: Consumer): Promise<void> {
  open.splice(open.indexOf(consumer), 1);
  await consumer.close(true);
}

describe('what Kafka itself counts', () => {
  it('shows the lag of a group, its members, and how old the first unread record is', async () => {
    const group = `billing-${own}`;
    const consumer = await join(group, ORDERS);
    await send(ORDERS, 0, [40 * MINUTE, 30 * MINUTE, 20 * MINUTE]);
    await send(ORDERS, 1, [10 * MINUTE]);
    await consumer.commit({
      offsets: [
        { topic: ORDERS, partition: 0, offset: 1n, leaderEpoch: 0 },
        { topic: ORDERS, partition: 1, offset: 0n, leaderEpoch: 0 },
      ],
    });
    const orders = await until('all three are counted', async () => {
      const found = await pages.figures(ORDERS);
      return found.waiting === 3 ? found : null;
    });
    expect(orders).toMatchObject({ state: 'ok', consumers: 1, isOldestExact: true });
    expect(orders.oldestAgeMs).toBeGreaterThanOrEqual(30 * MINUTE);
    expect(orders.oldestAgeMs).toBeLessThan(30 * MINUTE + 15_000);
    expect(orders.queues).toMatchObject([{ name: ORDERS, group, waiting: 3, consumers: 1 }]);
    expect((await pages.open('missing-consumer')).map(({ subject }) => subject.label)).toEqual([]);
    await leave(consumer);
  });

  it('makes a group without members whose lag grows a missing consumer', async () => {
    const label = `${ORDERS} › billing-${own}`;
    const found = await pages.finding('missing-consumer', label);
    expect(found.sentence).toMatch(
      new RegExp(
        `^Nobody is attached to ${label} \\(kafka\\): by the count of the broker 3 messages wait there, the oldest for 30 min`,
      ),
    );
    expect(found.verdict).toBe('consumer-absent');
    expect(found.next[0]?.command).toBe(
      `kafka-consumer-groups.sh --bootstrap-server "$BROKERS" --describe --group billing-${own}`,
    );
    await send(ORDERS, 2, [0, 0]);
    await send(ORDERS, 1, [0, 0]);
    await until('the finding counts what came since', async () => {
      const [now] = (await pages.open('missing-consumer')).filter(({ id }) => id === found.id);
      return now?.sentence.includes('5 messages wait there');
    });
    const consumer = await join(`billing-${own}`, ORDERS);
    await until('a member closes it', async () =>
      (await pages.open('missing-consumer')).every(({ id }) => id !== found.id),
    );
    await leave(consumer);
  });

  it('tells whether anybody is in a group of the protocol that came with Kafka 4', async () => {
    const groupId = `newer-${own}`;
    await send(MAILS, 0, [2 * MINUTE, MINUTE]);
    const leaveNewer = await joinNewer(groupId, MAILS);
    const counted = async (consumers: number | null) => {
      const found = await pages.figures(MAILS);
      return found.waiting === 2 && found.consumers === consumers;
    };
    await until('it has members, and not how many', () => counted(null));
    await leaveNewer();
    await until('it has none', () => counted(0));
  });

  it('shows a topic of dead letters: how many nobody read, since when, and how they go back', async () => {
    await send(DEAD, 0, [50 * MINUTE, 25 * MINUTE]);
    await send(DEAD, 1, [45 * MINUTE]);
    const dead = await pages.letters(DEAD);
    expect(dead).toMatchObject({ count: 3, system: 'kafka', broker: { isOldestExact: true } });
    expect(dead.oldestAgeMs).toBeGreaterThanOrEqual(50 * MINUTE);
    expect(dead.redrive).toContain(`--topic ${DEAD} --group ${DEAD}-redrive`);
    expect(dead.redrive).toContain(`--topic ${ORDERS} --property parse.key=true`);
    const found = await pages.finding('dead-letter-backlog', DEAD);
    expect(found.where).toBe(`${ORDERS} → ${DEAD}`);
    expect(found.sentence).toContain(`${DEAD} (kafka) holds 3 messages, the oldest for 50 min`);
    expect(found.next[0]?.command).toBe(dead.redrive);

    const consumer = await join(`senders-${own}`, DEAD);
    await consumer.commit({
      offsets: [
        { topic: DEAD, partition: 0, offset: 1n, leaderEpoch: 0 },
        { topic: DEAD, partition: 1, offset: 1n, leaderEpoch: 0 },
      ],
    });
    await leave(consumer);
    const left = await until('what was read is no longer counted', async () => {
      const letters = await pages.letters(DEAD);
      return letters.count === 1 ? letters : null;
    });
    expect(left.oldestAgeMs).toBeLessThan(26 * MINUTE);
  });

  it('needs no right but to describe, over SASL, and says when it is not let in', async () => {
    await allowToDescribe();
    const at = `${namedHost}:${namedPort}`;
    const named = { ...kafka(namedHost, namedPort), user: 'watcher', password: 'seen' };
    const brokers = [
      brokerTarget({ name: 'plain', ...named }),
      brokerTarget({ name: 'scram', ...named, mechanism: 'SCRAM-SHA-512' }),
      brokerTarget({ name: 'wrong', ...named, password: SECRET }),
      brokerTarget({ name: 'wrong too', ...named, password: SECRET, mechanism: 'SCRAM-SHA-512' }),
      brokerTarget({ name: 'nameless', ...named, user: null, password: null }),
    ];
    const second = await openCollector({ change: (settings) => ({ ...settings, brokers }) });
    try {
      const seen = new BrokerPages(second);
      const all = await until('all were asked', async () => {
        const asked = await seen.read('/brokers', page(brokerView));
        const isAsked = asked.every(({ reason }) => reason?.includes('not been asked') !== true);
        return isAsked ? asked : null;
      });
      const stateOf = new Map(all.map(({ name, state, reason }) => [name, reason ?? state]));
      expect(Object.fromEntries(stateOf)).toEqual({
        plain: 'ok',
        scram: 'ok',
        wrong: `${at} does not know the user watcher with this password and mechanism`,
        'wrong too': `${at} does not know the user watcher with this password and mechanism`,
        nameless: `${at} broke off the question (Connection closed): does it want tls, or user and password?`,
      });
      expect((await seen.figures(ORDERS)).waiting).toBe(2 * (await pages.figures(ORDERS)).waiting);
      for (const path of ['/readyz?verbose', '/api/v1/brokers', '/metrics']) {
        expect(await (await fetch(`${second.url}${path}`)).text()).not.toContain(SECRET);
      }
    } finally {
      await second.close();
    }
  });

  it('changes nothing: it joins no group, commits nothing and makes no topic', async () => {
    const groups = [...(await admin.listGroups({ types: ['classic', 'consumer'] })).keys()].filter(
      (id) => id.endsWith(own),
    );
    expect(groups.sort()).toEqual([`billing-${own}`, `newer-${own}`, `senders-${own}`]);
    expect((await admin.listTopics()).filter((name) => name.includes(own)).sort()).toEqual(
      [DEAD, MAILS, ORDERS].sort(),
    );
  });
});
