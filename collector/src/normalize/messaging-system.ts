import type { WireSpan } from '../wire.js';
import type { AttributeReader } from './attribute-reader.js';
import { spelling } from './spelling.js';

/** Other names of one system, in lower case. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['aws.sqs', 'aws_sqs'],
  ['amazonsqs', 'aws_sqs'],
  ['sqs', 'aws_sqs'],
  ['aws_sns', 'aws.sns'],
  ['amazonsns', 'aws.sns'],
  ['sns', 'aws.sns'],
  ['google_pubsub', 'gcp_pubsub'],
  ['microsoft.servicebus', 'servicebus'],
  ['azure_servicebus', 'servicebus'],
  ['microsoft.eventhub', 'eventhubs'],
  ['azure_eventhubs', 'eventhubs'],
  ['apache_kafka', 'kafka'],
  ['rabbit', 'rabbitmq'],
]);

const DATABASE = spelling('db.system.name', 'db.system');
const SYSTEM = spelling('messaging.system');

/** Attributes that only one system's library writes, for spans without `messaging.system`. */
const SIGNS: readonly (readonly [attribute: string, system: string])[] = [
  ['bullmq.queue.name', 'bullmq'],
  ['rabbit.queue', 'rabbitmq'],
  ['rabbit.exchange', 'rabbitmq'],
  ['rabbit.routing_key', 'rabbitmq'],
  ['kafka.topic', 'kafka'],
  ['jms.queue', 'jms'],
  ['jms.topic', 'jms'],
  ['celery.task_name', 'celery'],
  ['cloudevents.event_type', 'cloudevents'],
];

/** What a Zipkin remote endpoint is called when it is a broker of that kind. */
const BROKER_WORDS = [
  'rabbitmq',
  'kafka',
  'activemq',
  'nats',
  'pulsar',
  'sqs',
  'redis',
  'mqtt',
  'jms',
];

/** The messaging system under its one name here, or null when the span shows none. */
export function messagingSystem(span: WireSpan, reader: AttributeReader): string | null {
  const named = reader.text(SYSTEM);
  if (named !== null) return fold(named);
  for (const [attribute, system] of SIGNS) if (reader.has(attribute)) return system;
  const namespace = reader.text('az.namespace');
  if (namespace !== null) {
    const folded = fold(namespace);
    if (folded === 'servicebus' || folded === 'eventhubs') return folded;
  }
  if (span.kind !== 'producer' && span.kind !== 'consumer') return redisSystem(reader);
  return brokerOf(span.peer);
}

function fold(name: string): string {
  const lower = name.trim().toLowerCase();
  return ALIASES.get(lower) ?? lower;
}

/** Streams and channels are messaging; the rest of Redis is a database. */
function redisSystem(reader: AttributeReader): string | null {
  const database = reader.text(DATABASE);
  return database === 'redis' && redisOperation(reader) !== null ? 'redis' : null;
}

function brokerOf(peer: string | null): string {
  const lower = peer?.toLowerCase() ?? '';
  const word = BROKER_WORDS.find((each) => lower.includes(each));
  if (word !== undefined) return ALIASES.get(word) ?? word;
  return lower === '' ? 'unknown' : lower;
}

/**
 * Commands by which Redis carries messages. Lists are left out although queues are built on them: LPUSH is far
 * more often a plain list, and a message nobody takes would be reported.
 */
const REDIS_OPERATIONS: ReadonlyMap<string, 'send' | 'receive' | 'settle'> = new Map([
  ['XADD', 'send'],
  ['PUBLISH', 'send'],
  ['SPUBLISH', 'send'],
  ['XREAD', 'receive'],
  ['XREADGROUP', 'receive'],
  ['XACK', 'settle'],
]);

export function redisOperation(reader: AttributeReader): 'send' | 'receive' | 'settle' | null {
  const system = reader.text(DATABASE);
  if (system !== 'redis') return null;
  const named = reader.text('db.operation.name', 'db.operation');
  const statement = reader.text('db.query.text', 'db.statement');
  const command = named ?? statement?.trim().split(/\s+/, 1)[0] ?? '';
  return REDIS_OPERATIONS.get(command.toUpperCase()) ?? null;
}
