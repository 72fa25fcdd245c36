import { Fault } from '../errors.js';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** A whole number of this many digits may be more than a double can hold. */
const DIGITS_AT_RISK = 16;
const MAY_HOLD_BIG_NUMBERS = /[:,[\s]-?\d{16}/;

/** What JSON.parse makes: never trusted, every field is checked where it is read. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json | undefined;
}

/**
 * Parses JSON without losing digits: whole numbers beyond ±2^53 come back as text. Every reader of 64-bit
 * integers takes text anyway, since that is how OTLP/JSON writes them.
 *
 * @throws Fault BODY_UNREADABLE when the bytes are not UTF-8 or not JSON.
 */
export function parseJson(body: Uint8Array): Json {
  let text: string;
  try {
    text = strictUtf8.decode(body);
  } catch (cause) {
    throw new Fault('BODY_UNREADABLE', 'The JSON body is not valid UTF-8.', { cause });
  }
  try {
    return JSON.parse(MAY_HOLD_BIG_NUMBERS.test(text) ? quoteBigIntegers(text) : text) as Json;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unknown';
    throw new Fault('BODY_UNREADABLE', `The body is not JSON: ${why.slice(0, 200)}`, { cause });
  }
}

/** Puts quotes around the whole numbers that a double would round; text inside strings stays as it is. */
export function quoteBigIntegers(text: string): string {
  const pieces: string[] = [];
  let copied = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
    } else if (code === MINUS || isDigit(code)) {
      const end = endOfNumber(text, at);
      const number = text.slice(at, end);
      if (isUnsafeInteger(number)) {
        pieces.push(text.slice(copied, at), '"', number, '"');
        copied = end;
      }
      at = end;
    } else {
      at++;
    }
  }
  if (pieces.length === 0) return text;
  pieces.push(text.slice(copied));
  return pieces.join('');
}

const QUOTE = 0x22;
const MINUS = 0x2d;

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** @returns the place behind the closing quote; the end of the text when there is none. */
function endOfString(text: string, open: number): number {
  let at = open;
  for (;;) {
    at = text.indexOf('"', at + 1);
    if (at < 0) return text.length;
    let escapes = 0;
    while (text.charAt(at - 1 - escapes) === '\\') escapes++;
    if (escapes % 2 === 0) return at + 1;
  }
}

const NUMBER_PART = /[-+.eE\d]*/y;

function endOfNumber(text: string, from: number): number {
  NUMBER_PART.lastIndex = from;
  NUMBER_PART.test(text);
  return Math.max(NUMBER_PART.lastIndex, from + 1);
}

function isUnsafeInteger(number: string): boolean {
  return (
    number.length >= DIGITS_AT_RISK &&
    /^-?(?:0|[1-9]\d*)$/.test(number) &&
    !Number.isSafeInteger(Number(number))
  );
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The field of an object, only if it is its own: a name like `constructor` finds nothing by accident. */
export function field(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** The field's text; empty when it is absent or no text. */
export function textField(object: JsonObject, name: string): string {
  const value = field(object, name);
  return typeof value === 'string' ? value : '';
}

/** A list, where null and absence mean an empty one. @throws Fault BODY_UNREADABLE for anything else. */
export function listOf(object: JsonObject, name: string, place: string): readonly Json[] {
  const value = field(object, name);
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value as readonly Json[];
  throw new Fault('BODY_UNREADABLE', `${place}${name} is not an array.`);
}
