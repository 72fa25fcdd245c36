import { describe, expect, test } from 'vitest';
import type { MessageFacet, Step, StepRole } from '@throughline/model/step';
import { step, type Told } from './wire-span.case.js';

/** What a span of a library must become; of the message only what the row names. */
interface Row {
  readonly library: string;
  readonly span: Told;
  readonly role: StepRole;
  readonly message: Partial<MessageFacet> | null;
  readonly more?: Partial<Step>;
}

const rabbitOld = {
  'messaging.system': 'rabbitmq',
  'messaging.destination_kind': 'topic',
  'messaging.message_id': 'MM',
  'messaging.conversation_id': 'CC',
  'messaging.protocol': 'AMQP',
  'messaging.url': 'amqp://guest:***@127.0.0.1:15673',
};
const sqs = {
  'messaging.system': 'aws_sqs',
  'messaging.destination.name': 'jobs',
  'rpc.system': 'aws-api',
};
const azure = { 'az.namespace': 'Microsoft.ServiceBus', 'messaging.system': 'servicebus' };
const job = { 'bullmq.queue.name': 'orders', 'bullmq.job.id': '2', 'bullmq.job.name': 'bad' };

/** One row per library and span of the observed instrumentations. */
const ROWS: readonly Row[] = [
  {
    library: 'amqplib, sent to a queue',
    span: {
      name: 'publish <default>',
      kind: 'producer',
      attributes: {
        ...rabbitOld,
        'messaging.destination': '',
        'messaging.rabbitmq.routing_key': 'ot',
      },
    },
    role: 'send',
    message: {
      system: 'rabbitmq',
      destination: 'ot',
      subscription: null,
      type: 'ot',
      kind: 'command',
      messageId: 'MM',
    },
  },
  {
    library: 'amqplib, taken from that queue',
    span: {
      name: 'ot process',
      kind: 'consumer',
      attributes: {
        ...rabbitOld,
        'messaging.destination': '',
        'messaging.rabbitmq.routing_key': 'ot',
        'messaging.operation': 'process',
      },
    },
    role: 'take',
    message: { destination: 'ot', subscription: null, type: 'ot', messageId: 'MM' },
    more: { keys: [{ type: 'correlation', value: 'CC', relation: 'same' }] },
  },
  {
    library: 'amqplib, taken from a queue behind an exchange',
    span: {
      name: 'payments process',
      kind: 'consumer',
      attributes: {
        ...rabbitOld,
        'messaging.destination': 'orders',
        'messaging.rabbitmq.routing_key': 'order.placed',
        'messaging.operation': 'process',
      },
    },
    role: 'take',
    message: {
      destination: 'orders',
      subscription: 'payments',
      type: 'order.placed',
      kind: 'event',
    },
  },
  {
    library: 'kafkajs, sent',
    span: {
      name: 'send orders',
      kind: 'producer',
      attributes: {
        'messaging.system': 'kafka',
        'messaging.destination.name': 'orders',
        'messaging.kafka.message.key': 'k',
        'messaging.destination.partition.id': '0',
        'messaging.operation.name': 'send',
        'messaging.operation.type': 'send',
      },
    },
    role: 'send',
    message: { system: 'kafka', destination: 'orders', type: null, kind: 'event', messageId: null },
  },
  {
    library: 'kafkajs, eachMessage failed',
    span: {
      name: 'process orders',
      kind: 'consumer',
      status: 'error',
      statusMessage: 'bad',
      attributes: {
        'messaging.system': 'kafka',
        'messaging.destination.name': 'orders',
        'messaging.destination.partition.id': '0',
        'messaging.kafka.offset': '1',
        'messaging.operation.type': 'process',
        'error.type': 'Error',
      },
    },
    role: 'take',
    message: { destination: 'orders', messageId: '0:1', deadLettered: null },
    more: { status: 'error', errorMessage: 'bad' },
  },
  {
    library: 'kafkajs, eachBatch',
    span: {
      name: 'poll orders',
      kind: 'client',
      attributes: {
        'messaging.system': 'kafka',
        'messaging.destination.name': 'orders',
        'messaging.operation.type': 'receive',
        'messaging.operation.name': 'poll',
        'messaging.batch.message_count': 2,
      },
    },
    role: 'fetch',
    message: { destination: 'orders', count: 2, messageId: null },
  },
  {
    library: 'kafkajs before 0.9, span named after the topic',
    span: {
      name: 'orders',
      kind: 'consumer',
      attributes: {
        'messaging.system': 'kafka',
        'messaging.destination': 'orders',
        'messaging.operation': 'process',
        'messaging.kafka.consumer_group': 'billing',
        'messaging.kafka.partition': 3,
      },
    },
    role: 'take',
    message: { destination: 'orders', consumerGroup: 'billing' },
  },
  {
    library: 'platformatic kafka',
    span: {
      name: 'process message from orders',
      kind: 'consumer',
      attributes: { 'messaging.system': 'kafka', 'messaging.operation.type': 'process' },
    },
    role: 'take',
    message: { system: 'kafka' },
  },
  {
    library: 'AWS SDK, SQS sent as a batch',
    span: {
      name: 'jobs send',
      kind: 'producer',
      attributes: { ...sqs, 'rpc.service': 'SQS', 'rpc.method': 'SendMessageBatch' },
    },
    role: 'send',
    message: { system: 'aws_sqs', destination: 'jobs', kind: 'command' },
  },
  {
    library: 'AWS SDK, SQS received',
    span: {
      name: 'jobs receive',
      kind: 'consumer',
      links: [{ 'messaging.message.id': 'm1' }, { 'messaging.message.id': 'm2' }, {}],
      attributes: {
        ...sqs,
        'messaging.operation.type': 'receive',
        'messaging.batch.message_count': 3,
      },
    },
    role: 'take',
    message: { destination: 'jobs', count: 3, messageId: null },
  },
  {
    library: 'AWS SDK, SNS',
    span: {
      name: 'top send',
      kind: 'producer',
      attributes: {
        'messaging.system': 'aws.sns',
        'messaging.destination': 'top',
        'messaging.destination.name': 'arn:aws:sns:us-east-1:000000000000:top',
      },
    },
    role: 'send',
    message: { system: 'aws.sns', destination: 'top', kind: 'event' },
  },
  {
    library: 'AWS SDK, EventBridge (a call: nothing of the message is known)',
    span: {
      name: 'EventBridge.PutEvents',
      kind: 'client',
      attributes: {
        'rpc.system': 'aws-api',
        'rpc.service': 'EventBridge',
        'rpc.method': 'PutEvents',
      },
    },
    role: 'call',
    message: null,
    more: { callSystem: 'rpc', peer: 'EventBridge' },
  },
  {
    library: 'AWS Lambda behind SQS',
    span: {
      name: 'process jobs',
      kind: 'consumer',
      attributes: {
        'faas.trigger': 'pubsub',
        'messaging.system': 'AmazonSQS',
        'messaging.operation': 'process',
        'aws.sqs.queue.url': 'https://sqs.eu-west-1.amazonaws.com/123/jobs',
      },
    },
    role: 'take',
    message: { system: 'aws_sqs', destination: 'jobs' },
  },
  {
    library: 'Azure Service Bus, message',
    span: {
      name: 'message',
      kind: 'producer',
      attributes: { ...azure, 'messaging.destination.name': 'orders' },
    },
    role: 'send',
    message: { system: 'servicebus', destination: 'orders' },
  },
  {
    library: 'Azure Service Bus, transport of linked messages',
    span: {
      name: 'ServiceBusSender.send',
      kind: 'client',
      links: [{}],
      attributes: {
        ...azure,
        'messaging.operation': 'publish',
        'messaging.destination.name': 'orders',
      },
    },
    role: 'work',
    message: null,
  },
  {
    library: 'Azure Service Bus, handler',
    span: {
      name: 'StreamReceiver.process',
      kind: 'consumer',
      links: [{}],
      attributes: {
        ...azure,
        'messaging.source.name': 'sales/Subscriptions/audit',
        'messaging.operation': 'process',
      },
    },
    role: 'take',
    message: { destination: 'sales', subscription: 'audit', count: 1 },
  },
  {
    library: 'Azure Service Bus, dead-lettered by its handler',
    span: {
      name: 'ServiceBusReceiver.deadLetter',
      kind: 'client',
      links: [{}],
      attributes: { ...azure, 'messaging.source.name': 'orders', 'messaging.operation': 'settle' },
    },
    role: 'settle',
    message: {
      destination: 'orders',
      deadLettered: { reason: 'rejected', source: 'orders', detail: null },
    },
  },
  {
    library: 'Azure Service Bus, reading dead letters',
    span: {
      name: 'StreamReceiver.process',
      kind: 'consumer',
      attributes: {
        ...azure,
        'messaging.source.name': 'orders/$DeadLetterQueue',
        'messaging.operation': 'process',
      },
    },
    role: 'take',
    message: {
      destination: 'orders/$DeadLetterQueue',
      isDeadLetterDestination: true,
      deadLetter: { reason: 'unknown', source: 'orders', detail: null },
      deadLettered: null,
    },
  },
  {
    library: 'Google Pub/Sub, created',
    span: {
      name: 'orders create',
      kind: 'producer',
      attributes: {
        'messaging.system': 'gcp_pubsub',
        'messaging.destination.name': 'projects/proj/topics/orders',
        'messaging.operation': 'create',
      },
    },
    role: 'send',
    message: { system: 'gcp_pubsub', destination: 'orders' },
  },
  {
    library: 'Google Pub/Sub, subscribed',
    span: {
      name: 'orders-sub subscribe',
      kind: 'consumer',
      attributes: {
        'messaging.system': 'gcp_pubsub',
        'messaging.destination.name': 'orders-sub',
        'messaging.operation': 'receive',
        'messaging.gcp_pubsub.message.delivery_attempt': 4,
      },
    },
    role: 'take',
    message: { destination: 'orders-sub', delivery: 4 },
    more: { attempt: 4 },
  },
  {
    library: 'Google Pub/Sub, acknowledged',
    span: {
      name: 'orders-sub ack',
      kind: 'client',
      attributes: {
        'messaging.system': 'gcp_pubsub',
        'messaging.operation': 'ack',
        'messaging.destination.name': 'orders-sub',
      },
    },
    role: 'settle',
    message: { destination: 'orders-sub', deadLettered: null },
  },
  {
    library: 'BullMQ, added',
    span: {
      name: 'add orders.bad',
      kind: 'producer',
      attributes: { ...job, 'bullmq.queue.operation': 'add' },
    },
    role: 'send',
    message: {
      system: 'bullmq',
      destination: 'orders',
      type: 'bad',
      kind: 'command',
      messageId: '2',
    },
  },
  {
    library: 'BullMQ, failed with its status unset',
    span: {
      name: 'process orders',
      kind: 'consumer',
      events: [{ name: 'job failed', attributes: { 'bullmq.job.failed.reason': 'boom' } }],
      attributes: { ...job, 'bullmq.queue.operation': 'process', 'bullmq.job.attempts.made': 2 },
    },
    role: 'take',
    message: { delivery: 2, deadLettered: null },
    more: { status: 'error', errorMessage: 'boom', attempt: 2 },
  },
  {
    library: 'BullMQ, out of attempts',
    span: {
      name: 'fail orders',
      attributes: { ...job, 'bullmq.queue.operation': 'fail', 'bullmq.job.failed.reason': 'boom' },
    },
    role: 'settle',
    message: { deadLettered: { reason: 'attempts_exhausted', source: 'orders', detail: 'boom' } },
  },
  {
    library: 'BullMQ, housekeeping',
    span: {
      name: 'getNextJob orders',
      attributes: { ...job, 'bullmq.queue.operation': 'getNextJob' },
    },
    role: 'work',
    message: null,
  },
  {
    library: 'appsignal BullMQ',
    span: {
      name: 'Worker.run orders',
      kind: 'consumer',
      links: [{}],
      attributes: {
        'messaging.system': 'bullmq',
        'messaging.destination': 'orders',
        'messaging.bullmq.job.name': 'bad',
        'messaging.bullmq.job.id': '2',
      },
    },
    role: 'take',
    message: { system: 'bullmq', destination: 'orders', type: 'bad', messageId: '2' },
  },
  {
    library: 'Redis stream, added',
    span: {
      name: 'redis-XADD',
      kind: 'client',
      attributes: {
        'db.system.name': 'redis',
        'db.operation.name': 'XADD',
        'db.query.text': 'XADD orders * a 1',
      },
    },
    role: 'send',
    message: { system: 'redis', destination: 'orders' },
  },
  {
    library: 'Redis as a database',
    span: {
      name: 'get',
      kind: 'client',
      attributes: { 'db.system': 'redis', 'db.statement': 'get cart:7' },
    },
    role: 'call',
    message: null,
    more: { callSystem: 'db', peer: 'redis' },
  },
  {
    library: 'Java agent, RabbitMQ through the default exchange',
    span: {
      name: '<default> send',
      kind: 'producer',
      attributes: {
        'messaging.system': 'rabbitmq',
        'messaging.destination.name': '',
        'messaging.operation.type': 'send',
      },
    },
    role: 'send',
    message: { destination: 'amq.default', destinationIsVague: true, kind: 'command' },
  },
  {
    library: 'Java agent, Kafka',
    span: {
      name: 'orders process',
      kind: 'consumer',
      attributes: {
        'messaging.system': 'kafka',
        'messaging.destination.name': 'orders',
        'messaging.operation': 'process',
        'messaging.kafka.consumer.group': 'billing',
        'messaging.kafka.message.offset': 17,
        'messaging.destination.partition.id': '2',
      },
    },
    role: 'take',
    message: { consumerGroup: 'billing', messageId: '2:17' },
  },
  {
    library: 'Java agent, settle spans',
    span: {
      name: 'nack orders',
      kind: 'client',
      attributes: {
        'messaging.system': 'rabbitmq',
        'messaging.destination.name': 'orders',
        'messaging.operation.name': 'nack',
        'messaging.operation.type': 'settle',
        'messaging.rabbitmq.requeue': false,
      },
    },
    role: 'settle',
    message: { deadLettered: { reason: 'rejected', source: 'orders', detail: null } },
  },
  {
    library: 'Java NATS',
    span: {
      name: 'orders.placed process',
      kind: 'consumer',
      attributes: {
        'messaging.system': 'nats',
        'messaging.destination.name': 'orders.placed',
        'messaging.operation': 'process',
      },
    },
    role: 'take',
    message: { system: 'nats', destination: 'orders.placed', type: 'orders.placed' },
  },
  {
    library: 'NATS .NET, the subject that was published to',
    span: {
      name: 'inbox receive',
      kind: 'consumer',
      attributes: {
        'messaging.system': 'nats',
        'messaging.operation': 'receive',
        'messaging.destination.name': 'orders.*',
        'messaging.destination_publish.name': 'orders.placed',
        'messaging.message.body.size': '120',
      },
    },
    role: 'take',
    message: {
      destination: 'orders.placed',
      subscription: 'orders.*',
      payload: { hash: null, bytes: 120 },
    },
  },
  {
    library: 'Python pika',
    span: {
      name: 'orders send',
      kind: 'producer',
      attributes: {
        'messaging.system': 'rabbitmq',
        'messaging.destination': 'orders',
        'messaging.message_payload_size_bytes': 9,
      },
    },
    role: 'send',
    message: { destination: 'orders', payload: { hash: null, bytes: 9 } },
  },
  {
    library: 'Python boto3 SQS',
    span: {
      name: 'jobs receive',
      kind: 'consumer',
      attributes: {
        'messaging.system': 'aws.sqs',
        'messaging.destination': 'jobs',
        'messaging.operation': 'receive',
      },
    },
    role: 'take',
    message: { system: 'aws_sqs', destination: 'jobs' },
  },
  {
    library: 'Python celery',
    span: {
      name: 'run/tasks.charge',
      kind: 'consumer',
      attributes: {
        'celery.task_name': 'tasks.charge',
        'messaging.destination': 'celery',
        'messaging.message_id': 'x',
      },
    },
    role: 'take',
    message: { system: 'celery', destination: 'celery', type: 'tasks.charge', kind: 'command' },
  },
  {
    library: '.NET RabbitMQ 7, published',
    span: {
      name: 'publish order.placed',
      kind: 'producer',
      attributes: {
        'messaging.system': 'rabbitmq',
        'messaging.operation.name': 'publish',
        'messaging.operation.type': 'send',
        'messaging.destination.name': 'orders:order.placed',
        'messaging.rabbitmq.destination.routing_key': 'order.placed',
      },
    },
    role: 'send',
    message: { destination: 'orders', type: 'order.placed', subscription: null, kind: 'event' },
  },
  {
    library: '.NET RabbitMQ 7, delivered',
    span: {
      name: 'deliver order.placed',
      kind: 'consumer',
      attributes: {
        'messaging.system': 'rabbitmq',
        'messaging.operation.name': 'deliver',
        'messaging.operation.type': 'process',
        'messaging.destination.name': 'orders:order.placed:payments',
        'messaging.rabbitmq.destination.routing_key': 'order.placed',
      },
    },
    role: 'take',
    message: { destination: 'orders', type: 'order.placed', subscription: 'payments' },
  },
  {
    library: '.NET RabbitMQ 7, fetched nothing',
    span: {
      name: 'fetch (empty) payments',
      kind: 'client',
      attributes: {
        'messaging.system': 'rabbitmq',
        'messaging.operation.type': 'receive',
        'messaging.batch.message_count': 0,
      },
    },
    role: 'fetch',
    message: null,
  },
  {
    library: 'MassTransit, an exchange with a colon',
    span: {
      name: 'Contracts:OrderSubmitted send',
      kind: 'producer',
      attributes: {
        'messaging.system': 'rabbitmq',
        'messaging.operation': 'send',
        'messaging.destination.name': 'Contracts:OrderSubmitted',
        'messaging.masstransit.conversation_id': 'CC',
        'messaging.masstransit.initiator_id': 'II',
      },
    },
    role: 'send',
    message: { destination: 'Contracts:OrderSubmitted', causationId: 'II' },
    more: { keys: [{ type: 'correlation', value: 'CC', relation: 'same' }] },
  },
  {
    library: 'franz-go kotel',
    span: {
      name: 'orders receive',
      kind: 'consumer',
      attributes: {
        'messaging.system': 'kafka',
        'messaging.source.name': 'orders',
        'messaging.kafka.source.partition': 2,
        'messaging.kafka.message.offset': 5,
        'messaging.operation': 'receive',
      },
    },
    role: 'take',
    message: { destination: 'orders', messageId: '2:5' },
  },
  {
    library: 'Brave over Zipkin, producer that knows its broker only',
    span: { name: 'publish', kind: 'producer', peer: 'rabbitmq' },
    role: 'send',
    message: { system: 'rabbitmq', destination: 'rabbitmq', destinationIsVague: true },
    more: { peer: 'rabbitmq' },
  },
  {
    library: 'Brave over Zipkin, consumer',
    span: {
      name: 'next-message',
      kind: 'consumer',
      peer: 'rabbitmq',
      attributes: {
        'rabbit.exchange': '',
        'rabbit.queue': 'backend',
        'rabbit.routing_key': 'backend',
      },
    },
    role: 'take',
    message: { system: 'rabbitmq', destination: 'backend', subscription: null },
  },
  {
    library: 'in-process bus of internal spans',
    span: {
      name: 'emit',
      attributes: {
        'messaging.system': 'nodejs_event_emitter',
        'messaging.destination.name': 'order.placed',
        'messaging.operation.type': 'send',
      },
    },
    role: 'send',
    message: { system: 'nodejs_event_emitter', destination: 'order.placed' },
  },
  {
    library: 'a client and server that merely name a messaging system: client',
    span: { kind: 'client', attributes: { 'messaging.system': 'kafka' } },
    role: 'call',
    message: null,
  },
  {
    library: 'a client and server that merely name a messaging system: server',
    span: {
      kind: 'server',
      attributes: { 'messaging.system': 'kafka', 'messaging.operation': 'process' },
    },
    role: 'serve',
    message: null,
  },
];

