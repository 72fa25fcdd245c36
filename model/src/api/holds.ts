import { z } from 'zod';
import { count, instant } from './primitives.js';

/** Runs whose stored requests retention leaves alone. */
export const holdView = z.object({
  id: z.string(),
  /** All runs with this key, later ones included; null for a hold on one run. */
  key: z.string().nullable(),
  run: z.string().nullable(),
  note: z.string().nullable(),
  createdAt: instant,
  /** The runs in view that it keeps now. */
  runs: z.array(z.string()),
  /** Stored requests that it keeps. */
  requests: count,
});
export type HoldView = z.infer<typeof holdView>;
