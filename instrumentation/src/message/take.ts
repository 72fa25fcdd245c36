import { context as contextApi } from '@opentelemetry/api';
import type { Attributes } from '@opentelemetry/api';
import { ATTR } from '../attribute-names.js';
import { idOf, nameOf, recordOf, wholeNumberOf } from '../given.js';
import { harmless } from '../harmless.js';
import { deliveryOf } from '../run/run-context.js';
import { recordError, runInSpan } from '../run/open-span.js';
import type { OpenSpan } from '../run/open-span.js';
import { extract } from './carrier.js';
import type { AnyHeaders } from './carrier.js';
import { messageHeader } from './message-headers.js';
import { openTake, takeAttributes } from './open-take.js';
import type { TakeFacts } from './open-take.js';

export interface TakeOptions {
  readonly system: string;
  /** The name that producers give `send()`. */
  readonly destination: string;
  /** Queue, consumer group or subscription, where it differs from the destination. */
  readonly subscription?: string;
  readonly type?: string;
  readonly version?: string;
  readonly messageId?: string;
  readonly correlationId?: string;
  /** Headers of the message: trace context, baggage and ids are read from them, whatever their case. */
  readonly headers?: AnyHeaders;
  readonly payload?: unknown;
  /** Number of the delivery, 1 for the first. */
  readonly delivery?: number;
  readonly attributes?: Attributes;
}

/**
 * Runs `work` as the handling of a message from a transport that no hook knows. The work continues the
 * message's run. Inside a request that the HTTP hook has recognised as this same message, it only adds what
 * it knows.
 *
 * @returns what `work` returns; what it throws or rejects with is recorded and reaches the caller.
 * @example await take({ system: 'nats', destination: m.subject, headers: m.headers }, () => handle(m));
 */
export function take<T>(options: TakeOptions, work: () => T): T {
  const facts = harmless('take', () => factsOf(options));
  if (facts === undefined) return work();
  const adopted = harmless('take', () => adopt(facts)) ?? null;
  if (adopted !== null) return recordingErrors(adopted, work);
  return runInSpan(
    harmless('take', () => openTake(facts)),
    work,
  );
}

function factsOf(options: TakeOptions): TakeFacts {
  const { headers } = options;
  const source = messageHeader(headers, 'eventSource');
  return {
    system: nameOf(options.system),
    destination: nameOf(options.destination),
    subscription: idOf(options.subscription),
    operation: 'process',
    messageId: idOf(options.messageId) ?? messageHeader(headers, 'messageId'),
    correlationId: idOf(options.correlationId) ?? messageHeader(headers, 'correlationId'),
    causationId: messageHeader(headers, 'causationId'),
    type: idOf(options.type) ?? messageHeader(headers, 'eventType'),
    version: idOf(options.version) ?? messageHeader(headers, 'eventVersion'),
    delivery: options.delivery === undefined ? null : wholeNumberOf(options.delivery),
    payload: options.payload,
    attributes: {
      ...(source === null ? {} : { [ATTR.cloudEventSource]: source }),
      ...recordOf(options.attributes),
    },
    upstream: extract(headers),
    isSameTrace: false,
  };
}

/** The HTTP hook's span for this very message, now told what the app knows; null when there is none. */
function adopt(facts: TakeFacts): OpenSpan | null {
  const context = contextApi.active();
  const delivery = deliveryOf(context);
  if (delivery === null || delivery.system !== 'http' || facts.system !== 'http') return null;
  if (delivery.messageId !== null && delivery.messageId !== facts.messageId) return null;
  delivery.span.setAttributes(takeAttributes(facts));
  delivery.span.updateName(`${facts.operation} ${facts.destination}`);
  return { span: delivery.span, context };
}

/** The span belongs to the request and ends with it; only the error is ours to tell. */
function recordingErrors<T>(open: OpenSpan, work: () => T): T {
  let result: T;
  try {
    result = work();
  } catch (error) {
    recordError(open.span, error);
    throw error;
  }
  if (!(result instanceof Promise)) return result;
  return result.catch((error: unknown) => {
    recordError(open.span, error);
    throw error;
  }) as T;
}