describe('spans of', () => {
  test.each(ROWS.map((row) => [row.library, row] as const))(
    '%s',
    (_, { span, role, message, more }) => {
      const made = step(span);
      expect(made.role).toBe(role);
      if (message === null) expect(made.message).toBeNull();
      else expect(made.message).toMatchObject(message);
      if (message && !('destinationIsVague' in message)) {
        expect(made.message?.destinationIsVague).toBeUndefined();
      }
      expect(made).toMatchObject(more ?? {});
    },
  );
});

describe('RabbitMQ names since 1.27', () => {
  const named = (kind: 'producer' | 'consumer', name: string, key?: string) =>
    step({
      kind,
      attributes: {
        'messaging.system': 'rabbitmq',
        'messaging.operation.name': kind === 'producer' ? 'publish' : 'consume',
        'messaging.operation.type': kind === 'producer' ? 'send' : 'process',
        'messaging.destination.name': name,
        ...(key === undefined ? {} : { 'messaging.rabbitmq.destination.routing_key': key }),
      },
    }).message;

  test.each([
    ['an exchange and a key', ['x:k', 'k'], ['x:k:q', 'k'], 'x', 'q'],
    ['a queue named as its key', ['x:k', 'k'], ['x:k', 'k'], 'x', 'k'],
    ['the default exchange', ['k', 'k'], ['k', 'k'], 'k', null],
    ['a fanout without a key', ['x', undefined], ['x:q', undefined], 'x', 'q'],
    ['a key with colons', ['x:a:b', 'a:b'], ['x:a:b:q', 'a:b'], 'x', 'q'],
    ['an exchange with a colon', ['My:X:k', 'k'], ['My:X:k:q', 'k'], 'My:X', 'q'],
    ['no key attribute', ['x:k', undefined], ['x:k:q', undefined], 'x', 'q'],
  ] as const)('%s meet on both sides', (_, sent, taken, destination, subscription) => {
    expect(named('producer', ...sent)?.destination).toBe(destination);
    expect(named('consumer', ...taken)).toMatchObject({ destination, subscription });
  });
});
