import type { LibraryRow } from './library-row.case.js';

const job = { 'bullmq.queue.name': 'orders', 'bullmq.job.id': '2', 'bullmq.job.name': 'bad' };

/** Libraries over Kafka, BullMQ, NATS, Redis and others, one row per span as it was observed. */
export const QUEUE_LIBRARIES: readonly LibraryRow[] = [
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
