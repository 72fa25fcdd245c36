import { ALERT_RULES, ALERT_STATES } from '@throughline/model/alert';
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
      rule: z.enum(ALERT_RULES).optional(),
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

const duration = (description: string, preset: string) =>
  z
    .string()
    .refine((text) => parseDurationMs(text) !== undefined, 'is a duration such as 30m, 4h or 2d')
    .default(preset)
    .meta({ description, example: preset });

/** A route as in the configuration, and how far back it is tried. */
export const previewParameters = z.strictObject({
  rule: z.enum(ALERT_RULES).optional(),
  workflow: z.string().optional(),
  service: z.string().optional(),
  severity: z.enum(['critical', 'warning', 'info']).optional(),
  for: duration('How long a finding must hold before anybody is told', '0s'),
  repeat: duration('Told again after so long; `0s`: never again', '4h'),
  window: duration('How far back', '24h'),
});
