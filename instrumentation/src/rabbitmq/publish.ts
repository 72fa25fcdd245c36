import { SpanKind, SpanStatusCode, context as contextApi, trace } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { randomUUID } from 'node:crypto';
import { ATTR } from '../attribute-names.js';
import { harmless } from '../harmless.js';
import { LIMITS } from '../limits.js';
import { header, inject } from '../message/carrier.js';
import { HEADERS, messageHeader } from '../message/message-headers.js';
import { openSend } from '../message/open-send.js';
import type { OpenSend } from '../message/open-send.js';
import { recordError } from '../run/open-span.js';
import { destinationName, kindOf, routeAttributes, text } from './amqp-message.js';
import type { AmqpProperties, AmqpServer } from './amqp-message.js';

interface PublishFacts {
  readonly exchange: string;
  readonly routingKey: string;
  readonly properties: AmqpProperties;
  readonly content: unknown;
  readonly server: AmqpServer;
}

/** A short string of AMQP holds 255 bytes; a longer id would make the client library throw. */
const SHORT_STRING_BYTES = 255;
/** amqplib refuses header tables beyond 64 KiB; ours may not be what crosses the line. */
const HEADER_BYTES_MAX = 48 * 1024;

export interface OpenPublish {
  readonly open: OpenSend;
  readonly messageId: string;
  /** The app's properties with what we add; the app's own object stays as it is. */
  readonly properties: AmqpProperties;
}

/**
 * Opens the PRODUCER span of a publish and writes ids and trace context into a copy of its properties. An id
 * that the app set is respected. Null when this publish is part of a span that another hook, or `send()`, has
 * opened for it already.
 */
export function openPublish(facts: PublishFacts): OpenPublish | null {
  const { exchange, routingKey, properties, server } = facts;
  if (isTracingSuppressed(contextApi.active()) || isSentAlready(properties)) return null;
  const messageId = text(properties.messageId) ?? randomUUID();
  const headers = properties.headers ?? {};
  const route = { exchange, routingKey, queue: null };
  const open = openSend({
    system: 'rabbitmq',
    destination: destinationName(route),
    operation: 'publish',
    messageId,
    correlationId: text(properties.correlationId),
    type: text(properties.type) ?? messageHeader(headers, 'eventType'),
    version: messageHeader(headers, 'eventVersion'),
    kind: kindOf(properties),
    payload: facts.content,
    attributes: routeAttributes(route, server),
  });
  return { open, messageId, properties: carrying({ properties, messageId, open }) };
}

interface Carrying {
  readonly properties: AmqpProperties;
  readonly messageId: string;
  readonly open: OpenSend;
}

function carrying({ properties, messageId, open }: Carrying): AmqpProperties {
  const ids: Record<string, string> = { messageId };
  const { correlationId, causationId } = open;
  if (correlationId !== null && isShort(correlationId)) ids['correlationId'] = correlationId;
  const headers: Record<string, unknown> = { ...properties.headers };
  if (roughBytes(headers) < HEADER_BYTES_MAX) {
    inject(open.context, (name, value) => {
      headers[name] = value;
    });
    if (causationId !== null) headers[HEADERS.causationId] = causationId;
    else Reflect.deleteProperty(headers, HEADERS.causationId);
  }
  return { ...properties, ...ids, headers };
}

/**
 * The headers carry the context of the PRODUCER span that is active: it is this message's. Any other trace
 * context is one that the app copied from the message it handles, and is replaced.
 */
function isSentAlready({ headers }: AmqpProperties): boolean {
  const span = trace.getActiveSpan() as (Span & { kind?: SpanKind }) | undefined;
  if (headers === undefined || span?.kind !== SpanKind.PRODUCER) return false;
  const { traceId, spanId } = span.spanContext();
  return header(headers, 'traceparent')?.includes(`${traceId}-${spanId}`) ?? false;
}

/** The broker handed the message back: it reached no queue (`basic.return`, 312 NO_ROUTE). */
export function markReturned(span: Span, replyText: unknown): void {
  const reason = text(replyText) ?? 'NO_ROUTE';
  span.setAttribute(ATTR.undeliverable, true);
  span.setAttribute(ATTR.errorType, reason);
  span.setStatus({ code: SpanStatusCode.ERROR, message: `returned by the broker: ${reason}` });
}

/**
 * Messages published as `mandatory`, by id: their spans stay open until the broker confirms, or for a short
 * while, so that a return can still be told on them. They end with the time at which they were published.
 */
export class AwaitedReturns {
  readonly #spans = new Map<string, Span>();

  wait(messageId: string, span: Span): void {
    const publishedAt = new Date();
    this.#spans.set(messageId, span);
    const timer = setTimeout(() => {
      harmless('mandatory publish', () => span.end(publishedAt));
      this.#spans.delete(messageId);
    }, LIMITS.returnWaitMs);
    timer.unref();
  }

  returned(messageId: unknown, replyText: unknown): void {
    const span = typeof messageId === 'string' ? this.#spans.get(messageId) : undefined;
    if (span === undefined) return;
    markReturned(span, replyText);
    span.end();
    this.#spans.delete(String(messageId));
  }
}

export function endPublish(span: Span, failed?: { readonly error: unknown }): void {
  harmless('publish', () => {
    if (failed !== undefined) recordError(span, failed.error);
    span.end();
  });
}

function isShort(id: string): boolean {
  return Buffer.byteLength(id, 'utf8') <= SHORT_STRING_BYTES;
}

function roughBytes(headers: Readonly<Record<string, unknown>>): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    bytes += name.length + (typeof value === 'string' ? value.length : 64);
  }
  return bytes;
}
