import { bytesFromBase64 } from '@throughline/model/bytes-value';
import type { AttributeValue } from '@throughline/model/step';
import { LIMITS } from '../limits.js';
import { emptyRecord, type Problems } from './attribute-value.js';
import { field, isObject, type Json, type JsonObject } from './json-text.js';
import { shown } from './span-draft.js';
import { doubleOf } from './whole-double.js';

/** Reads a list of KeyValue into a map; of several with one key the last wins. */
export function readAttributes(
  list: Json | undefined,
  place: string,
  problems: Problems,
): Map<string, AttributeValue> {
  const into = new Map<string, AttributeValue>();
  if (list === undefined || list === null) return into;
  if (!Array.isArray(list)) {
    malformed(problems, `${place} is not an array`);
    return into;
  }
  for (const entry of list as readonly Json[]) readEntry(entry, place, { into, problems });
  if (into.size > LIMITS.attributesMax) {
    problems.problem ??= {
      reason: 'too_many_attributes',
      what: `more than ${LIMITS.attributesMax} attributes`,
    };
  }
  return into;
}

function readEntry(
  entry: Json,
  place: string,
  target: { into: Map<string, AttributeValue>; problems: Problems },
): void {
  const key = isObject(entry) ? (field(entry, 'key') ?? '') : undefined;
  if (!isObject(entry) || typeof key !== 'string') {
    malformed(target.problems, `${place} has an entry that is no KeyValue`);
    return;
  }
  target.into.set(key, readValue(field(entry, 'value'), 1, target.problems));
}

/** An AnyValue. The recursion is bounded by `depth`. */
function readValue(value: Json | undefined, depth: number, problems: Problems): AttributeValue {
  if (value === undefined || value === null) return null;
  if (depth > LIMITS.attributeDepthMax) {
    problems.problem ??= {
      reason: 'too_deep',
      what: `an attribute is nested deeper than ${LIMITS.attributeDepthMax}`,
    };
    return null;
  }
  if (!isObject(value)) {
    malformed(problems, `the attribute value ${shown(value)} is no AnyValue`);
    return null;
  }
  return readScalar(value, problems) ?? readNested(value, depth, problems);
}

/** Readers of the scalar kinds; undefined where the value is not what the name says. */
const SCALARS: readonly (readonly [
  string,
  (value: Json, keepsDoubles: boolean) => AttributeValue | undefined,
])[] = [
  ['stringValue', (value) => (typeof value === 'string' ? value : undefined)],
  ['boolValue', (value) => (typeof value === 'boolean' ? value : undefined)],
  ['intValue', readInt64],
  ['doubleValue', readDouble],
  ['bytesValue', readBytes],
];

function readScalar(value: JsonObject, problems: Problems): AttributeValue {
  for (const [name, read] of SCALARS) {
    const given = field(value, name) ?? null;
    if (given === null) continue;
    const result = read(given, problems.keepsDoubles);
    if (result !== undefined) return result;
    malformed(problems, `${name} ${shown(given)} is not what its name says`);
    return '';
  }
  return null;
}

function readBytes(value: Json): AttributeValue | undefined {
  if (typeof value !== 'string' || !isBase64(value)) return undefined;
  return bytesFromBase64(Buffer.from(value, 'base64').toString('base64'));
}

function readNested(value: JsonObject, depth: number, problems: Problems): AttributeValue {
  const array = field(value, 'arrayValue');
  if (isObject(array)) {
    return valuesOf(array, problems).map((each) => readValue(each, depth + 1, problems));
  }
  const record = field(value, 'kvlistValue');
  if (!isObject(record)) return null;
  const into = emptyRecord();
  for (const pair of valuesOf(record, problems)) {
    const key = isObject(pair) ? (field(pair, 'key') ?? '') : undefined;
    if (!isObject(pair) || typeof key !== 'string') {
      malformed(problems, 'kvlistValue has an entry that is no KeyValue');
      continue;
    }
    into[key] = readValue(field(pair, 'value'), depth + 1, problems);
  }
  return into;
}

function valuesOf(list: JsonObject, problems: Problems): readonly Json[] {
  const values = field(list, 'values');
  if (values === undefined || values === null) return [];
  if (Array.isArray(values)) return values as readonly Json[];
  malformed(problems, 'values is not an array');
  return [];
}

/** A 64-bit integer, as text or number: a number while that is exact. Undefined when it is none. */
export function readInt64(value: Json): number | bigint | undefined {
  const exact = readInteger(value);
  if (exact === undefined || BigInt.asIntN(64, exact) !== exact) return undefined;
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : exact;
}

/** A whole number of any size, as text or number. Undefined when it is none. */
export function readInteger(value: Json | undefined): bigint | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined;
  if (typeof value === 'string' && /^-?\d{1,40}$/.test(value)) return BigInt(value);
  return undefined;
}

function readDouble(value: Json, keepsDoubles: boolean): AttributeValue | undefined {
  const number = doubleFrom(value);
  return number === undefined ? undefined : doubleOf(number, keepsDoubles);
}

function doubleFrom(value: Json): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  if (value === 'NaN') return NaN;
  if (value === 'Infinity') return Infinity;
  if (value === '-Infinity') return -Infinity;
  return /^-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(value) ? Number(value) : undefined;
}

/** Standard or URL-safe base64, padded or not, as the protobuf JSON mapping takes it. */
function isBase64(text: string): boolean {
  return /^[A-Za-z0-9+/_-]*={0,2}$/.test(text);
}

export function malformed(problems: Problems, what: string): void {
  problems.problem ??= { reason: 'malformed_span', what };
}
