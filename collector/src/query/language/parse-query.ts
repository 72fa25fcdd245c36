import { RULES } from '@throughline/model/finding';
import { parseDurationMs } from '@throughline/model/time';
import { pattern, runStatus } from '@throughline/model/api/runs';
import { LIMITS } from '../../limits.js';
import { nearestWord } from '../../nearest-word.js';
import type { Operator, Query, QueryTerm, TextField, TextPattern } from './query.js';
import { QueryFault } from './query-fault.js';
import { scanTerms, type RawTerm } from './scan-terms.js';

const CLOSED_SETS: Partial<Record<TextField, readonly string[]>> = {
  status: runStatus.options,
  pattern: pattern.options,
  finding: RULES,
};
const TEXT_FIELDS: readonly TextField[] = [
  'status',
  'pattern',
  'workflow',
  'service',
  'destination',
  'name',
  'event',
  'finding',
];
const FIELDS = [...TEXT_FIELDS, 'key', 'trace', 'error', 'duration', 'attr.<name>'];
const ATTRIBUTE_PREFIX = 'attr.';

/** @throws QueryFault that points at the first place the language cannot express. */
export function parseQuery(text: string): Query {
  if (text.length > LIMITS.queryCharsMax) {
    throw new QueryFault(`The query is longer than ${LIMITS.queryCharsMax} characters.`, {
      offset: LIMITS.queryCharsMax,
      length: text.length - LIMITS.queryCharsMax,
    });
  }
  return scanTerms(text).map(termOf);
}

function termOf(raw: RawTerm): QueryTerm {
  if (raw.field.startsWith(ATTRIBUTE_PREFIX)) return attributeTerm(raw);
  if (isTextField(raw.field)) return textTerm(raw.field, raw);
  switch (raw.field) {
    case 'key':
      mustBeEquality(raw);
      return { field: 'key', text: raw.value };
    case 'trace':
      mustBeEquality(raw);
      return { field: 'key', text: `trace:${raw.value}` };
    case 'error':
      return errorTerm(raw);
    case 'duration':
      return durationTerm(raw);
    default:
      throw unknownField(raw);
  }
}

function textTerm(field: TextField, raw: RawTerm): QueryTerm {
  mustBeEquality(raw);
  const allowed = CLOSED_SETS[field];
  if (allowed && !allowed.includes(raw.value)) {
    const suggestion = nearestWord(raw.value, allowed);
    const hint = suggestion === undefined ? '' : ` Did you mean ${suggestion}?`;
    throw atValue(raw, `"${raw.value}" is no ${field}; there are ${allowed.join(', ')}.${hint}`);
  }
  return { field, pattern: patternOf(raw) };
}

function attributeTerm(raw: RawTerm): QueryTerm {
  const name = raw.field.slice(ATTRIBUTE_PREFIX.length);
  if (name === '') throw atField(raw, 'Behind "attr." comes the name of an attribute.');
  if (!isEquality(raw.operator) && !Number.isFinite(Number(raw.value))) {
    throw atValue(raw, `"${raw.operator}" compares numbers, and "${raw.value}" is none.`);
  }
  return { field: 'attribute', name, operator: raw.operator, pattern: patternOf(raw) };
}

function errorTerm(raw: RawTerm): QueryTerm {
  mustBeEquality(raw);
  if (raw.value !== 'true' && raw.value !== 'false') {
    throw atValue(raw, 'error is true or false.');
  }
  return { field: 'error', expected: raw.value === 'true' };
}

function durationTerm(raw: RawTerm): QueryTerm {
  const ms = parseDurationMs(raw.value);
  if (ms === undefined) {
    throw atValue(raw, `"${raw.value}" is no duration; write it as 200ms, 30s, 5m, 4h or 2d.`);
  }
  return { field: 'duration', operator: raw.operator, ms };
}

function patternOf(raw: RawTerm): TextPattern {
  return { text: raw.value, hasWildcards: !raw.isQuoted && raw.value.includes('*') };
}

function isTextField(field: string): field is TextField {
  return (TEXT_FIELDS as readonly string[]).includes(field);
}

function isEquality(operator: Operator): boolean {
  return operator === ':' || operator === '=';
}

function mustBeEquality(raw: RawTerm): void {
  if (isEquality(raw.operator)) return;
  throw new QueryFault(`${raw.field} has no order: use ":" instead of "${raw.operator}".`, {
    offset: raw.fieldAt + raw.field.length,
    length: raw.operator.length,
  });
}

function unknownField(raw: RawTerm): QueryFault {
  const suggestion = nearestWord(raw.field, FIELDS);
  const hint = suggestion === undefined ? '' : ` Did you mean ${suggestion}?`;
  return atField(raw, `There is no field "${raw.field}"; there are ${FIELDS.join(', ')}.${hint}`);
}

function atField(raw: RawTerm, message: string): QueryFault {
  return new QueryFault(message, { offset: raw.fieldAt, length: raw.field.length });
}

function atValue(raw: RawTerm, message: string): QueryFault {
  return new QueryFault(message, { offset: raw.valueAt, length: raw.end - raw.valueAt });
}
