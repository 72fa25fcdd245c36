import { bytesFromBase64 } from '@throughline/model/bytes-value';
import type { AttributeValue } from '@throughline/model/step';
import { LIMITS } from '../limits.js';
import { emptyRecord, type Problems } from './attribute-value.js';
import { isObject, parseJson, type Json, type JsonObject } from './json-text.js';

/** The data of an event and its size in bytes as it would be sent in binary mode. */
export interface EventData {
  readonly value: Json | Uint8Array;
  readonly bytes: number;
}

/** Data given as base64 is read as JSON when its content type says so and it is JSON; else it stays bytes. */
export function dataFromBase64(base64: string, contentType: string): EventData {
  const bytes = Buffer.from(base64, 'base64');
  if (isJsonType(contentType)) {
    try {
      return { value: parseJson(bytes), bytes: bytes.length };
    } catch {
      // Its content type was wrong about it: it is shown as the bytes that it is.
    }
  }
  return { value: bytes, bytes: bytes.length };
}

export function dataFromJson(value: Json): EventData {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return { value, bytes: Buffer.byteLength(text) };
}

/** `application/json`, `application/x+json`, or none at all (then JSON is the default). */
export function isJsonType(contentType: string): boolean {
  const [type = ''] = contentType.toLowerCase().split(';');
  const essence = type.trim();
  return essence === '' || /^[^/]+\/(?:.+\+)?json$/.test(essence);
}

/**
 * Spreads data into attributes: every field of an object becomes `data.<path>`, lists stay whole, so that a
 * path such as `data.links[].target` can walk them.
 */
export function spreadData(
  data: EventData,
  attributes: Map<string, AttributeValue>,
  problems: Problems,
): void {
  if (data.value instanceof Uint8Array) {
    attributes.set('data', bytesFromBase64(Buffer.from(data.value).toString('base64')));
    return;
  }
  spread('data', data.value, { attributes, problems, depth: 1 });
  if (attributes.size > LIMITS.attributesMax) {
    problems.problem ??= {
      reason: 'too_many_attributes',
      what: `data has more than ${LIMITS.attributesMax} fields`,
    };
  }
}

interface Target {
  readonly attributes: Map<string, AttributeValue>;
  readonly problems: Problems;
  readonly depth: number;
}

function spread(path: string, value: Json, target: Target): void {
  if (target.depth > LIMITS.attributeDepthMax) {
    tooDeep(target.problems);
    return;
  }
  if (!isObject(value) || Object.keys(value).length === 0) {
    target.attributes.set(path, valueOf(value, target.depth, target.problems));
    return;
  }
  for (const [name, inner] of fieldsOf(value)) {
    spread(`${path}.${name}`, inner, { ...target, depth: target.depth + 1 });
  }
}

function valueOf(value: Json, depth: number, problems: Problems): AttributeValue {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > LIMITS.attributeDepthMax) {
    tooDeep(problems);
    return null;
  }
  if (Array.isArray(value)) {
    return (value as readonly Json[]).map((each) => valueOf(each, depth + 1, problems));
  }
  const record = emptyRecord();
  for (const [name, inner] of fieldsOf(value as JsonObject)) {
    record[name] = valueOf(inner, depth + 1, problems);
  }
  return record;
}

function fieldsOf(object: JsonObject): readonly (readonly [string, Json])[] {
  return Object.entries(object).map(([name, value]) => [name, value ?? null]);
}

function tooDeep(problems: Problems): void {
  problems.problem ??= {
    reason: 'too_deep',
    what: `data is nested deeper than ${LIMITS.attributeDepthMax}`,
  };
}
