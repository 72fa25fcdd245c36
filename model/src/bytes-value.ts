import type { AttributeValue } from './step.js';

/**
 * Bytes among attribute values: an object with the one field `bytesValue`, base64. Plain data, so that
 * everything that shows or stores attributes can take it; an exporter recognises it and writes bytes again.
 */
export interface BytesValue {
  readonly bytesValue: string;
}

export function bytesFromBase64(base64: string): BytesValue & Readonly<Record<string, string>> {
  return Object.freeze({ bytesValue: base64 });
}

export function isBytesValue(value: AttributeValue): value is BytesValue & Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const names = Object.keys(value);
  return names.length === 1 && typeof (value as Record<string, unknown>)['bytesValue'] === 'string';
}
