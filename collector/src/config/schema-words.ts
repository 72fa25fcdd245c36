import { parseDurationMs } from '@throughline/model/time';
import { z } from 'zod';

/** A scalar that is text in the end: YAML reads `8123` as a number where a name is meant. */
export const text = z.union([z.string(), z.number().transform(String)]).pipe(z.string().min(1));

/** A list, also from the environment as `a, b`. */
export const texts = z.preprocess(
  (value) => (typeof value === 'string' ? splitList(value) : value),
  z.array(text),
);

export function splitList(value: string): string[] {
  return value
    .replace(/^\[|\]$/g, '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

export function parsed<T>(parse: (value: string) => T | undefined, expected: string) {
  return text.transform((value, context): T => {
    const result = parse(value);
    if (result !== undefined) return result;
    context.addIssue({ code: 'custom', message: `expected ${expected}, found "${value}"` });
    return z.NEVER;
  });
}

export const duration = parsed(parseDurationMs, 'a duration such as 30s, 5m or 14d');
export const someDuration = duration.refine(
  (ms) => ms > 0,
  'expected a duration above zero such as 30s, 5m or 14d',
);
