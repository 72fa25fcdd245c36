import {
  nameWithoutOperation,
  type Destination,
  type DestinationSource,
} from './destination-name.js';
import { SPELLING } from './semconv.js';
import { spelling } from './spelling.js';

/** What the conventions write for the exchange without a name. */
const EXCHANGE = spelling(...SPELLING.destination.names, 'rabbit.exchange');
const DEFAULT_EXCHANGE = 'amq.default';
const DEFAULT_EXCHANGE_NAMES: ReadonlySet<string> = new Set(['', '<default>', DEFAULT_EXCHANGE]);

/**
 * RabbitMQ's destination is the exchange, or the queue when a message was sent straight to it.
 *
 * Old conventions name the exchange, and the queue of a consumer only in its span's name. Since 1.27 the name is
 * `{exchange}:{routing key}` when sending and `{exchange}:{routing key}:{queue}` when taking, empty parts dropped
 * and the queue dropped when it equals the routing key: both fold to the exchange here, so that the sides meet.
 */
export function rabbitDestination(source: DestinationSource): Destination {
  const { reader, role } = source;
  const routingKey = reader.text(SPELLING.routingKey);
  const named = exchangeNamed(source);
  const published = role === 'send' ? null : reader.text(SPELLING.publishDestination);
  const split = splitName(source, named, routingKey);
  const subscription = subscriptionOf(source, split.queue);
  if (published !== null && !DEFAULT_EXCHANGE_NAMES.has(published)) {
    return destination(published, split.queue ?? named, false);
  }
  if (!DEFAULT_EXCHANGE_NAMES.has(split.exchange)) {
    return destination(split.exchange, subscription, split.exchange === routingKey);
  }
  // Through the default exchange the routing key is the name of the queue.
  const queue = routingKey ?? subscription;
  if (queue !== null) return destination(queue, subscription, true);
  const name = source.span.peer ?? DEFAULT_EXCHANGE;
  return { name, subscription: null, isQueue: named !== null, isVague: true };
}

function destination(name: string, subscription: string | null, isQueue: boolean): Destination {
  return {
    name,
    subscription: subscription === name ? null : subscription,
    isQueue,
    isVague: false,
  };
}

/** Null when neither an attribute nor the span's name speaks of a destination. */
function exchangeNamed({ span, reader }: DestinationSource): string | null {
  for (const value of reader.all(EXCHANGE)) if (typeof value === 'string') return value.trim();
  return nameWithoutOperation(span.name);
}

interface SplitName {
  readonly exchange: string;
  readonly queue: string | null;
}

/** Takes `{exchange}:{routing key}:{queue}` apart. Exchanges may have colons themselves (MassTransit's do). */
function splitName(
  source: DestinationSource,
  named: string | null,
  routingKey: string | null,
): SplitName {
  const name = named ?? '';
  if (!name.includes(':')) return { exchange: name, queue: null };
  const isSend = source.role === 'send';
  if (routingKey !== null) {
    if (name.endsWith(`:${routingKey}`)) {
      const exchange = name.slice(0, -routingKey.length - 1);
      return { exchange, queue: isSend ? null : routingKey };
    }
    if (name.startsWith(`${routingKey}:`)) {
      return { exchange: '', queue: name.slice(routingKey.length + 1) };
    }
    const middle = name.indexOf(`:${routingKey}:`);
    if (middle > 0) {
      return { exchange: name.slice(0, middle), queue: name.slice(middle + routingKey.length + 2) };
    }
    return { exchange: name, queue: null };
  }
  const parts = name.split(':');
  const isNewEra =
    source.reader.has('messaging.operation.type') && source.reader.has('messaging.operation.name');
  if (!isNewEra || parts.some((part) => part === '')) return { exchange: name, queue: null };
  if (isSend) return { exchange: parts.slice(0, -1).join(':'), queue: null };
  const queue = parts.at(-1) ?? null;
  return { exchange: parts.length > 2 ? parts.slice(0, -2).join(':') : (parts[0] ?? name), queue };
}

/** amqplib's consumers name their queue only in the span's name: `{queue} process`. */
function subscriptionOf(
  { span, reader, role }: DestinationSource,
  queue: string | null,
): string | null {
  const named = reader.text(SPELLING.subscription) ?? queue;
  if (named !== null) return named;
  if (role === 'send') return null;
  const rest = nameWithoutOperation(span.name);
  return rest === null || rest.includes(':') || DEFAULT_EXCHANGE_NAMES.has(rest) ? null : rest;
}
