import type { Attributes } from '@opentelemetry/api';
import { randomUUID } from 'node:crypto';
import { ATTR } from '../attribute-names.js';
import { idOf, nameOf, recordOf } from '../given.js';
import { harmless } from '../harmless.js';
import { runInSpan } from '../run/open-span.js';
import { inject } from './carrier.js';
import { HEADERS, messageHeader } from './message-headers.js';
import { openSend } from './open-send.js';
import type { OpenSend, SendFacts } from './open-send.js';

export interface SendOptions {
  /** The transport: `http`, `kafka`, `nats`, … as the messaging conventions name it where they do. */
  readonly system: string;
  /** Queue, topic or subject, under the name that consumers give `take()`. */
  readonly destination: string;
  /** Event type: `order.placed`. */
  readonly type?: string;
  /** Version of the event's schema. */
  readonly version?: string;
  /** An event states a fact, a command asks for something. */
  readonly kind?: 'event' | 'command';
  /** Taken from `headers` (CloudEvents id, webhook-id) or generated when not given. */
  readonly messageId?: string;
  readonly correlationId?: string;
  /** Measured, and hashed when THROUGHLINE_PAYLOAD_KEY is set; never sent anywhere. */
  readonly payload?: unknown;
  /** The app's own headers; they are kept, and win over ours except for the trace context. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly attributes?: Attributes;
}

/** Ids of the message being sent, for transports with message properties. */
export interface SentMessage {
  readonly messageId: string;
  readonly correlationId: string | null;
  readonly causationId: string | null;
}

/**
 * Sends a message over a transport that no hook knows. `work` gets the headers to send: the app's own plus
 * trace context, baggage, correlation id, causation id, message id and event type.
 *
 * @returns what `work` returns; what it throws or rejects with is recorded and reaches the caller.
 * @example
 * await send({ system: 'http', destination: 'orders', type: 'order.placed', payload: body },
 *   (headers) => fetch(url, { method: 'POST', headers, body }));
 */
export function send<T>(
  options: SendOptions,
  work: (headers: Record<string, string>, message: SentMessage) => T,
): T {
  const prepared = harmless('send', () => prepare(options, {}));
  if (prepared === undefined)
    return work(harmless('send', () => recordOf(options.headers)) ?? {}, unsent());
  return runInSpan(prepared.open, () => work(prepared.headers, prepared.message));
}

interface Prepared {
  readonly open: OpenSend;
  readonly headers: Record<string, string>;
  readonly message: SentMessage;
}

/** Opens the span and writes the headers; `extra` are attributes of special messages (dead letters). */
export function prepare(options: SendOptions, extra: Attributes): Prepared {
  const facts = factsOf(options, extra);
  const open = openSend(facts);
  const messageId = facts.messageId ?? '';
  const { correlationId, causationId } = open;
  const carried: Record<string, string> = {};
  inject(open.context, (name, value) => {
    carried[name] = value;
  });
  const isOurs = ([name]: [string, string]): boolean => carried[name.toLowerCase()] !== undefined;
  const given = Object.entries(recordOf(options.headers)).filter((entry) => !isOurs(entry));
  const headers = { ...headersOf(facts, open), ...Object.fromEntries(given), ...carried };
  return { open, headers, message: { messageId, correlationId, causationId } };
}

function factsOf(options: SendOptions, extra: Attributes): SendFacts {
  const headers = recordOf(options.headers);
  return {
    system: nameOf(options.system),
    destination: nameOf(options.destination),
    operation: 'send',
    messageId: idOf(options.messageId) ?? messageHeader(headers, 'messageId') ?? randomUUID(),
    correlationId: idOf(options.correlationId) ?? messageHeader(headers, 'correlationId'),
    type: idOf(options.type) ?? messageHeader(headers, 'eventType'),
    version: idOf(options.version),
    kind: options.kind ?? null,
    payload: options.payload,
    attributes: { ...cloudEvent(headers), ...recordOf(options.attributes), ...extra },
  };
}

function headersOf(facts: SendFacts, open: OpenSend): Record<string, string> {
  const headers: Record<string, string> = {};
  const set = (name: string, value: string | null): void => {
    // Header values are printable; an id that is not would make the host's request fail.
    if (value !== null && /^[\x20-\x7e]*$/.test(value)) headers[name] = value;
  };
  set(HEADERS.messageId, facts.messageId);
  set(HEADERS.correlationId, open.correlationId);
  set(HEADERS.causationId, open.causationId);
  set(HEADERS.eventType, facts.type);
  set(HEADERS.eventVersion, facts.version);
  // The receiver of a request cannot know the name of the destination; brokers know theirs.
  if (facts.system === 'http') set(HEADERS.destination, facts.destination);
  return headers;
}

function cloudEvent(headers: Readonly<Record<string, string>> | undefined): Attributes {
  const source = messageHeader(headers, 'eventSource');
  return source === null ? {} : { [ATTR.cloudEventSource]: source };
}

function unsent(): SentMessage {
  return { messageId: randomUUID(), correlationId: null, causationId: null };
}
