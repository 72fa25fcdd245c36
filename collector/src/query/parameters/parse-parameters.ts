import type { z } from 'zod';
import { Fault } from '../../errors.js';
import { given } from './primitives.js';

/** @throws Fault BAD_PARAMETER that names every parameter that is wrong, and what it may be. */
export function parseParameters<T extends z.ZodType>(schema: T, input: unknown): z.infer<T> {
  const result = schema.safeParse(withoutEmpty(input));
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => {
    const name = path.filter((part) => typeof part !== 'symbol').join('.');
    return name === '' ? message : `${name}: ${message}`;
  });
  throw new Fault('BAD_PARAMETER', problems.join('; '));
}

function withoutEmpty(input: unknown): unknown {
  if (typeof input !== 'object' || input === null) return input;
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, given(value)]));
}
