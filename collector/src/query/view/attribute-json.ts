import { isBytesValue } from '@throughline/model/bytes-value';
import type { AttributeValue, Attributes } from '@throughline/model/step';

/** What JSON can carry without loss: integers beyond 2^53 as text, bytes as base64. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [name: string]: JsonValue };

/** `Object.fromEntries` makes own properties only, so that a name such as `__proto__` stays a name. */
export function attributesJson(attributes: Attributes): Record<string, JsonValue> {
  return Object.fromEntries(
    [...attributes].map(([name, value]) => [name, attributeJson(value)] as const),
  );
}

function attributeJson(value: AttributeValue): JsonValue {
  if (typeof value === 'bigint') return String(value);
  // JSON has no NaN and no infinity: OTLP/JSON writes them as text, and so do we.
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value === null || typeof value !== 'object') return value;
  if (isBytesValue(value)) return value.bytesValue;
  if (isArray(value)) return value.map(attributeJson);
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, attributeJson(inner)] as const),
  );
}

function isArray(value: AttributeValue): value is readonly AttributeValue[] {
  return Array.isArray(value);
}
