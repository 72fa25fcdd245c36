import { ALERT_STATES } from '@throughline/model/alert';
import { RULES } from '@throughline/model/finding';
import { parseDurationMs } from '@throughline/model/time';
import { z } from 'zod';
import { anyOf, cursorParameter, limitParameter, someTexts } from './primitives.js';

export const alertListParameters = z.object({
  state: anyOf(ALERT_STATES, 'state'),
  receiver: someTexts('Name of the receiver'),
  limit: limitParameter(),
  cursor: cursorParameter,
});

export const silenceBody = z.strictObject({
  match: z
    .strictObject({
      rule: z.enum(RULES).optional(),
      workflow: z.string().optional(),
      service: z.string().optional(),
      severity: z.enum(['critical', 'warning', 'info']).optional(),
    })
    .refine((match) => Object.keys(match).length > 0, 'says at least one thing to match'),
  for: z
    .string()
    .refine((text) => parseDurationMs(text) !== undefined, 'is a duration such as 30m, 4h or 2d')
    .meta({ description: 'How long: `30m`, `4h`, `2d`', example: '4h' }),
  note: z.string().max(2_000).optional().meta({ description: 'Who, and why' }),
});
