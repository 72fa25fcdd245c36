import { SpanKind, context as contextApi, trace } from '@opentelemetry/api';
import type { Attributes } from '@opentelemetry/api';
import { ATTR } from '../attribute-names.js';
import { correlationOf, deliveryOf, keyAttributes } from '../run/run-context.js';
import type { OpenSpan } from '../run/open-span.js';
import { tracer } from '../run/tracer.js';
import { payloadAttributes } from './payload.js';

/** What is known about a message when it is handed to a destination. */
export interface SendFacts {
  readonly system: string;
  /** As the conventions name it: for RabbitMQ `{exchange}:{routing key}`. */
  readonly destination: string;
  /** `send`, or what the system calls it: `publish`. */
  readonly operation: string;
  readonly messageId: string | null;
  /** What the app set; else the run's own is taken. */
  readonly correlationId: string | null;
  readonly type: string | null;
  readonly version: string | null;
  readonly kind: 'event' | 'command' | null;
  readonly payload: unknown;
  readonly attributes: Attributes;
}

export interface OpenSend extends OpenSpan {
  readonly correlationId: string | null;
  /** Id of the message whose handling leads to this one. */
  readonly causationId: string | null;
}

/** Opens the PRODUCER span of one message, as part of the current run. */
export function openSend(facts: SendFacts): OpenSend {
  const context = contextApi.active();
  const correlationId = facts.correlationId ?? correlationOf(context);
  const causationId = deliveryOf(context)?.messageId ?? null;
  const attributes: Attributes = {
    ...keyAttributes(context),
    [ATTR.messagingSystem]: facts.system,
    [ATTR.operationName]: facts.operation,
    [ATTR.operationType]: 'send',
    [ATTR.destination]: facts.destination,
    ...payloadAttributes(facts.payload),
    ...present(ATTR.messageId, facts.messageId),
    ...present(ATTR.conversationId, correlationId),
    ...present(ATTR.causationId, causationId),
    ...present(ATTR.eventType, facts.type),
    ...present(ATTR.eventVersion, facts.version),
    ...present(ATTR.eventKind, facts.kind),
    ...facts.attributes,
  };
  const span = tracer().startSpan(
    `${facts.operation} ${facts.destination}`,
    { kind: SpanKind.PRODUCER, attributes },
    context,
  );
  return { span, context: trace.setSpan(context, span), correlationId, causationId };
}

export function present(name: string, value: string | number | null): Attributes {
  return value === null ? {} : { [name]: value };
}
