import type { RunDetail } from '@throughline/model/api/runs';
import type { Stretch } from '../../graph/fold.js';
import { preciseMs } from '../../theme/format.js';

/**
 * The stretches of the critical path, in milliseconds since the epoch, under the step in whose row they are drawn: work
 * in the step's own row or, where that is folded into another, in that one's; a wait in the row of the step that waited.
 */
export function pathStretches(
  { steps, criticalPath }: RunDetail,
  shown: ReadonlySet<string>,
): ReadonlyMap<string, readonly Stretch[]> {
  const parents = new Map(steps.map(({ id, parentId }) => [id, parentId]));
  const rowOf = (id: string): string | null => {
    const passed = new Set<string>();
    for (let at: string | null = id; at !== null && !passed.has(at); at = parents.get(at) ?? null) {
      if (shown.has(at)) return at;
      passed.add(at);
    }
    return null;
  };
  const stretches = new Map<string, Stretch[]>();
  for (const { step, waitOf, from, to } of criticalPath.parts) {
    const row = rowOf(waitOf ?? step);
    if (row === null) continue;
    const list = stretches.get(row) ?? [];
    list.push({ start: preciseMs(from), end: preciseMs(to) });
    stretches.set(row, list);
  }
  return stretches;
}
