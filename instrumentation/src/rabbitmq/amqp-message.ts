import type { Attributes } from '@opentelemetry/api';
import { ATTR } from '../attribute-names.js';

/** Message properties of AMQP 0-9-1, as both client libraries name them. */
export interface AmqpProperties {
  readonly messageId?: unknown;
  readonly correlationId?: unknown;
  readonly type?: unknown;
  readonly replyTo?: unknown;
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
}

/** Where a message goes, or where it came from. */
export interface AmqpRoute {
  readonly exchange: string;
  readonly routingKey: string;
  /** The queue it was read from; null at the producer. */
  readonly queue: string | null;
}

/** The broker's address, as far as the client library shows it. */
export interface AmqpServer {
  readonly address: string | null;
  readonly port: number | null;
}

const REPLY_QUEUE = 'amq.rabbitmq.reply-to';

/**
 * `messaging.destination.name` for RabbitMQ (semantic conventions 1.44, RabbitMQ page):
 * `{exchange}:{routing key}` at the producer, `{exchange}:{routing key}:{queue}` at the consumer; empty parts
 * are left out, and so is a queue that equals the routing key. Both empty is `amq.default`.
 */
export function destinationName({ exchange, routingKey, queue }: AmqpRoute): string {
  const parts = [exchange, stable(routingKey)];
  if (queue !== null && queue !== routingKey) parts.push(stable(queue));
  const name = parts.filter((part) => part !== '').join(':');
  return name === '' ? 'amq.default' : name;
}

export function routeAttributes(route: AmqpRoute, server: AmqpServer): Attributes {
  const { routingKey, queue } = route;
  const attributes: Attributes = { [ATTR.routingKey]: stable(routingKey) };
  if (queue !== null) attributes[ATTR.subscription] = stable(queue);
  const place = queue ?? (route.exchange === '' ? routingKey : '');
  if (place.startsWith('amq.gen-') || place.startsWith(REPLY_QUEUE)) {
    attributes[ATTR.destinationAnonymous] = true;
    attributes[ATTR.destinationTemporary] = true;
  }
  if (server.address !== null) attributes[ATTR.serverAddress] = server.address;
  if (server.port !== null) attributes[ATTR.serverPort] = server.port;
  return attributes;
}

/** Text of a property, null when it is none. */
export function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** A message that asks for a reply asks for something: a command. */
export function kindOf(properties: AmqpProperties): 'command' | null {
  return text(properties.replyTo) === null ? null : 'command';
}

/** Direct reply-to names carry a token per caller; the place is the same for all of them. */
function stable(name: string): string {
  return name.startsWith(`${REPLY_QUEUE}.`) ? REPLY_QUEUE : name;
}
