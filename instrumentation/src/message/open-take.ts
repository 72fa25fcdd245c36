import { SpanKind, isSpanContextValid, trace } from '@opentelemetry/api';
import type { Attributes, Context, Link } from '@opentelemetry/api';
import { ATTR } from '../attribute-names.js';
import { processState } from '../process-state.js';
import { keyAttributes, withCorrelation, withDelivery } from '../run/run-context.js';
import type { OpenSpan } from '../run/open-span.js';
import { tracer } from '../run/tracer.js';
import { present } from './open-send.js';
import { payloadAttributes } from './payload.js';

/** What is known about a message when a consumer starts to work on it. */
export interface TakeFacts {
  readonly system: string;
  /** As the conventions name it: for RabbitMQ `{exchange}:{routing key}:{queue}`. */
  readonly destination: string;
  /** Queue or subscription, where it differs from the destination. */
  readonly subscription: string | null;
  /** `process`, or what the system calls it: `consume`. */
  readonly operation: string;
  readonly messageId: string | null;
  readonly correlationId: string | null;
  readonly causationId: string | null;
  readonly type: string | null;
  readonly version: string | null;
  /** Number of the delivery, 1 for the first; null when unknown. */
  readonly delivery: number | null;
  readonly payload: unknown;
  readonly attributes: Attributes;
  /** What the producer wrote into the message. Never the ambient context: clients lose or mix that up. */
  readonly upstream: Context;
  /** Stay in the producer's trace (in-process bus); otherwise a trace of its own, linked, by default. */
  readonly isSameTrace: boolean;
}

/**
 * Opens the CONSUMER span of one message. It continues the message's run, not that of whatever happened to
 * be running: keys and correlation id come from the message.
 */
export function openTake(facts: TakeFacts): OpenSpan {
  const { upstream } = facts;
  const isSameTrace = facts.isSameTrace || processState().settings?.consumerTrace === 'same';
  const carried = isSameTrace ? upstream : trace.deleteSpan(upstream);
  const context =
    facts.correlationId === null ? carried : withCorrelation(carried, facts.correlationId);
  const span = tracer().startSpan(
    `${facts.operation} ${facts.destination}`,
    {
      kind: SpanKind.CONSUMER,
      root: !isSameTrace,
      links: isSameTrace ? [] : linksTo(upstream),
      attributes: { ...keyAttributes(context), ...takeAttributes(facts) },
    },
    context,
  );
  const { system, destination, messageId } = facts;
  const delivery = { system, destination, messageId, span };
  return { span, context: withDelivery(trace.setSpan(context, span), delivery) };
}

/** The span attributes that say what was taken. */
export function takeAttributes(facts: TakeFacts): Attributes {
  return {
    [ATTR.messagingSystem]: facts.system,
    [ATTR.operationName]: facts.operation,
    [ATTR.operationType]: 'process',
    [ATTR.destination]: facts.destination,
    ...payloadAttributes(facts.payload),
    ...present(ATTR.subscription, facts.subscription),
    ...present(ATTR.messageId, facts.messageId),
    ...present(ATTR.conversationId, facts.correlationId),
    ...present(ATTR.causationId, facts.causationId),
    ...present(ATTR.eventType, facts.type),
    ...present(ATTR.eventVersion, facts.version),
    ...present(ATTR.stepAttempt, facts.delivery),
    ...facts.attributes,
  };
}

function linksTo(upstream: Context): Link[] {
  const producer = trace.getSpanContext(upstream);
  return producer !== undefined && isSpanContextValid(producer) ? [{ context: producer }] : [];
}
