import type { LibraryRow } from './library-row.case.js';

const rabbitOld = {
  'messaging.system': 'rabbitmq',
  'messaging.destination_kind': 'topic',
  'messaging.message_id': 'MM',
  'messaging.conversation_id': 'CC',
  'messaging.protocol': 'AMQP',
  'messaging.url': 'amqp://guest:***@127.0.0.1:15673',
};

/** Libraries over RabbitMQ, one row per span as it was observed. */
export const RABBITMQ_LIBRARIES: readonly LibraryRow[] = [
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
];
