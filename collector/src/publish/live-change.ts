/** What changed, as the pipeline tells it after the tables show it. Ids of runs. */
export interface LiveChange {
  readonly runs: readonly string[];
  readonly gone: readonly string[];
  readonly findings: boolean;
  readonly stats: boolean;
}

export function mergeChanges(a: LiveChange, b: LiveChange): LiveChange {
  return {
    runs: [...a.runs, ...b.runs],
    gone: [...a.gone, ...b.gone],
    findings: a.findings || b.findings,
    stats: a.stats || b.stats,
  };
}
