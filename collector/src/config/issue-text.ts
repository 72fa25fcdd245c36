import { z } from 'zod';
import { configSchema } from './config-schema.js';
import { nearestWord } from '../nearest-word.js';

type Place = readonly (string | number)[];

/** One line per mistake: where it is, what it is, what was probably meant. */
export function issueText(issue: z.core.$ZodIssue, whereOf: (place: Place) => string): string[] {
  const place = issue.path.filter((part) => typeof part !== 'symbol');
  const name = place.length === 0 ? 'the top level' : dotted(place);
  if (issue.code !== 'unrecognized_keys') {
    return [`${whereOf(place)}: ${name}: ${issue.message.replace(/^Invalid input: /, '')}`];
  }
  const known = knownKeys(place);
  return issue.keys.map((key) => {
    const meant = nearestWord(key, known);
    const advice =
      meant === undefined ? `known here: ${known.join(', ')}` : `did you mean "${meant}"?`;
    return `${whereOf([...place, key])}: unknown key "${key}" in ${name}; ${advice}`;
  });
}

function dotted(place: Place): string {
  return place
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`,
    )
    .join('');
}

/** The keys that the schema knows at a place. */
function knownKeys(place: Place): string[] {
  let schema: unknown = configSchema;
  for (const part of place) {
    const inner = unwrapped(schema);
    if (inner instanceof z.ZodObject) schema = (inner.shape as Record<string, unknown>)[part];
    else if (inner instanceof z.ZodArray) schema = inner.element;
    else return [];
  }
  const last = unwrapped(schema);
  if (last instanceof z.ZodObject) return Object.keys(last.shape);
  return [];
}

/** What an optional, a default, a preprocess or a transform wraps. */
function unwrapped(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return unwrapped(schema.unwrap());
  }
  if (schema instanceof z.ZodPipe) {
    // A preprocess has its schema behind it, a transform before it.
    return unwrapped(schema.in instanceof z.ZodTransform ? schema.out : schema.in);
  }
  if (schema instanceof z.ZodUnion) return unwrapped(schema.options.at(-1));
  return schema;
}
