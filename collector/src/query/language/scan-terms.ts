import type { Operator } from './query.js';
import { QueryFault } from './query-fault.js';

/** A term as it stands in the text, not yet checked against the fields that exist. */
export interface RawTerm {
  readonly field: string;
  readonly fieldAt: number;
  readonly operator: Operator;
  readonly value: string;
  readonly isQuoted: boolean;
  readonly valueAt: number;
  readonly end: number;
}

const FIELD = /[A-Za-z][A-Za-z0-9_.\-[\]/]*/y;
const OPERATOR = />=|<=|[:=<>]/y;
const BARE_VALUE = /[^\s"()]+/y;
const SPACE = /\s*/y;
/** A word with a digit in it is a business key: `8123` is `key:8123`. Without one, it is a term that lacks its half. */
const LONE_KEY = /(?=[^\s\d]*\d)\w[\w.#/-]*(?!\S)/y;

/** @throws QueryFault where the text is not a row of `field operator value`. */
export function scanTerms(text: string): RawTerm[] {
  const terms: RawTerm[] = [];
  let at = skipSpace(text, 0);
  while (at < text.length) {
    const term = scanTerm(text, at);
    terms.push(term);
    at = skipSpace(text, term.end);
  }
  return terms;
}

function scanTerm(text: string, start: number): RawTerm {
  const key = matchAt(LONE_KEY, text, start);
  if (key !== undefined) return keyTerm(key, start);
  const field = matchAt(FIELD, text, start);
  if (field === undefined) throw notATerm(text, start);
  const operatorAt = start + field.length;
  const operator = matchAt(OPERATOR, text, operatorAt);
  if (operator === undefined) throw loneWord(text, start);
  const valueAt = operatorAt + operator.length;
  const { value, isQuoted, end } = scanValue(text, valueAt, field);
  const after = text[end];
  if (after !== undefined && !/\s/.test(after)) {
    throw new QueryFault(`There must be a space between this and what stands before it.`, {
      offset: end,
      length: wordLength(text, end),
    });
  }
  return {
    field,
    fieldAt: start,
    operator: operator as Operator,
    value,
    isQuoted,
    valueAt,
    end,
  };
}

function keyTerm(key: string, at: number): RawTerm {
  return {
    field: 'key',
    fieldAt: at,
    operator: ':',
    value: key,
    isQuoted: false,
    valueAt: at,
    end: at + key.length,
  };
}

function scanValue(
  text: string,
  at: number,
  field: string,
): { value: string; isQuoted: boolean; end: number } {
  if (text[at] === '"') return scanQuoted(text, at);
  const bare = matchAt(BARE_VALUE, text, at);
  if (bare === undefined) {
    throw new QueryFault(
      `"${field}" has no value: write it right behind the sign, without a space.`,
      {
        offset: Math.min(at, text.length),
        length: 1,
      },
    );
  }
  // `key:order:"81 23"`: the type stands before the quotes, the value inside.
  const quoteAt = at + bare.length;
  if (text[quoteAt] === '"' && bare.endsWith(':')) {
    const quoted = scanQuoted(text, quoteAt);
    return { value: bare + quoted.value, isQuoted: true, end: quoted.end };
  }
  return { value: bare, isQuoted: false, end: quoteAt };
}

function scanQuoted(text: string, open: number): { value: string; isQuoted: true; end: number } {
  let value = '';
  for (let at = open + 1; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') return { value, isQuoted: true, end: at + 1 };
    if (char === '\\' && at + 1 < text.length) {
      at += 1;
      value += text[at] ?? '';
    } else {
      value += char ?? '';
    }
  }
  throw new QueryFault('This quote is not closed.', { offset: open, length: text.length - open });
}

function loneWord(text: string, at: number): QueryFault {
  const word = text.slice(at, at + wordLength(text, at));
  const upper = word.toUpperCase();
  if (upper === 'AND') {
    return new QueryFault('Terms are joined by AND already: leave the word out.', {
      offset: at,
      length: word.length,
    });
  }
  if (upper === 'OR' || upper === 'NOT') {
    return new QueryFault(`The query language has no ${upper}: terms are joined by AND.`, {
      offset: at,
      length: word.length,
    });
  }
  return new QueryFault(
    `"${word}" stands alone: write key:${word} for a business key, or name:${word} for a step.`,
    { offset: at, length: word.length },
  );
}

function notATerm(text: string, at: number): QueryFault {
  const place = { offset: at, length: wordLength(text, at) };
  const char = text[at];
  if (char === '-' || char === '!') {
    return new QueryFault('The query language has no negation.', place);
  }
  if (char === '(' || char === ')') {
    return new QueryFault('The query language has no brackets: terms are joined by AND.', place);
  }
  const word = text.slice(at, at + place.length);
  return new QueryFault(
    /^[\w"]/.test(word)
      ? `${word} stands alone: write key:${word} for a business key, or name:${word} for a step.`
      : `A term begins with a field such as status or key, not with "${characterAt(text, at)}".`,
    place,
  );
}

/** The whole character at a place: one outside the basic plane takes two units of the text. */
function characterAt(text: string, at: number): string {
  const codePoint = text.codePointAt(at);
  return codePoint === undefined ? '' : String.fromCodePoint(codePoint);
}

/** Length of the word at a place, at least 1. */
function wordLength(text: string, at: number): number {
  const word = /^\S+/.exec(text.slice(at));
  return word ? word[0].length : 1;
}

function skipSpace(text: string, at: number): number {
  return at + (matchAt(SPACE, text, at) ?? '').length;
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
