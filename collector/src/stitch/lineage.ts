import { ownerOf } from './group.js';
import type { KeyCluster } from './key-node.js';
import type { Ties } from './ties.js';
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

/** Steps of a cluster that led to another of its steps, past any steps outside. */
export function causesWithin(cluster: KeyCluster, ties: Ties): (entry: Entry) => Entry[] {
  const lineage = new Lineage(({ homes }) => homes.some((home) => ownerOf(home) === cluster));
  return (entry) => {
    const ancestor = lineage.nearest(entry);
    const targets = ties.tie(entry)?.targets ?? [];
    return ancestor ? [ancestor, ...targets] : [...targets];
  };
}
