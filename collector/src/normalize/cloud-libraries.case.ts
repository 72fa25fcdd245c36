import type { LibraryRow } from './library-row.case.js';

const sqs = {
  'messaging.system': 'aws_sqs',
  'messaging.destination.name': 'jobs',
  'rpc.system': 'aws-api',
};
const azure = { 'az.namespace': 'Microsoft.ServiceBus', 'messaging.system': 'servicebus' };

/** Libraries of the cloud vendors' queues, one row per span as it was observed. */
export const CLOUD_LIBRARIES: readonly LibraryRow[] = [
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
    library: 'AWS SDK, SQS, one received: its id stands on the link',
    span: {
      name: 'jobs receive',
      kind: 'consumer',
      links: [{ 'messaging.message.id': 'm1' }],
      attributes: { ...sqs, 'messaging.operation.type': 'receive' },
    },
    role: 'take',
    message: { destination: 'jobs', count: 1, messageId: 'm1' },
  },
  {
    library: 'AWS SDK, SQS, a poll that found nothing',
    span: {
      name: 'jobs receive',
      kind: 'consumer',
      attributes: {
        ...sqs,
        'messaging.operation.type': 'receive',
        'messaging.batch.message_count': 0,
      },
    },
    role: 'take',
    message: null,
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
    library: 'Google Pub/Sub, the request that carries created messages',
    span: {
      name: 'projects/proj/topics/orders send',
      kind: 'producer',
      links: [{}, {}],
      attributes: {
        'messaging.system': 'gcp_pubsub',
        'messaging.destination.name': 'orders',
        'messaging.operation': 'send',
      },
    },
    role: 'work',
    message: null,
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
];
