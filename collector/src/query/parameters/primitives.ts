import { parseDurationMs, parseInstant, nsFromMs, type UnixNs } from '@throughline/model/time';
import { z } from 'zod';
import { LIMITS } from '../../limits.js';
import { nearestWord } from '../../nearest-word.js';

const PAGE_ITEMS_DEFAULT = 100;
const RELATIVE = /^now(?:-(.+))?$/;

/** `?status=` with nothing behind it asks for nothing. */
export function given(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((one) => one !== '');
  return value === '' ? undefined : value;
}

/** An instant as RFC 3339, or relative: `now`, `now-1h`. */
export function instantParameter(now: UnixNs) {
  return z
    .string()
    .transform((text, context): UnixNs => {
      const relative = RELATIVE.exec(text);
      const ago = relative?.[1] === undefined ? 0 : parseDurationMs(relative[1]);
      const at =
        relative === null ? parseInstant(text) : ago === undefined ? undefined : before(now, ago);
      if (at !== undefined) return at;
      context.addIssue({
        code: 'custom',
        message: `"${text}" is no instant: write RFC 3339 such as 2026-01-31T12:00:00Z, or now-1h`,
      });
      return z.NEVER;
    })
    .meta({
      description: 'RFC 3339 with up to nanoseconds, or relative: `now`, `now-1h`',
      example: '2026-01-31T12:00:00Z',
    });
}

function before(now: UnixNs, ms: number): UnixNs {
  return (now - nsFromMs(ms)) as UnixNs;
}

/** Given once, several times, or as a list with commas: any of the values fits. */
export function anyOf<T extends string>(values: readonly T[], name: string) {
  return z
    .union([z.string(), z.array(z.string())])
    .optional()
    .transform((input, context): T[] => {
      const words = texts(input).flatMap((text) => text.split(','));
      const unknown = words.find((word) => !(values as readonly string[]).includes(word));
      if (unknown === undefined) return words as T[];
      const meant = nearestWord(unknown, values);
      const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
      context.addIssue({
        code: 'custom',
        message: `"${unknown}" is no ${name}; there are ${values.join(', ')}.${hint}`,
      });
      return z.NEVER;
    })
    .meta({
      override: { type: 'array', items: { type: 'string', enum: [...values] } },
      description: `Any of these: given several times, or with commas`,
    });
}

/** Given once or several times: any of the texts fits (all of them where the route says so). */
export function someTexts(description: string) {
  return z
    .union([z.string(), z.array(z.string())])
    .optional()
    .transform(texts)
    .meta({ override: { type: 'array', items: { type: 'string' } }, description });
}

function texts(input: string | string[] | undefined): string[] {
  if (input === undefined) return [];
  return Array.isArray(input) ? input : [input];
}

export function limitParameter(max: number = LIMITS.pageItemsMax, fallback = PAGE_ITEMS_DEFAULT) {
  return z.coerce
    .number(`is a whole number between 1 and ${max}`)
    .int(`is a whole number between 1 and ${max}`)
    .min(1, `is at least 1`)
    .max(max, `is at most ${max}`)
    .default(Math.min(fallback, max))
    .meta({
      description: `Items of one page, at most ${max}`,
      override: { type: 'integer', minimum: 1, maximum: max, default: Math.min(fallback, max) },
    });
}

export const cursorParameter = z
  .string()
  .optional()
  .meta({ description: '`next` of the page before, unchanged' });
