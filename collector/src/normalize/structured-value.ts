import type { AttributeValue } from '@throughline/model/step';
import { scalarText } from './attribute-reader.js';

/** JSON text longer than this stays text. */
const TEXT_CHARS_MAX = 65_536;

/** The value that JSON text spells: some instrumentations write structured values and headers so. */
export function structured(value: AttributeValue): AttributeValue {
  const text = scalarText(value);
  if (text === null || text.length > TEXT_CHARS_MAX || !/^\s*[[{]/.test(text)) return value;
  try {
    return JSON.parse(text) as AttributeValue;
  } catch {
    return value;
  }
}

/** A field of a structured value, or of JSON text; null when there is none. */
export function fieldText(value: AttributeValue, name: string): string | null {
  const object = structured(value);
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return null;
  const record = object as Readonly<Record<string, AttributeValue>>;
  return Object.hasOwn(record, name) ? scalarText(record[name]) : null;
}
