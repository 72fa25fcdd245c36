import type { RunId } from '@throughline/model/ids';
import type { Mark } from './mark.js';

/** Marks of all runs by their cause. Depends on the set of runs only. */
export class MarkLedger {
  readonly #byCause = new Map<string, Map<RunId, Mark>>();
  readonly #causesOfRun = new Map<RunId, readonly string[]>();

  /** Replaces what the run gave before. @returns the causes that it touched, then or now. */
  put(runId: RunId, marks: readonly Mark[]): ReadonlySet<string> {
    const before = this.#causesOfRun.get(runId) ?? [];
    for (const cause of before) {
      const runs = this.#byCause.get(cause);
      runs?.delete(runId);
      if (runs?.size === 0) this.#byCause.delete(cause);
    }
    for (const mark of marks) {
      const key = causeKey(mark);
      const runs = this.#byCause.get(key) ?? new Map<RunId, Mark>();
      runs.set(runId, mark);
      this.#byCause.set(key, runs);
    }
    const after = marks.map(causeKey);
    if (after.length === 0) this.#causesOfRun.delete(runId);
    else this.#causesOfRun.set(runId, after);
    return new Set([...before, ...after]);
  }

  /** Newest first. */
  of(cause: string): readonly Mark[] {
    return [...(this.#byCause.get(cause)?.values() ?? [])].sort((a, b) =>
      a.sinceNs === b.sinceNs ? (a.runId < b.runId ? -1 : 1) : a.sinceNs > b.sinceNs ? -1 : 1,
    );
  }
}

export function causeKey({ rule, cause }: Pick<Mark, 'rule' | 'cause'>): string {
  return `${rule} ${cause}`;
}
