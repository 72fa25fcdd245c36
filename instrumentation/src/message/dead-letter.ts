import { SpanKind, context as contextApi } from '@opentelemetry/api';
import type { Attributes } from '@opentelemetry/api';
import { ATTR } from '../attribute-names.js';
import { nameOf } from '../given.js';
import { harmless } from '../harmless.js';
import { runInSpan } from '../run/open-span.js';
import { deliveryOf, keyAttributes } from '../run/run-context.js';
import { tracer } from '../run/tracer.js';
import { present } from './open-send.js';
import { prepare } from './send.js';
import type { SendOptions, SentMessage } from './send.js';

export interface DeadLetterMark {
  /** Why the message is set aside: `rejected`, `expired`, `attempts used up`, the name of an exception. */
  readonly reason: string;
  /** The destination that the message was in before. */
  readonly source: string;
}

/**
 * Says that a message of the app's own transport was set aside. Inside `take()` the message is the one being
 * handled; with `options` it is also sent on, to the dead-letter destination named there.
 *
 * @example deadLetter({ reason: 'schema', source: 'orders' });
 * @example
 * deadLetter({ reason: 'schema', source: 'orders' }, { system: 'nats', destination: 'orders.dead' },
 *   (headers) => nc.publish('orders.dead', body, { headers }));
 */
export function deadLetter(mark: DeadLetterMark): void;
export function deadLetter<T>(
  mark: DeadLetterMark,
  options: SendOptions,
  work: (headers: Record<string, string>, message: SentMessage) => T,
): T;
export function deadLetter<T>(
  mark: DeadLetterMark,
  options?: SendOptions,
  work?: (headers: Record<string, string>, message: SentMessage) => T,
): T | undefined {
  if (options === undefined || work === undefined) {
    harmless('deadLetter', () => markSettled(mark));
    return undefined;
  }
  const prepared = harmless('deadLetter', () => {
    deliveryOf(contextApi.active())?.span.setAttributes(attributesOf(mark));
    return prepare(options, attributesOf(mark));
  });
  if (prepared === undefined) {
    return work({}, { messageId: '', correlationId: null, causationId: null });
  }
  return runInSpan(prepared.open, () => work(prepared.headers, prepared.message));
}

/** On the span of the current delivery, and as a settle span under it: on record while the work goes on. */
function markSettled(mark: DeadLetterMark): void {
  const context = contextApi.active();
  const delivery = deliveryOf(context);
  delivery?.span.setAttributes(attributesOf(mark));
  const destination = delivery?.destination ?? nameOf(mark.source);
  const attributes: Attributes = {
    ...keyAttributes(context),
    [ATTR.messagingSystem]: delivery?.system ?? 'in-process',
    [ATTR.operationName]: 'dead_letter',
    [ATTR.operationType]: 'settle',
    [ATTR.destination]: destination,
    ...present(ATTR.messageId, delivery?.messageId ?? null),
    ...attributesOf(mark),
  };
  const options = { kind: SpanKind.CLIENT, attributes };
  tracer().startSpan(`dead_letter ${destination}`, options, context).end();
}

function attributesOf(mark: DeadLetterMark): Attributes {
  return {
    [ATTR.deadLetterReason]: nameOf(mark.reason),
    [ATTR.deadLetterSource]: nameOf(mark.source),
  };
}
