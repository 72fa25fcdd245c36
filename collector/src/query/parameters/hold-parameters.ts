import { z } from 'zod';
import { LIMITS } from '../../limits.js';

export const holdBody = z
  .object({
    key: z
      .string()
      .min(1)
      .max(LIMITS.keyCharsMax)
      .regex(/[^:\s]\s*$/, 'has no value: name it as in order:8123')
      .optional()
      .meta({ description: 'All runs with this key, later ones included', example: 'order:8123' }),
    run: z.string().min(1).max(200).optional().meta({ description: 'One run, by its id' }),
    note: z.string().max(2_000).optional().meta({ description: 'Who, and why' }),
  })
  .refine(({ key, run }) => (key === undefined) !== (run === undefined), {
    message: 'names either a key or a run',
  });
