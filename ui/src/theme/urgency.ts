import type { FindingView } from '@throughline/model/api/findings';

const SEVERITY = { critical: 0, warning: 1, info: 2 } as const;

/** A note waits for nobody: what counts as "needs you" is the same on every page. */
export function needsSomebody({ severity }: Pick<FindingView, 'severity'>): boolean {
  return severity !== 'info';
}

/** Worst first: by severity, then by how many runs it holds up, then the newest. */
export function byUrgency(findings: readonly FindingView[]): FindingView[] {
  return [...findings].sort(
    (a, b) =>
      SEVERITY[a.severity] - SEVERITY[b.severity] ||
      b.runsAffected - a.runsAffected ||
      b.openedAt.localeCompare(a.openedAt),
  );
}
