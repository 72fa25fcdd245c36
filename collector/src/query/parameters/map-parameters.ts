import type { UnixNs } from '@throughline/model/time';
import { z } from 'zod';
import { instantParameter } from './primitives.js';

export function mapParameters(now: UnixNs) {
  return z.object({
    from: instantParameter(now).optional(),
    to: instantParameter(now).optional(),
    at: instantParameter(now).optional().meta({
      description: 'The map as it was: the hour before this instant, unless `from` is given',
    }),
    workflow: z.string().optional().meta({ description: 'Only what runs of this workflow moved' }),
    level: z
      .enum(['destination', 'event'], 'is destination or event')
      .default('destination')
      .meta({ description: '`event`: one node per message type' }),
  });
}

export type MapParameters = z.infer<ReturnType<typeof mapParameters>>;
