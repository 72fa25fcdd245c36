import type { RunId } from '@throughline/model/ids';
import type { Run } from '@throughline/model/run';
import { ReadBodies, type ReadBodiesDeps } from './read-bodies.js';
import type { Stitcher } from './stitch/stitch.js';
import { tracesOf, type RunArchive, type StoredFamily } from './store/run-archive.js';

export interface ArchivedRunsDeps extends ReadBodiesDeps {
  readonly archive: RunArchive;
}

/** Runs that are not in memory, stitched aside from their stored spans for whoever wants to look at them. */
export class ArchivedRuns {
  readonly #archive: RunArchive;
  readonly #bodies: ReadBodies;

  constructor(deps: ArchivedRunsDeps) {
    this.#archive = deps.archive;
    this.#bodies = new ReadBodies(deps);
  }

  /** Whether the run, or a part of it, lies here. */
  has(id: RunId): boolean {
    return !this.#archive.isEmpty && this.#archive.placesOf(id).length > 0;
  }

  run(idOrAlias: string, newStitcher: () => Stitcher): Run | undefined {
    const families = this.#families(idOrAlias);
    if (families.length === 0) return undefined;
    const stitcher = newStitcher();
    for (const family of families) {
      const traces = tracesOf(family);
      this.#bodies.eachOf(family.bodyIds, traces, (steps, id) => stitcher.add(steps, id));
    }
    stitcher.takeChanges();
    return stitcher.run(idOrAlias);
  }

  /** The stored bodies that hold the spans of a run, ascending. */
  bodyIds(idOrAlias: string): readonly number[] {
    const ids = new Set(this.#families(idOrAlias).flatMap(({ bodyIds }) => bodyIds));
    return [...ids].sort((a, b) => a - b);
  }

  #families(idOrAlias: string): StoredFamily[] {
    const families = this.#archive.placesOf(idOrAlias).map((place) => this.#archive.family(place));
    return families.filter((family) => family !== undefined);
  }
}
