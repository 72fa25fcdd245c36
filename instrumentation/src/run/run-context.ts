import { createContextKey, propagation } from '@opentelemetry/api';
import type { Attributes, Context, Span } from '@opentelemetry/api';
import { ATTR } from '../attribute-names.js';
import { logOnce } from '../harmless.js';
import { LIMITS } from '../limits.js';

/** Keys by type: `{ order: '8123' }`. */
export type Keys = Readonly<Record<string, string>>;

/** The message that the current work is about. */
export interface Delivery {
  readonly system: string;
  readonly destination: string;
  readonly messageId: string | null;
  readonly span: Span;
}

// Context keys of the OpenTelemetry API are global symbols: both copies of this package see the same.
const DELIVERY = createContextKey('throughline.delivery');
const CORRELATION = createContextKey('throughline.correlation');
const CORRELATION_TYPE = 'correlation';
const TYPE_PATTERN = /^[A-Za-z0-9_.-]+$/;

/**
 * The `same` keys of the run, oldest first. They live in the baggage of the context, so whatever
 * propagates W3C baggage carries them, ours or not.
 */
export function keysOf(context: Context): [type: string, value: string][] {
  const baggage = propagation.getBaggage(context);
  if (baggage === undefined) return [];
  const keys: [string, string][] = [];
  for (const [name, entry] of baggage.getAllEntries()) {
    if (!name.startsWith(ATTR.keyPrefix)) continue;
    const type = name.slice(ATTR.keyPrefix.length);
    if (isKey(type, entry.value) && keys.length < LIMITS.keysMax) keys.push([type, entry.value]);
  }
  return keys;
}

/** The keys of the run as span attributes. */
export function keyAttributes(context: Context): Attributes {
  const attributes: Attributes = {};
  for (const [type, value] of keysOf(context)) attributes[ATTR.keyPrefix + type] = value;
  return attributes;
}

/**
 * Adds keys to the run of a context. A new value for a type that the run has already is another run: then
 * the keys of the first one are left behind, as they are with `isolated` (a child run has keys of its own).
 */
export function withKeys(context: Context, added: Keys, isolated = false): Context {
  const known = new Map(keysOf(context));
  const wanted = validKeys(added);
  const isOther = wanted.some(([type, value]) => known.has(type) && known.get(type) !== value);
  let baggage = propagation.getBaggage(context) ?? propagation.createBaggage();
  if (isolated || isOther) {
    for (const type of known.keys()) baggage = baggage.removeEntry(ATTR.keyPrefix + type);
    known.clear();
  }
  for (const [type, value] of wanted) {
    if (!known.has(type) && known.size >= LIMITS.keysMax) {
      logOnce('keys-max', `a run has more than ${LIMITS.keysMax} keys; ${type} is not carried`);
      continue;
    }
    known.set(type, value);
    baggage = baggage.setEntry(ATTR.keyPrefix + type, { value });
  }
  const carrying = propagation.setBaggage(context, baggage);
  return isolated || isOther ? carrying.deleteValue(CORRELATION) : carrying;
}

/** Keys that can be carried. Others are left out and logged once; numbers count as their digits. */
export function validKeys(
  keys: Readonly<Record<string, unknown>>,
): [type: string, value: string][] {
  const valid: [string, string][] = [];
  for (const [type, given] of Object.entries(keys)) {
    if (given === undefined || given === null) continue;
    const value = typeof given === 'number' || typeof given === 'bigint' ? String(given) : given;
    if (typeof value === 'string' && isKey(type, value)) valid.push([type, value]);
    else
      logOnce(
        'key-invalid',
        `the key ${type.slice(0, 64)} is no key: wrong characters or too long`,
      );
  }
  return valid;
}

function isKey(type: string, value: string): boolean {
  return (
    type.length <= LIMITS.keyTypeCharsMax &&
    TYPE_PATTERN.test(type) &&
    value.length > 0 &&
    value.length <= LIMITS.keyValueCharsMax
  );
}

/**
 * The correlation id that messages of this run carry: the one that came with the message being handled,
 * else the run's first key written `type:value` (so that order 7 and invoice 7 stay two runs).
 */
export function correlationOf(context: Context): string | null {
  const received = context.getValue(CORRELATION);
  if (typeof received === 'string') return received;
  const keys = keysOf(context);
  const [first] = keys;
  if (first === undefined) return null;
  const generated = keys.find(([type]) => type === CORRELATION_TYPE);
  return generated !== undefined ? generated[1] : `${first[0]}:${first[1]}`;
}

/** Remembers the correlation id of a message; it becomes the run's key where the run has none. */
export function withCorrelation(context: Context, correlationId: string): Context {
  const keyed =
    keysOf(context).length === 0
      ? withKeys(context, { [CORRELATION_TYPE]: correlationId })
      : context;
  return keyed.setValue(CORRELATION, correlationId);
}

export function deliveryOf(context: Context): Delivery | null {
  return (context.getValue(DELIVERY) as Delivery | undefined) ?? null;
}

export function withDelivery(context: Context, delivery: Delivery): Context {
  return context.setValue(DELIVERY, delivery);
}
