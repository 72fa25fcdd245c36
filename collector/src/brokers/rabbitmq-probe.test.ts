import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeBroker, rabbitAnswers, type FakeBroker } from '../../../test/support/fake-broker.js';
import type { ProbedQueue } from './probe.js';
import { RabbitmqProbe } from './rabbitmq-probe.js';

let broker: FakeBroker;
beforeEach(async () => {
  broker = await fakeBroker();
});
afterEach(() => broker.close());

const PASSWORD = 'not-to-be-told';

function look(): Promise<readonly ProbedQueue[]> {
  const place = { url: new URL(broker.url), user: 'watcher', password: PASSWORD };
  return new RabbitmqProbe(place, '/').look(new AbortController().signal);
}

async function queuesOf(answers: Readonly<Record<string, unknown>>) {
  broker.answers = answers;
  return new Map((await look()).map((queue) => [queue.name, queue]));
}

const aside = (exchange: string, more = {}) => ({ 'x-dead-letter-exchange': exchange, ...more });

describe('the queues of RabbitMQ', () => {
  it('have their figures, and the age of their head where a producer set the time', async () => {
    const queues = await queuesOf(
      rabbitAnswers([
        {
          name: 'orders.q',
          messages_ready: 3,
          messages_unacknowledged: 2,
          consumers: 1,
          head_message_timestamp: 1_795_273_419,
          arguments: {},
          effective_policy_definition: {},
          message_stats: { publish_details: { rate: 0.5 }, deliver_get_details: { rate: 2 } },
        },
        {
          name: 'fresh.q',
          head_message_timestamp: '',
          arguments: [],
          effective_policy_definition: [],
        },
      ]),
    );
    expect(queues.get('orders.q')).toMatchObject({
      waiting: 3,
      unsettled: 2,
      consumers: 1,
      oldestAtNs: 1_795_273_419_000_000_000n,
      isOldestExact: true,
      inPerMinute: 30,
      outPerMinute: 120,
      isDeadLetter: false,
    });
    // A queue without any statistics yet is no reason to know nothing of the others.
    expect(queues.get('fresh.q')).toMatchObject({ waiting: 0, consumers: null, oldestAtNs: null });
  });

  it('keep whose dead letters, over an exchange, the default exchange, or a policy', async () => {
    const queues = await queuesOf(
      rabbitAnswers(
        [
          { name: 'a', arguments: aside('dlx') },
          { name: 'b', arguments: aside('', { 'x-dead-letter-routing-key': 'parked' }) },
          { name: 'c', effective_policy_definition: { 'dead-letter-exchange': 'dlx' } },
          { name: 'd', arguments: aside('dlx', { 'x-dead-letter-routing-key': 'other' }) },
          { name: 'parked', arguments: {} },
          { name: 'others', arguments: {} },
          { name: 'lonely.dlq', arguments: {} },
        ],
        [
          ['dlx', 'parked', 'a'],
          ['dlx', 'parked', 'c'],
          ['dlx', 'others', 'other'],
        ],
      ),
    );
    expect(queues.get('parked')).toMatchObject({
      isDeadLetter: true,
      deadLetterOf: ['a', 'b', 'c'],
    });
    expect(queues.get('others')).toMatchObject({ isDeadLetter: true, deadLetterOf: ['d'] });
    expect(queues.get('lonely.dlq')).toMatchObject({ isDeadLetter: true, deadLetterOf: [] });
    expect(queues.get('a')).toMatchObject({ isDeadLetter: false, redrive: null });
    expect(queues.get('others')?.redrive).toContain('"dest-queue":"d"');
    expect(queues.get('parked')?.redrive).toContain('<the queue they came from>');
  });

  it('that lead back to where messages came from are detours for retries, not dead-letter queues', async () => {
    const queues = await queuesOf(
      rabbitAnswers(
        [
          { name: 'work', arguments: aside('retry') },
          { name: 'wait-30s', arguments: aside('work-x', { 'x-message-ttl': 30_000 }) },
        ],
        [
          ['retry', 'wait-30s', '#'],
          ['work-x', 'work', '#'],
        ],
      ),
    );
    expect(queues.get('wait-30s')).toMatchObject({ isDeadLetter: false, isDelay: true });
    expect(queues.get('work')).toMatchObject({ isDeadLetter: false, isDelay: false });
  });

  it('that delay lead to ordinary ones, unless those are called otherwise', async () => {
    const ttl = { 'x-message-ttl': 5_000 };
    const queues = await queuesOf(
      rabbitAnswers([
        { name: 'later', arguments: aside('', { 'x-dead-letter-routing-key': 'mails', ...ttl }) },
        {
          name: 'short',
          arguments: aside('', { 'x-dead-letter-routing-key': 'short.dlq', ...ttl }),
        },
        { name: 'mails' },
        { name: 'short.dlq' },
      ]),
    );
    expect(queues.get('mails')?.isDeadLetter).toBe(false);
    expect(queues.get('short.dlq')).toMatchObject({ isDeadLetter: true, deadLetterOf: ['short'] });
  });

  it('are read page by page', async () => {
    const first = { items: [{ name: 'one' }], page: 1, page_count: 2 };
    broker.answers = rabbitAnswers([]);
    broker.behave = (response) => {
      const path = broker.asked.at(-1) ?? '';
      const answer = path.includes('page=2')
        ? { items: [{ name: 'two' }], page: 2, page_count: 2 }
        : path.includes('/queues/')
          ? first
          : [];
      response.end(JSON.stringify(answer));
    };
    expect((await look()).map(({ name }) => name)).toEqual(['one', 'two']);
  });

  it('name a hostile queue as one word of the command that sends letters back', async () => {
    const queues = await queuesOf(rabbitAnswers([{ name: "x'; rm -rf / #.dlq" }]));
    expect(queues.get("x'; rm -rf / #.dlq")?.redrive).toContain(String.raw`'redrive-x'\''; rm`);
  });
});

describe('a RabbitMQ that cannot be read says why, and not the password', () => {
  it.each([
    ['refuses the password', 401, 'does not know the user watcher with this password'],
    ['lets the user see nothing', 403, 'does not let watcher read'],
    ['is broken', 500, 'answered 500'],
    ['redirects', 302, 'redirects, which is not followed'],
  ])('%s', async (_what, status, words) => {
    broker.behave = (response) => void response.writeHead(status, { location: '/' }).end();
    const fault = await look().catch((error: unknown) => error as Error);
    expect(fault).toMatchObject({ name: 'NoData', message: expect.stringContaining(words) });
    expect(String(fault)).not.toContain(PASSWORD);
    expect(broker.authorization()).toBe(
      `Basic ${Buffer.from(`watcher:${PASSWORD}`).toString('base64')}`,
    );
  });

  it('is another server', async () => {
    broker.behave = (response) => void response.end('<html>hello</html>');
    await expect(look()).rejects.toThrow('no JSON: is the address right?');
    broker.behave = (response) => void response.end('{"items":7}');
    await expect(look()).rejects.toThrow("RabbitMQ's management API");
  });

  it('breaks off in the middle', async () => {
    broker.behave = (response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"items":[', () => response.destroy());
    };
    await expect(look()).rejects.toThrow('broke off its answer');
  });

  it('is not there', async () => {
    await broker.close();
    await expect(look()).rejects.toThrow('cannot be reached: ECONNREFUSED');
    broker = await fakeBroker();
  });
});
