import { field, isObject, textField, type Json, type JsonObject } from '../../decode/json-text.js';

export interface Tag {
  readonly key: string;
  /** `string`, `bool`, `int64`, `float64`, `binary`; empty where the file does not say. */
  readonly type: string;
  readonly value: Json;
}

/**
 * The tags of a span or process, or the fields of a log. Elasticsearch may hold tags as members of an object
 * `tag`, where a dot in a name is written as `@`.
 */
export function tagsOf(holder: JsonObject): readonly Tag[] {
  const list = field(holder, 'tags') ?? field(holder, 'fields');
  const listed = (Array.isArray(list) ? (list as readonly Json[]) : [])
    .filter(isObject)
    .map((tag) => ({
      key: textField(tag, 'key'),
      type: textField(tag, 'type'),
      value: field(tag, 'value') ?? null,
    }));
  const flat = field(holder, 'tag');
  if (!isObject(flat)) return listed;
  const members = Object.entries(flat).map(([name, value]) => ({
    key: name.replaceAll('@', '.'),
    type: '',
    value: value ?? null,
  }));
  return [...listed, ...members];
}

/** As OTLP/JSON. */
export function attributesOf(tags: readonly Tag[]): readonly object[] {
  return tags.map(({ key, type, value }) => ({ key, value: anyValue(type, value) }));
}

/** What JSON has no number for, as OTLP/JSON writes it. */
const NOT_FINITE = new Set(['NaN', 'Infinity', '-Infinity']);

/** What does not fit its declared type stays as it is, rather than to be lost. */
function anyValue(type: string, value: Json): object {
  const text = typeof value === 'string' ? value : null;
  switch (type) {
    case 'bool':
      if (text === 'true' || text === 'false') return { boolValue: text === 'true' };
      break;
    case 'int64':
      if (text !== null && /^-?\d+$/.test(text)) return { intValue: text };
      break;
    case 'float64':
      if (text !== null && text.trim() !== '') {
        if (Number.isFinite(Number(text))) return { doubleValue: Number(text) };
        if (NOT_FINITE.has(text)) return { doubleValue: text };
      }
      if (typeof value === 'number') return { doubleValue: value };
      break;
    case 'binary':
      if (text !== null && /^[A-Za-z0-9+/]*={0,2}$/.test(text)) return { bytesValue: text };
  }
  return plainValue(value);
}

function plainValue(value: Json): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') {
    return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  }
  if (value === null) return {};
  if (Array.isArray(value)) {
    return { arrayValue: { values: (value as readonly Json[]).map(plainValue) } };
  }
  const members = Object.entries(value as JsonObject);
  const values = members.map(([key, each]) => ({ key, value: plainValue(each ?? null) }));
  return { kvlistValue: { values } };
}
