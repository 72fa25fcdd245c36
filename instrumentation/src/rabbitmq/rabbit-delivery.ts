import { SpanKind, SpanStatusCode, context as contextApi } from '@opentelemetry/api';
import type { Attributes } from '@opentelemetry/api';
import { ATTR } from '../attribute-names.js';
import { harmless } from '../harmless.js';
import { extract } from '../message/carrier.js';
import { messageHeader } from '../message/message-headers.js';
import { openTake } from '../message/open-take.js';
import { isThenable, recordError } from '../run/open-span.js';
import type { OpenSpan } from '../run/open-span.js';
import { keyAttributes } from '../run/run-context.js';
import { tracer } from '../run/tracer.js';
import { destinationName, routeAttributes, text } from './amqp-message.js';
import type { AmqpProperties, AmqpRoute, AmqpServer } from './amqp-message.js';
import { deliveryHistory } from './delivery-history.js';

export interface DeliveryFacts {
  readonly route: AmqpRoute & { readonly queue: string };
  readonly properties: AmqpProperties;
  readonly content: unknown;
  readonly server: AmqpServer;
  readonly isRedelivered: boolean;
  readonly deliveryTag: number;
  /** No acknowledgement is asked for: the message is settled when it is delivered. */
  readonly isAutoAcked: boolean;
  /** `consume` or `get`. */
  readonly operation: string;
}

/** `ack`, or how a message was given back or set aside. */
export interface Settlement {
  readonly verb: 'ack' | 'nack' | 'reject';
  readonly isRequeued: boolean;
}

/**
 * The handling of one delivery. Its span is open from the call of the consumer until both are done: the
 * consumer's function (with the promise it returned) and the settling of the message. So a handler that
 * hangs, or never acknowledges, is work in progress that everybody can see.
 */
export class RabbitDelivery {
  readonly #facts: DeliveryFacts;
  readonly #open: OpenSpan;
  #isWorking = false;
  #isSettled: boolean;
  #hasEnded = false;

  constructor(facts: DeliveryFacts) {
    this.#facts = facts;
    this.#isSettled = facts.isAutoAcked;
    this.#open = openDelivery(facts);
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Runs the consumer's function as the handling of this message; see `runInSpan` for what it promises. */
  run<T>(work: () => T): T {
    this.#isWorking = true;
    let result: T;
    try {
      result = contextApi.with(this.#open.context, work);
    } catch (error) {
      this.#workEnded({ error });
      throw error;
    }
    if (!isThenable(result)) {
      this.#workEnded();
      return result;
    }
    return result.then(
      (value) => {
        this.#workEnded();
        return value;
      },
      (error: unknown) => {
        this.#workEnded({ error });
        throw error;
      },
    ) as T;
  }

  settle(settlement: Settlement): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    harmless('settle', () => this.#tellSettled(settlement));
    this.#endWhenDone();
  }

  /** The channel is gone: the broker will deliver the message again. */
  abandon(reason: string): void {
    if (this.#hasEnded) return;
    this.#isSettled = true;
    this.#isWorking = false;
    harmless('abandon', () => {
      recordError(this.#open.span, new Error(reason));
      this.#open.span.setAttribute(ATTR.requeued, true);
    });
    this.#endWhenDone();
  }

  #workEnded(failed?: { readonly error: unknown }): void {
    this.#isWorking = false;
    if (failed !== undefined) recordError(this.#open.span, failed.error);
    this.#endWhenDone();
  }

  #endWhenDone(): void {
    if (this.#isWorking || !this.#isSettled || this.#hasEnded) return;
    this.#hasEnded = true;
    harmless('end delivery', () => this.#open.span.end());
  }

  /**
   * An acknowledgement is what the end of the span says. Giving back and setting aside are told on it, and by a
   * settle span of their own, so that they are on record while the handler goes on.
   */
  #tellSettled({ verb, isRequeued }: Settlement): void {
    if (verb === 'ack') return;
    const { span, context } = this.#open;
    const { route, properties } = this.#facts;
    const destination = destinationName(route);
    const outcome: Attributes = isRequeued
      ? { [ATTR.requeued]: true }
      : { [ATTR.deadLetterReason]: 'rejected', [ATTR.deadLetterSource]: route.queue };
    const messageId = text(properties.messageId);
    const attributes: Attributes = {
      ...keyAttributes(context),
      [ATTR.messagingSystem]: 'rabbitmq',
      [ATTR.operationName]: verb,
      [ATTR.operationType]: 'settle',
      [ATTR.destination]: destination,
      ...routeAttributes(route, this.#facts.server),
      ...(messageId === null ? {} : { [ATTR.messageId]: messageId }),
      ...outcome,
    };
    const options = { kind: SpanKind.CLIENT, attributes };
    tracer().startSpan(`${verb} ${destination}`, options, context).end();
    span.setAttributes(outcome);
    if (!isRequeued)
      span.setStatus({ code: SpanStatusCode.ERROR, message: `${verb} without requeue` });
  }
}

function openDelivery(facts: DeliveryFacts): OpenSpan {
  const { route, properties, server, isRedelivered } = facts;
  const headers = properties.headers ?? {};
  const messageId = text(properties.messageId);
  const history = deliveryHistory({ queue: route.queue, headers, isRedelivered, messageId });
  const attributes: Attributes = {
    ...routeAttributes(route, server),
    [ATTR.deliveryTag]: facts.deliveryTag,
  };
  if (isRedelivered) attributes[ATTR.redelivered] = true;
  // Not as `throughline.dead_letter.*`: on a consumer that says what this delivery came to, not the one before.
  if (history.deaths !== null) attributes[ATTR.xDeath] = history.deaths;
  return openTake({
    system: 'rabbitmq',
    destination: destinationName(route),
    subscription: null,
    operation: facts.operation,
    messageId,
    correlationId: text(properties.correlationId),
    causationId: messageHeader(headers, 'causationId'),
    type: text(properties.type) ?? messageHeader(headers, 'eventType'),
    version: messageHeader(headers, 'eventVersion'),
    delivery: history.delivery,
    payload: facts.content,
    attributes,
    upstream: extract(headers),
    isSameTrace: false,
  });
}
