import type { RunId } from '@throughline/model/ids';
import type { UnixNs } from '@throughline/model/time';
import type { Opening, Place } from './opening.js';

/** All openings at one place, over all runs, in order of time. Depends on the set of runs only. */
export class Openings {
  readonly place: Place;
  readonly #ofRun = new Map<RunId, readonly Opening[]>();
  readonly #sorted: Opening[] = [];
  /** How many openings each reactor reacted to. */
  readonly #reactors = new Map<string, number>();

  #answeredCount = 0;

  constructor(place: Place) {
    this.place = place;
  }

  get size(): number {
    return this.#sorted.length;
  }

  /** Openings that anybody reacted to. */
  get answeredCount(): number {
    return this.#answeredCount;
  }

  /** Replaces what the run gave before. */
  replace(runId: RunId, openings: readonly Opening[]): void {
    for (const opening of this.#ofRun.get(runId) ?? []) {
      this.#sorted.splice(this.#placeOf(opening), 1);
      this.#tally(opening, -1);
    }
    const ordered = [...openings].sort(compared);
    for (const opening of ordered) {
      this.#sorted.splice(this.#placeOf(opening), 0, opening);
      this.#tally(opening, 1);
    }
    if (ordered.length === 0) this.#ofRun.delete(runId);
    else this.#ofRun.set(runId, ordered);
  }

  /** Those of the instant and later, oldest first. */
  since(atNs: UnixNs): readonly Opening[] {
    const first = this.#sorted[0];
    if (first === undefined || first.openedAtNs >= atNs) return this.#sorted;
    return this.#sorted.filter(({ openedAtNs }) => openedAtNs >= atNs);
  }

  of(runId: RunId): readonly Opening[] {
    return this.#ofRun.get(runId) ?? [];
  }

  get runCount(): number {
    return this.#ofRun.size;
  }

  runs(): Iterable<RunId> {
    return this.#ofRun.keys();
  }

  reactors(): ReadonlyMap<string, number> {
    return this.#reactors;
  }

  #tally({ reactions }: Opening, by: 1 | -1): void {
    if (reactions.size > 0) this.#answeredCount += by;
    for (const reactor of reactions.keys()) {
      const count = (this.#reactors.get(reactor) ?? 0) + by;
      if (count === 0) this.#reactors.delete(reactor);
      else this.#reactors.set(reactor, count);
    }
  }

  /** Where the opening is, or belongs. */
  #placeOf(opening: Opening): number {
    let from = 0;
    let to = this.#sorted.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      const other = this.#sorted[middle];
      if (other === undefined || compared(other, opening) >= 0) to = middle;
      else from = middle + 1;
    }
    const first = from;
    // Openings of one run at one instant are alike to the order; the very one has to be found.
    while (this.#sorted[from] !== opening) {
      const other = this.#sorted[from];
      if (other === undefined || compared(other, opening) !== 0) return first;
      from += 1;
    }
    return from;
  }
}

function compared(a: Opening, b: Opening): number {
  if (a.openedAtNs !== b.openedAtNs) return a.openedAtNs < b.openedAtNs ? -1 : 1;
  return a.runId === b.runId ? 0 : a.runId < b.runId ? -1 : 1;
}
