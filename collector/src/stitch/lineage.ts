import type { Entry } from './trace-state.js';

/** Finds the nearest ancestor in a run, past any number of steps outside it; each of those is passed once. */
export class Lineage {
  readonly #isInside: (entry: Entry) => boolean;
  readonly #nearestAbove = new Map<Entry, Entry | null>();

  constructor(isInside: (entry: Entry) => boolean) {
    this.#isInside = isInside;
  }

  nearest(entry: Entry): Entry | undefined {
    const passed = new Set<Entry>();
    let at = entry.trace.parentOf(entry);
    let found: Entry | null = null;
    while (at && !passed.has(at)) {
      if (this.#isInside(at)) {
        found = at;
        break;
      }
      const known = this.#nearestAbove.get(at);
      if (known !== undefined) {
        found = known;
        break;
      }
      passed.add(at);
      at = at.trace.parentOf(at);
    }
    for (const one of passed) this.#nearestAbove.set(one, found);
    return found === null || found === entry ? undefined : found;
  }
}
