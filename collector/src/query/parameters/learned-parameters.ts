import { parseDurationMs } from '@throughline/model/time';
import { z } from 'zod';

const DEADLINE_MS_MAX = 366 * 86_400_000;
const actor = z
  .string('says who decides this')
  .trim()
  .min(1, 'says who decides this')
  .max(200, 'has at most 200 characters')
  .meta({ description: 'Who decides this', example: 'ada' });
const note = z.string().max(2_000).optional().meta({ description: 'Why' });

export const decisionBody = z.strictObject({ actor, note });

export const correctBody = z
  .strictObject({
    actor,
    note,
    deadline: z
      .string()
      .refine((text) => isDeadline(text), 'is a duration such as 30s, 5m or 4h, of at most 366d')
      .optional()
      .meta({ description: 'In place of the learned deadline: `30s`, `5m`, `4h`', example: '5m' }),
    expected: z
      .literal(false, 'can only be false: what should follow is declared in flows')
      .optional()
      .meta({ description: '`false`: it need not follow' }),
  })
  .refine((body) => (body.deadline === undefined) !== (body.expected === undefined), {
    message: 'needs either a deadline or expected: false',
  });

function isDeadline(text: string): boolean {
  const ms = parseDurationMs(text);
  return ms !== undefined && ms > 0 && ms <= DEADLINE_MS_MAX;
}
