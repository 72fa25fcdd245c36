import type { MessageFacet, StepRole } from '@throughline/model/step';
import type { WireSpan } from '../wire.js';
import { AttributeReader } from './attribute-reader.js';
import { deadLetterSide } from './dead-letter.js';
import { deliveryNumber } from './delivery.js';
import { destinationOf } from './destination.js';
import type { Destination } from './destination-name.js';
import { SPELLING } from './semconv.js';
import { deathsOf, type Death } from './x-death.js';

/** The messaging side of a step, or null when it handles no message. */
export function messageOf(
  span: WireSpan,
  side: { readonly role: StepRole; readonly system: string | null },
  reader: AttributeReader,
): MessageFacet | null {
  const { role, system } = side;
  if (system === null || !MESSAGING_ROLES.has(role)) return null;
  const count = messageCount(span, role, reader);
  // A poll that found nothing handled no message.
  if ((role === 'fetch' || role === 'take') && count === 0) return null;
  const deaths = deathsOf(reader);
  const destination = destinationOf({ span, system, role, reader });
  return {
    system,
    destination: destination.name,
    ...(destination.isVague ? { destinationIsVague: true } : {}),
    subscription: destination.subscription,
    type: messageType({ system, destination, deaths }, reader),
    version: reader.text(SPELLING.eventVersion),
    kind: messageKind({ system, role, destination }, reader),
    messageId: count > 1 ? null : (messageId(system, reader) ?? linkedId(span, role)),
    causationId: reader.text(SPELLING.causationId) ?? cloudEventExtension(reader, 'causationid'),
    count: Math.max(count, 1),
    delivery: role === 'send' ? null : deliveryNumber(reader, deaths),
    payload: payloadOf(reader),
    consumerGroup: reader.text(SPELLING.consumerGroup),
    ...deadLetterSide({ span, role, reader, destination: destination.name, deaths }),
    undeliverable: isUndeliverable(span, reader),
  };
}

const MESSAGING_ROLES: ReadonlySet<StepRole> = new Set(['send', 'take', 'fetch', 'settle']);

/** Messages in the step: declared, else as many as a consumer's links, else one. */
function messageCount(span: WireSpan, role: StepRole, reader: AttributeReader): number {
  const declared = reader.number(SPELLING.batchCount);
  if (declared !== null) return Math.max(0, Math.trunc(declared), span.links.length);
  return role === 'take' || role === 'fetch' ? Math.max(1, span.links.length) : 1;
}

/**
 * What the message is: its declared type, else what the system has in its place, else null (the destination then
 * stands in). A message that came back through a dead-letter exchange keeps the routing key it was sent with.
 */
function messageType(
  about: { system: string; destination: Destination; deaths: readonly Death[] },
  reader: AttributeReader,
): string | null {
  const declared =
    reader.text(SPELLING.declaredType) ?? reader.headerText(...SPELLING.declaredTypeHeader);
  if (declared !== null) return declared;
  switch (about.system) {
    case 'rabbitmq':
      return about.deaths.at(-1)?.routingKey ?? reader.text(SPELLING.routingKey);
    case 'bullmq':
    case 'celery':
    case 'sidekiq':
      return reader.text(SPELLING.jobName);
    case 'nats':
      return about.destination.isVague ? null : about.destination.name;
    default:
      return reader.text(SPELLING.jobName);
  }
}

/**
 * A command asks somebody for something: declared so, waiting for a reply, or sent straight into one queue. All
 * else states a fact to whoever listens. A consumer reading a queue proves nothing: an exchange or topic may feed it.
 */
function messageKind(
  about: { system: string; role: StepRole; destination: Destination },
  reader: AttributeReader,
): 'event' | 'command' {
  const declared = reader.text(SPELLING.eventKind);
  if (declared === 'event' || declared === 'command') return declared;
  const replyTo = reader.text(SPELLING.replyTo) ?? reader.headerText(...SPELLING.replyToHeader);
  if (replyTo !== null) return 'command';
  if (about.system === 'bullmq' || about.system === 'celery') return 'command';
  return about.destination.isQueue && about.role === 'send' ? 'command' : 'event';
}

/** Kafka has no message ids: place in the log is identity. */
function messageId(system: string, reader: AttributeReader): string | null {
  const named = reader.text(SPELLING.messageId) ?? reader.headerText('Nats-Msg-Id', 'webhook-id');
  if (named !== null || system !== 'kafka') return named;
  const offset = reader.text(SPELLING.offset);
  const partition = reader.text(SPELLING.partition);
  return offset === null || partition === null ? null : `${partition}:${offset}`;
}

/** What a consumer knows of its message may stand on the link to it: the conventions want it there in batches. */
function linkedId({ links }: WireSpan, role: StepRole): string | null {
  const [link] = links;
  if (role === 'send' || !link || links.length > 1) return null;
  return new AttributeReader(link.attributes).text(SPELLING.messageId);
}

/** Extension attributes stand under their own names on spans made from CloudEvents. */
export function cloudEventExtension(reader: AttributeReader, name: string): string | null {
  return reader.has('cloudevents.event_id') ? reader.text(name) : null;
}

function payloadOf(reader: AttributeReader): MessageFacet['payload'] {
  const hash = reader.text(SPELLING.payloadHash);
  const size = reader.number(SPELLING.bodyBytes);
  const bytes = size === null || size < 0 ? null : Math.trunc(size);
  return hash === null && bytes === null ? null : { hash, bytes };
}

/** AMQP `basic.return`: reply code 312, no route. */
function isUndeliverable(span: WireSpan, reader: AttributeReader): boolean {
  return (
    reader.isTrue(SPELLING.undeliverable) ||
    reader.number(SPELLING.returnCode) === 312 ||
    span.events.some((event) => event.name === 'basic.return')
  );
}
