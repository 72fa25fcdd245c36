import type { RunId } from '@throughline/model/ids';
import { Crowd } from './crowd.js';
import type { Mark } from './mark.js';

/** Marks of one cause, over all runs. */
export type Marked = Crowd<Mark, 'workflow' | 'where'>;

/** Marks of all runs by their cause. Depends on the set of runs only. */
export class MarkLedger {
  readonly #byCause = new Map<string, Marked>();
  readonly #marksOfRun = new Map<RunId, readonly Mark[]>();

  /** Replaces what the run gave before. @returns the causes that it touched, then or now. */
  put(runId: RunId, marks: readonly Mark[]): ReadonlySet<string> {
    const before = this.#marksOfRun.get(runId) ?? NO_MARKS;
    if (before.length === 0 && marks.length === 0) return NO_CAUSES;
    const touched = new Set<string>();
    for (const mark of before) {
      const cause = causeKey(mark);
      const marked = this.#byCause.get(cause);
      marked?.delete(mark);
      if (marked?.size === 0) this.#byCause.delete(cause);
      touched.add(cause);
    }
    for (const mark of marks) {
      const cause = causeKey(mark);
      const marked: Marked = this.#byCause.get(cause) ?? new Crowd(FACETS);
      marked.add(mark);
      this.#byCause.set(cause, marked);
      touched.add(cause);
    }
    if (marks.length === 0) this.#marksOfRun.delete(runId);
    else this.#marksOfRun.set(runId, marks);
    return touched;
  }

  of(cause: string): Marked | undefined {
    return this.#byCause.get(cause);
  }

  /** The causes for which the run is marked. */
  ofRun(runId: RunId): readonly string[] {
    return (this.#marksOfRun.get(runId) ?? NO_MARKS).map(causeKey);
  }
}

const FACETS = {
  workflow: ({ workflow }: Mark): string => workflow,
  where: ({ where }: Mark): string => where ?? '',
};
const NO_MARKS: readonly Mark[] = [];
const NO_CAUSES: ReadonlySet<string> = new Set();

export function causeKey({ rule, cause }: Pick<Mark, 'rule' | 'cause'>): string {
  return `${rule} ${cause}`;
}
