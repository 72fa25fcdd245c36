import { RULES } from '@throughline/model/finding';
import { parseDurationMs } from '@throughline/model/time';
import { z } from 'zod';
import { anyOf, cursorParameter, limitParameter, someTexts } from './primitives.js';

export const findingListParameters = z.object({
  rule: anyOf(RULES, 'rule'),
  state: anyOf(['open', 'acknowledged', 'closed'], 'state'),
  workflow: someTexts('Name of the workflow'),
  limit: limitParameter(),
  cursor: cursorParameter,
});

const note = z.string().max(2_000).optional().meta({ description: 'Who, and why' });

export const noteBody = z.object({ note });

export const snoozeBody = z
  .object({
    note,
    for: z
      .string()
      .refine((text) => parseDurationMs(text) !== undefined, 'is a duration such as 30m, 4h or 2d')
      .optional()
      .meta({ description: 'How long: `30m`, `4h`, `2d`', example: '4h' }),
    untilRuns: z
      .int()
      .positive()
      .optional()
      .meta({ description: 'Until so many runs are affected', example: 50 }),
  })
  .refine((body) => body.for !== undefined || body.untilRuns !== undefined, {
    message: 'needs for, untilRuns, or both: then the first of them ends the snooze',
  });
