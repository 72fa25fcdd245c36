import { RULES } from '@throughline/model/finding';
import { parseInstant } from '@throughline/model/time';
import { z } from 'zod';
import { duration, parsed, splitList } from './schema-words.js';

/** A number, also from the environment, where everything is text. */
const number = z.preprocess(
  (value) => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value),
  z.number('expected a number'),
);

function numberWhere(fits: (value: number) => boolean, expected: string) {
  return number.refine(fits, {
    error: ({ input }) => `expected ${expected}, found ${String(input)}`,
  });
}

const sampleCount = numberWhere(
  (value) => Number.isSafeInteger(value) && value >= 1,
  'a whole number of at least 1',
);
const probability = numberWhere(
  (value) => value > 0 && value <= 1,
  'a number above 0 and at most 1',
);
const positive = numberWhere((value) => value > 0, 'a number above 0');

const instant = parsed(parseInstant, 'an instant such as 2026-11-21T12:00:00Z');
/** YAML 1.2 reads `off` as a word; `false` is what people mean by it, and the environment knows only words. */
const onOff = z
  .union([z.boolean(), z.enum(['on', 'off', 'true', 'false'])])
  .transform((value) => value === true || value === 'on' || value === 'true');

const rule = z.enum(RULES, {
  error: ({ input }) => `expected a rule such as event-storm, found ${JSON.stringify(input)}`,
});

/** The section `detect`: when rules speak, and which do. */
export const detectEntry = z.strictObject({
  learn: onOff.optional(),
  learn_since: instant.optional(),
  arrival_grace: duration.optional(),
  stalled: z
    .strictObject({
      min_samples: sampleCount.optional(),
      probability: probability.optional(),
      factor: positive.optional(),
      floor: duration.optional(),
      grace: duration.optional(),
    })
    .optional(),
  missing_consumer: z.strictObject({ grace: duration.optional() }).optional(),
  off: z
    .preprocess((value) => (typeof value === 'string' ? splitList(value) : value), z.array(rule))
    .optional(),
  unknown_edge: z
    .strictObject({ min_samples: sampleCount.optional(), min_history: duration.optional() })
    .optional(),
  unaccounted: z
    .strictObject({ min_messages: sampleCount.optional(), grace: duration.optional() })
    .optional(),
  contract_drift: z
    .strictObject({ min_samples: sampleCount.optional(), unseen_after: duration.optional() })
    .optional(),
  event_storm: z
    .strictObject({
      min_samples: sampleCount.optional(),
      factor: positive.optional(),
      floor: sampleCount.optional(),
    })
    .optional(),
});
