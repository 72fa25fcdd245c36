import type { AttributeInputs } from '@throughline/fixtures/build/span';

/** What a message carries, in whichever words it is told. */
export interface Letter {
  readonly type: string;
  readonly destination: string;
  readonly id: string;
  readonly key: string;
  readonly tenant: string;
  readonly hash: string;
}

/** How one family of systems tells of its messages. */
export interface Dialect {
  /** Whether a taking is a child of its sending, or a trace of its own with a link. */
  readonly tie: 'parent' | 'link';
  readonly send: (letter: Letter) => AttributeInputs;
  readonly take: (letter: Letter, service: string) => AttributeInputs;
  /** What a request at the front door says of its key. */
  readonly door: (key: string) => AttributeInputs;
  readonly attempt: (number: number) => AttributeInputs;
  /** Where what nobody can handle goes, by a send of the reader; null: the broker moves it, and sends no span. */
  readonly deadLetters: ((destination: string) => string) | null;
}

const own = (operation: string, { type, destination, id, key, tenant, hash }: Letter) => ({
  'messaging.system': 'rabbitmq',
  'messaging.destination.name': destination,
  'messaging.operation.name': operation,
  'messaging.operation.type': operation,
  'messaging.message.id': id,
  'messaging.message.conversation_id': key,
  'throughline.event.type': type,
  'throughline.event.kind': 'event',
  'throughline.touches.tenant': tenant,
  'throughline.payload.hash': hash,
  'throughline.payload.bytes': 240,
});

const amqplib = ({ type, destination, id, key }: Letter): AttributeInputs => ({
  'messaging.system': 'rabbitmq',
  'messaging.destination': destination,
  'messaging.destination_kind': 'topic',
  'messaging.rabbitmq.routing_key': type,
  'messaging.message_id': id,
  'messaging.conversation_id': key,
});

const kafka = (operation: string, { destination, key, tenant }: Letter): AttributeInputs => ({
  'messaging.system': 'kafka',
  'messaging.destination.name': destination,
  'messaging.operation': operation,
  'messaging.kafka.message.key': key,
  'messaging.client_id': 'kafkajs',
  'app.request_id': key,
  'app.tenant': tenant,
});

const nats = (operation: string, { type, id, key, hash }: Letter): AttributeInputs => ({
  'messaging.system': 'nats',
  'messaging.destination.name': type,
  'messaging.operation.name': operation,
  'messaging.operation.type': operation,
  'messaging.message.id': id,
  'baggage.claim.id': key,
  'throughline.payload.hash': hash,
});

const bullmq = (operation: string, { type, destination, id, key }: Letter): AttributeInputs => ({
  'messaging.system': 'bullmq',
  'bullmq.queue.name': destination,
  'bullmq.queue.operation': operation,
  'bullmq.job.name': type,
  'bullmq.job.id': id,
  'asset.id': key,
});

const bus = (operation: string, { destination, id, key, tenant }: Letter): AttributeInputs => ({
  'messaging.system': 'servicebus',
  'messaging.destination.name': destination,
  'messaging.operation.name': operation,
  'messaging.operation.type': operation === 'send' ? 'send' : 'process',
  'messaging.message.id': id,
  'throughline.key.contract': key,
  'throughline.touches.tenant': tenant,
});

const DIALECTS = {
  /** Our own instrumentation over RabbitMQ. */
  own: {
    tie: 'link',
    send: (letter) => own('send', letter),
    take: (letter, service) => ({
      ...own('process', letter),
      'messaging.consumer.group.name': service,
    }),
    door: (key) => ({ 'throughline.key.correlation': key }),
    attempt: (number) => ({ 'throughline.step.attempt': number }),
    deadLetters: (destination) => `${destination}.dead-letter`,
  },
  /** The stock instrumentation of amqplib, in its old words. */
  amqplib: {
    tie: 'parent',
    send: amqplib,
    take: (letter, service) => ({
      ...amqplib(letter),
      'messaging.operation': 'process',
      'messaging.rabbitmq.queue': `${service}.${letter.type}`,
    }),
    door: (key) => ({ 'messaging.conversation_id': key }),
    attempt: (number) => ({ 'messaging.rabbitmq.message.header.x-delivery-count': number - 1 }),
    deadLetters: null,
  },
  /** kafkajs: no types, no ids, a business id that is configured as a key. */
  kafka: {
    tie: 'parent',
    send: (letter) => kafka('publish', letter),
    take: (letter, service) => ({
      ...kafka('process', letter),
      'messaging.kafka.consumer.group': service,
    }),
    door: (key) => ({ 'app.request_id': key }),
    attempt: (number) => ({ kafka_deliveryAttempt: number }),
    deadLetters: (destination) => `${destination}-dlt`,
  },
  /** NATS: the subject is the type, the key travels as baggage. */
  nats: {
    tie: 'link',
    send: (letter) => nats('send', letter),
    take: (letter, service) => ({
      ...nats('process', letter),
      'messaging.nats.consumer.name': service,
    }),
    door: (key) => ({ 'baggage.claim.id': key }),
    attempt: (number) => ({ 'messaging.nats.message.delivery_count': number }),
    deadLetters: (destination) => `${destination}.dlq`,
  },
  bullmq: {
    tie: 'link',
    send: (letter) => bullmq('add', letter),
    take: (letter) => bullmq('process', letter),
    door: (key) => ({ 'asset.id': key }),
    attempt: (number) => ({ 'bullmq.job.attempts.made': number }),
    deadLetters: (destination) => `${destination}-dlq`,
  },
  /** Commands over a bus with queues. */
  bus: {
    tie: 'link',
    send: (letter) => bus('send', letter),
    take: (letter) => bus('process', letter),
    door: (key) => ({ 'throughline.key.contract': key }),
    attempt: (number) => ({ 'messaging.servicebus.message.delivery_count': number }),
    deadLetters: (destination) => `${destination}/$DeadLetterQueue`,
  },
} as const satisfies Readonly<Record<string, Dialect>>;

export type DialectName = keyof typeof DIALECTS;

export function dialect(name: DialectName): Dialect {
  return DIALECTS[name];
}

/** What the operator configured, so that the business ids of these systems are keys. */
export const KEY_RULES = [
  { attribute: 'app.request_id', type: 'request', relation: 'same' },
  { attribute: 'app.tenant', type: 'tenant', relation: 'touches' },
  { attribute: 'claim.id', type: 'claim', relation: 'same' },
  { attribute: 'asset.id', type: 'asset', relation: 'same' },
] as const;
