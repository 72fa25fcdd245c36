import type { LiveView } from '@throughline/model/socket-events';
import { z } from 'zod';

const VIEWS = [
  'overview',
  'map',
  'runs',
  'run',
  'findings',
  'dead-letters',
] as const satisfies readonly LiveView[];

const name = z.string().min(1).max(200);

/** What a viewer may ask for. Values of `params` are judged by the view itself. */
export const subscribeMessage = z.object({
  subscription: name,
  view: z.enum(VIEWS, `is one of ${VIEWS.join(', ')}`),
  params: z
    .record(z.string().max(100), z.string().max(8_192))
    .refine((params) => Object.keys(params).length <= 32, 'has at most 32 parameters')
    .default({}),
});
export type Subscription = z.infer<typeof subscribeMessage>;

export const unsubscribeMessage = z.object({ subscription: name });
