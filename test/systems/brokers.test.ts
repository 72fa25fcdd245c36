import { Redis } from 'ioredis';
import { connect as connectToRabbit, type Channel, type ChannelModel } from 'amqplib';
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect as connectToNats, type NatsConnection } from '@nats-io/transport-node';
import { Queue, Worker } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BrokerPages } from '../support/broker-pages.js';
import { brokerTarget } from '../support/broker-target.js';
import { openCollector, type OpenCollector } from '../support/open-collector.js';
import { until } from '../support/until.js';

/** Addresses of the real systems, written by `test/systems/up`. */
function address(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run bash test/systems/up again`);
  return value;
}

const own = `t${String(process.pid)}`;
const redisUrl = new URL(address('REDIS_URL'));
const redisPlace = { host: redisUrl.hostname, port: Number(redisUrl.port) };
let collector: OpenCollector;
let pages: BrokerPages;
let rabbit: ChannelModel;
let channel: Channel;
let nats: NatsConnection;
let redis: Redis;

beforeAll(async () => {
  rabbit = await connectToRabbit(address('AMQP_URL'));
  channel = await rabbit.createChannel();
  nats = await connectToNats({ servers: address('NATS_URL') });
  redis = new Redis(address('REDIS_URL'));
  await Promise.all([prepareRabbit(), prepareJetstream(), prepareRedis()]);
  const management = new URL(address('RABBITMQ_MANAGEMENT_URL'));
  const { username: user, password } = management;
  management.username = management.password = '';
  const brokers = [
    brokerTarget({ name: 'rabbit', kind: 'rabbitmq', url: management.href, user, password }),
    brokerTarget({ name: 'nats', kind: 'nats', url: address('NATS_MONITORING_URL') }),
    brokerTarget({
      name: 'redis',
      kind: 'redis',
      url: redisUrl.href,
      streams: [`mails-${own}`],
      bullmq: [`jobs-${own}`],
    }),
  ];
  collector = await openCollector({ change: (settings) => ({ ...settings, brokers }) });
  pages = new BrokerPages(collector);
});

afterAll(async () => {
  await collector.close();
  const jsm = await jetstreamManager(nats);
  await jsm.streams.delete(`ORD-${own}`);
  for (const name of [`orders-${own}`, `parked-${own}`, `alone-${own}`]) {
    await channel.deleteQueue(name);
  }
  await channel.deleteExchange(`aside-${own}`);
  await rabbit.close();
  await nats.close();
  await redis.del(`mails-${own}`);
  await redis.quit();
});

/** A queue that nobody reads, and one whose consumer refuses everything. */
async function prepareRabbit(): Promise<void> {
  const [orders, parked, alone, aside] = ['orders', 'parked', 'alone', 'aside'].map(
    (name) => `${name}-${own}`,
  ) as [string, string, string, string];
  await channel.assertExchange(aside, 'topic');
  await channel.assertQueue(orders, { arguments: { 'x-dead-letter-exchange': aside } });
  await channel.assertQueue(parked);
  await channel.assertQueue(alone);
  await channel.bindQueue(parked, aside, '#');
  const timestamp = Math.floor(Date.now() / 1_000) - 600;
  for (let n = 0; n < 3; n++) channel.sendToQueue(orders, Buffer.from('x'), { timestamp });
  for (let n = 0; n < 4; n++) channel.sendToQueue(alone, Buffer.from('y'));
  let refused = 0;
  await new Promise<void>((resolve, reject) => {
    channel
      .consume(orders, (message) => {
        if (message === null) return;
        channel.nack(message, false, false);
        if (++refused === 3) resolve();
      })
      .catch(reject);
  });
}

/** One consumer that never acknowledges until the server gives up, and one that nobody reads. */
async function prepareJetstream(): Promise<void> {
  const stream = `ORD-${own}`;
  const jsm = await jetstreamManager(nats);
  await jsm.streams.add({ name: stream, subjects: [`${own}.orders.*`] });
  const acks = { ack_policy: AckPolicy.Explicit, ack_wait: 300_000_000 };
  await jsm.consumers.add(stream, { durable_name: 'tired', max_deliver: 2, ...acks });
  await jsm.consumers.add(stream, { durable_name: 'nobody', ...acks });
  const js = jetstream(nats);
  await js.publish(`${own}.orders.placed`, 'x');
  const consumer = await js.consumers.get(stream, 'tired');
  await until('the server gave the message up', async () => {
    const messages = await consumer.fetch({ max_messages: 1, expires: 1_000 });
    for await (const message of messages) expect(message.info.deliveryCount).toBeLessThan(3);
    const { num_redelivered: again, num_ack_pending: open } = await consumer.info(false);
    return again === 1 && open === 0;
  });
}

/** A group with entries that nobody was given, and a queue of jobs of which some failed and one waits. */
async function prepareRedis(): Promise<void> {
  const stream = `mails-${own}`;
  await redis.xgroup('CREATE', stream, 'senders', '$', 'MKSTREAM');
  for (let n = 0; n < 5; n++) await redis.xadd(stream, '*', 'n', String(n));
  const connection = redisPlace;
  const queue = new Queue(`jobs-${own}`, { connection });
  await queue.add('invoice', {});
  await queue.add('invoice', {});
  const worker = new Worker(`jobs-${own}`, () => Promise.reject(new Error('boom')), { connection });
  await until('both failed', async () => (await queue.getFailedCount()) === 2);
  await worker.close();
  await queue.add('invoice', {});
  await queue.close();
}

describe('what RabbitMQ itself counts', () => {
  it('shows a queue that nobody reads, and makes it a missing consumer', async () => {
    await until(
      'all four are there',
      async () => (await pages.figures(`alone-${own}`)).waiting === 4,
    );
    expect(await pages.figures(`alone-${own}`)).toMatchObject({ state: 'ok', consumers: 0 });
    const found = await pages.finding('missing-consumer', `alone-${own}`);
    expect(found.sentence).toContain('by the count of the broker 4 messages wait there');
    expect(found.verdict).toBe('consumer-absent');
    const open = await pages.open('missing-consumer');
    expect(open.map(({ subject }) => subject.label)).not.toContain(`orders-${own}`);
  });

  it('shows a dead-letter queue that no name gives away, how old it is, and how to send it back', async () => {
    const parked = await pages.letters(`parked-${own}`);
    expect(parked).toMatchObject({ count: 3, system: 'rabbitmq', broker: { consumers: 0 } });
    expect(parked.oldestAgeMs).toBeGreaterThanOrEqual(600_000);
    expect(parked.redrive).toContain(`"dest-queue":"orders-${own}"`);
    const found = await pages.finding('dead-letter-backlog', `parked-${own}`);
    expect(found.where).toBe(`orders-${own} → parked-${own}`);
    expect(found.next[0]?.command).toBe(parked.redrive);
  });
});

describe('what JetStream itself counts', () => {
  it('shows a consumer over its deliveries as messages that nobody gets any more', async () => {
    expect(await pages.letters(`ORD-${own} › tired`)).toMatchObject({ count: 1, system: 'nats' });
    const found = await pages.finding('dead-letter-backlog', `ORD-${own} › tired`);
    expect(found.sentence).toContain('gave up 1 message');
    expect(found.sentence).toContain('after 2 deliveries');
  });

  it('shows a consumer that nobody reads', async () => {
    const found = await pages.finding('missing-consumer', `ORD-${own} › nobody`);
    expect(found.sentence).toContain('1 message waits there');
  });
});

describe('what Redis itself counts', () => {
  it('shows the lag of a group without consumer', async () => {
    const mails = await pages.figures(`mails-${own}`);
    expect(mails).toMatchObject({ waiting: 5, unsettled: 0, consumers: 0, isOldestExact: true });
    await pages.finding('missing-consumer', `mails-${own} › senders`);
  });

  it('shows jobs of BullMQ that wait without worker, and those that failed', async () => {
    expect(await pages.figures(`jobs-${own}`)).toMatchObject({ waiting: 1, consumers: 0 });
    expect(await pages.letters(`jobs-${own}:failed`)).toMatchObject({ count: 2, system: 'bullmq' });
    await pages.finding('dead-letter-backlog', `jobs-${own}:failed`);
    const connection = redisPlace;
    const worker = new Worker(`jobs-${own}`, () => Promise.resolve(), { connection });
    await until(
      'a worker is attached',
      async () => (await pages.figures(`jobs-${own}`)).consumers === 1,
    );
    await worker.close();
  });
});
