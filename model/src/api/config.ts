import { z } from 'zod';
import { count, instant } from './primitives.js';

/** How far a rebuild of the runs from the stored requests is, or what became of the last one. */
export const rebuildView = z.object({
  /** `none`: there was none since the start. */
  state: z.enum(['none', 'running', 'done', 'failed']),
  startedAt: instant.nullable(),
  endedAt: instant.nullable(),
  /** Of 100, in whole numbers; 100 only when it is done. */
  percent: count,
  requestsRead: count,
  requestsTotal: count,
  /** Why it failed. */
  error: z.string().nullable(),
});
export type RebuildView = z.infer<typeof rebuildView>;

/** What reading the configuration again led to. */
export const reloadView = z.object({
  /** `unchanged`: nothing that follows from the stored requests depends on what changed. */
  outcome: z.enum(['unchanged', 'rebuilding']),
  /** Sections that changed and only hold after a restart. */
  needsRestart: z.array(z.string()),
  rebuild: rebuildView,
});
export type ReloadView = z.infer<typeof reloadView>;
