import type { Attributes, Context } from '@opentelemetry/api';
import { ATTR } from '../attribute-names.js';
import { header } from '../message/carrier.js';
import type { AnyHeaders } from '../message/carrier.js';
import { HEADERS, messageHeader } from '../message/message-headers.js';
import { openSend } from '../message/open-send.js';
import { openTake } from '../message/open-take.js';
import type { OpenSpan } from '../run/open-span.js';

/**
 * A request that delivers an event is a message and not a call: its sender does not wait for what comes of
 * it. It is known by CloudEvents headers (binary mode), a CloudEvents content type (structured, batch), or by
 * the header that `send()` writes. Such a request has one PRODUCER span at the sender and one CONSUMER span
 * at the receiver, in place of CLIENT and SERVER.
 */
export function isMessageRequest(headers: AnyHeaders): boolean {
  return (
    header(headers, HEADERS.destination) !== null ||
    (header(headers, 'ce-id') !== null && header(headers, 'ce-type') !== null) ||
    (header(headers, 'content-type') ?? '').startsWith('application/cloudevents')
  );
}

export interface RequestFacts {
  readonly headers: AnyHeaders;
  /** Host and path: the name of the destination when the sender gave it none. */
  readonly address: string;
  readonly attributes: Attributes;
}

export function openRequestSend({ headers, address, attributes }: RequestFacts): OpenSpan {
  return openSend({
    system: 'http',
    destination: header(headers, HEADERS.destination) ?? address,
    operation: 'send',
    messageId: messageHeader(headers, 'messageId'),
    correlationId: messageHeader(headers, 'correlationId'),
    type: messageHeader(headers, 'eventType'),
    version: messageHeader(headers, 'eventVersion'),
    kind: null,
    payload: undefined,
    attributes: { ...attributes, ...sourceOf(headers) },
  });
}

export function openRequestTake(facts: RequestFacts, upstream: Context): OpenSpan {
  const { headers, address, attributes } = facts;
  return openTake({
    system: 'http',
    destination: header(headers, HEADERS.destination) ?? address,
    subscription: null,
    operation: 'process',
    messageId: messageHeader(headers, 'messageId'),
    correlationId: messageHeader(headers, 'correlationId'),
    causationId: messageHeader(headers, 'causationId'),
    type: messageHeader(headers, 'eventType'),
    version: messageHeader(headers, 'eventVersion'),
    delivery: null,
    payload: undefined,
    attributes: { ...attributes, ...sourceOf(headers), ...bodyBytes(headers) },
    upstream,
    isSameTrace: false,
  });
}

function sourceOf(headers: AnyHeaders): Attributes {
  const source = messageHeader(headers, 'eventSource');
  return source === null ? {} : { [ATTR.cloudEventSource]: source };
}

function bodyBytes(headers: AnyHeaders): Attributes {
  const bytes = Number(header(headers, 'content-length') ?? NaN);
  return Number.isSafeInteger(bytes) ? { [ATTR.payloadBytes]: bytes } : {};
}
