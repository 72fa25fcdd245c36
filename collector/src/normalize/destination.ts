import type { AttributeReader } from './attribute-reader.js';
import { isDeadLetterName } from '@throughline/model/dead-letter-name';
import {
  nameWithoutOperation,
  type Destination,
  type DestinationSource,
} from './destination-name.js';
import { rabbitDestination } from './rabbitmq.js';
import { SPELLING } from './semconv.js';

/** The destination under the name that producers and consumers share. */
export function destinationOf(source: DestinationSource): Destination {
  const found = source.system === 'rabbitmq' ? rabbitDestination(source) : plainDestination(source);
  // A queue for dead letters that hangs on an ordinary exchange is what the consumer reads from.
  if (found.subscription !== null && isDeadLetterName(found.subscription)) {
    return { ...found, name: found.subscription, subscription: null };
  }
  return found.subscription === found.name ? { ...found, subscription: null } : found;
}

function plainDestination({ span, system, reader, role }: DestinationSource): Destination {
  const raw = rawDestination(reader) ?? nameWithoutOperation(span.name);
  const published = role === 'send' ? null : reader.text(SPELLING.publishDestination);
  const subscription = reader.text(SPELLING.subscription);
  if (raw === null) {
    return { name: span.peer ?? system, subscription, isQueue: false, isVague: true };
  }
  const name =
    system === 'servicebus' ? serviceBusEntity(raw) : { entity: lastSegment(raw), sub: null };
  return {
    name: published ?? name.entity,
    subscription: subscription ?? name.sub ?? (published === null ? null : name.entity),
    isQueue: isQueue(system, reader, name.sub ?? subscription),
    isVague: false,
  };
}

/** The destination as some attribute names it; an empty text counts as none. */
export function rawDestination(reader: AttributeReader): string | null {
  const named = reader.text(SPELLING.destination);
  if (named !== null) return named;
  const url = reader.text('aws.sqs.queue.url', 'messaging.url');
  const isQueueUrl = url !== null && /^https?:\/\/[^/]+\/\d+\/[^/]+$/.test(url);
  if (isQueueUrl) return url;
  return (
    reader.text('aws.sns.topic.arn', 'kafka.topic', 'jms.queue', 'jms.topic', 'topic') ??
    reader.text('cloudevents.event_type') ??
    redisKey(reader)
  );
}

/** Queue URLs, ARNs and resource paths end in the name that people use. */
function lastSegment(name: string): string {
  if (/^https?:\/\//.test(name)) return name.slice(name.lastIndexOf('/') + 1) || name;
  if (name.startsWith('arn:')) return name.slice(name.lastIndexOf(':') + 1) || name;
  if (/^(?:\/\/pubsub\.googleapis\.com\/)?projects\/[^/]+\/(?:topics|subscriptions)\//.test(name)) {
    return name.slice(name.lastIndexOf('/') + 1) || name;
  }
  return name;
}

/** `topic/Subscriptions/sub`, with `/$DeadLetterQueue` behind it for its dead letters. */
function serviceBusEntity(path: string): { entity: string; sub: string | null } {
  const match = /^(.+?)\/subscriptions\/([^/]+)(\/\$.+)?$/i.exec(path);
  if (!match) return { entity: path, sub: null };
  const [, topic = path, sub = null, deadLetters = ''] = match;
  return deadLetters === '' ? { entity: topic, sub } : { entity: path, sub: null };
}

function isQueue(system: string, reader: AttributeReader, subscription: string | null): boolean {
  if (system === 'aws_sqs' || system === 'bullmq' || system === 'celery') return true;
  if (subscription !== null) return false;
  return reader.text(SPELLING.destinationKind) === 'queue' || reader.has('jms.queue');
}

/** `XADD orders * …`: the first key behind the command. */
function redisKey(reader: AttributeReader): string | null {
  const statement = reader.text('db.query.text', 'db.statement');
  if (reader.text('db.system.name', 'db.system') !== 'redis' || statement === null) return null;
  const words = statement.trim().split(/\s+/);
  const streams = words.findIndex((word) => word.toUpperCase() === 'STREAMS');
  return words[streams > 0 ? streams + 1 : 1] ?? null;
}
