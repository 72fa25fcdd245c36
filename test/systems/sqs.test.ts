import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brokerView } from '@throughline/model/api/brokers';
import { page } from '@throughline/model/api/primitives';
import { BrokerPages } from '../support/broker-pages.js';
import { brokerTarget } from '../support/broker-target.js';
import { openCollector, type OpenCollector } from '../support/open-collector.js';
import { until } from '../support/until.js';

const own = `t${String(process.pid)}`;
const ORDERS = `orders-${own}`;
const PARKED = `parked-${own}`;
const region = 'eu-west-1';
const endpoint = process.env['SQS_ENDPOINT'] ?? '';
const SECRET = 'not-to-be-told';
const credentials = { accessKeyId: 'watcher', secretAccessKey: SECRET };
const client = new SQSClient({ region, endpoint, credentials });
const metrics = new CloudWatchClient({ region, endpoint, credentials });
const made: string[] = [];

let collector: OpenCollector;
let pages: BrokerPages;

beforeAll(async () => {
  if (endpoint === '') throw new Error('SQS_ENDPOINT is not set: run bash test/systems/up again');
  const parked = await make(PARKED);
  const orders = await make(ORDERS, {
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: await arnOf(parked), maxReceiveCount: 2 }),
  });
  await refuse(orders, 3);
  await send(orders, 2);
  await client.send(
    new SendMessageCommand({ QueueUrl: orders, MessageBody: 'later', DelaySeconds: 600 }),
  );
  await client.send(new ReceiveMessageCommand({ QueueUrl: orders, MaxNumberOfMessages: 1 }));
  await tellAge(PARKED, 3_600);
  const place = { kind: 'sqs' as const, url: endpoint, region, endpoint, cloudwatch: endpoint };
  const login = { user: credentials.accessKeyId, password: SECRET };
  collector = await openCollector({
    change: (settings) => ({
      ...settings,
      brokers: [
        brokerTarget({ name: 'queues', ...place, ...login, queues: [ORDERS] }),
        brokerTarget({ name: 'misspelt', ...place, ...login, queues: [`none-${own}`] }),
        brokerTarget({
          name: 'nobody',
          ...place,
          url: 'http://127.0.0.1:1',
          endpoint: 'http://127.0.0.1:1',
          ...login,
        }),
      ],
    }),
  });
  pages = new BrokerPages(collector);
});

afterAll(async () => {
  await collector.close();
  for (const url of made) await client.send(new DeleteQueueCommand({ QueueUrl: url }));
  client.destroy();
  metrics.destroy();
});

async function make(name: string, attributes: Record<string, string> = {}): Promise<string> {
  const { QueueUrl = '' } = await client.send(
    new CreateQueueCommand({ QueueName: name, Attributes: attributes }),
  );
  made.push(QueueUrl);
  return QueueUrl;
}

async function arnOf(url: string): Promise<string> {
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }),
  );
  return Attributes?.QueueArn ?? '';
}

async function send(url: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x' }));
  }
}

/** Messages that are received and never deleted, until SQS puts them aside. */
async function refuse(url: string, count: number): Promise<void> {
  await send(url, count);
  await until('SQS has put them aside', async () => {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, VisibilityTimeout: 0 }),
    );
    return Messages.length === 0;
  });
}

/** SQS itself tells CloudWatch once a minute; what answers here does not. */
async function tellAge(name: string, seconds: number): Promise<void> {
  await metrics.send(
    new PutMetricDataCommand({
      Namespace: 'AWS/SQS',
      MetricData: [
        {
          MetricName: 'ApproximateAgeOfOldestMessage',
          Dimensions: [{ Name: 'QueueName', Value: name }],
          Value: seconds,
          Timestamp: new Date(Date.now() - 60_000),
        },
      ],
    }),
  );
}

describe('what SQS itself counts', () => {
  it('shows what waits, what waits for its time, and what is in flight', async () => {
    expect(await pages.figures(ORDERS)).toMatchObject({
      broker: 'queues',
      state: 'ok',
      waiting: 2,
      unsettled: 1,
      consumers: null,
      isOldestExact: false,
    });
  });

  it('makes a dead-letter queue with messages a finding, though nobody named that queue', async () => {
    const parked = await pages.letters(PARKED);
    expect(parked).toMatchObject({ count: 3, system: 'aws_sqs', broker: { isOldestExact: true } });
    expect(parked.oldestAgeMs).toBeGreaterThanOrEqual(3_600_000);
    expect(parked.redrive).toBe(
      `aws sqs start-message-move-task --region ${region} --endpoint-url ${endpoint} --source-arn arn:aws:sqs:${region}:123456789012:${PARKED}`,
    );
    const found = await pages.finding('dead-letter-backlog', PARKED);
    expect(found.where).toBe(`${ORDERS} → ${PARKED}`);
    expect(found.sentence).toContain(`${PARKED} (aws_sqs) holds 3 messages, the oldest for 1 h`);
    expect(found.next[0]?.command).toBe(parked.redrive);
  });

  it('is no data, with the reason, where a queue is not there or nobody answers', async () => {
    const brokers = await until('all were asked', async () => {
      const all = await pages.read('/brokers', page(brokerView));
      const isAsked = all.every(({ reason }) => reason?.includes('not been asked') !== true);
      return isAsked ? all : null;
    });
    const reasons = Object.fromEntries(brokers.map(({ name, reason }) => [name, reason]));
    expect(reasons).toEqual({
      queues: null,
      misspelt: `${region} has no queue none-${own} that this key may see: mend queues, or allow sqs:GetQueueUrl`,
      nobody: `${region} cannot be reached: ECONNREFUSED`,
    });
    const told = await Promise.all(
      ['/readyz?verbose', '/api/v1/brokers', '/api/v1/destinations', '/metrics'].map((path) =>
        fetch(`${collector.url}${path}`).then((response) => response.text()),
      ),
    );
    expect(told.join('')).not.toContain(SECRET);
    expect(told[3]).toContain('throughline_broker_up{broker="misspelt"} 0');
  });
});
