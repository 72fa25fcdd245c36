import type { RunId } from '@throughline/model/ids';
import type { UnixNs } from '@throughline/model/time';
import { Crowd } from './crowd.js';
import { DueHeap } from './due-heap.js';
import type { Mark } from './mark.js';

/** Marks of one cause, over all runs. */
export type Marked = Crowd<Mark, 'workflow' | 'where'>;

/** Marks of all runs by their cause. Depends on the set of runs only. */
export class MarkLedger {
  readonly #byCause = new Map<string, Marked>();
  readonly #marksOfRun = new Map<RunId, readonly Mark[]>();
  readonly #unripe = new DueHeap<Mark>();

  /**
   * Replaces what the run gave before. What is not ripe yet counts later, unless the run was marked for its cause
   * before: what was said is not taken back because more arrives. @returns the causes that it touched, then or now.
   */
  put(runId: RunId, marks: readonly Mark[], now: UnixNs): ReadonlySet<string> {
    const before = this.#marksOfRun.get(runId) ?? NO_MARKS;
    if (before.length === 0 && marks.length === 0) return NO_CAUSES;
    const touched = new Set<string>();
    const said = new Set<string>();
    for (const mark of before) {
      const cause = causeKey(mark);
      const marked = this.#byCause.get(cause);
      if (marked?.delete(mark) === true) said.add(cause);
      if (marked?.size === 0) this.#byCause.delete(cause);
      touched.add(cause);
    }
    for (const mark of marks) {
      const { ripeNs } = mark;
      if (ripeNs === undefined || ripeNs <= now || said.has(causeKey(mark))) {
        touched.add(this.#count(mark));
      } else this.#unripe.push(ripeNs, mark);
    }
    if (marks.length === 0) this.#marksOfRun.delete(runId);
    else this.#marksOfRun.set(runId, marks);
    return touched;
  }

  /** Counts what has become ripe. @returns the causes that it touched. */
  ripen(now: UnixNs): ReadonlySet<string> {
    const due = this.#unripe.take(now);
    if (due.length === 0) return NO_CAUSES;
    // What the run has shown since may have taken it back.
    const valid = due.filter((mark) => this.#marksOfRun.get(mark.runId)?.includes(mark) === true);
    return new Set(valid.map((mark) => this.#count(mark)));
  }

  #count(mark: Mark): string {
    const cause = causeKey(mark);
    const marked: Marked = this.#byCause.get(cause) ?? new Crowd(FACETS);
    marked.add(mark);
    this.#byCause.set(cause, marked);
    return cause;
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
