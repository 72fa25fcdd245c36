import type { CoarseKey } from '@throughline/model/coarse-key';
import type { RunId } from '@throughline/model/ids';
import type { Run } from '@throughline/model/run';
import type { Step } from '@throughline/model/step';

/** What became of each step that was added: same order as the argument. */
export type Arrival = 'stored' | 'duplicate' | 'replaced-pending';

/**
 * The set of steps and the runs they make. Pure: no I/O, no clock. The runs depend on the set of steps only,
 * never on order, batching or repetition of `add`.
 */
export class Stitcher {
  add(steps: readonly Step[]): readonly Arrival[] {
    return steps.map(() => 'stored');
  }

  /** Runs that must be assembled anew since the last call, and ids that no longer name a run of their own. */
  takeChanges(): { readonly changed: readonly RunId[]; readonly gone: readonly RunId[] } {
    return { changed: [], gone: [] };
  }

  /** Assembles the run of an id or alias from its steps; undefined when nobody ever was called so. */
  run(_idOrAlias: string): Run | undefined {
    return undefined;
  }

  /** Ids of all runs. */
  ids(): Iterable<RunId> {
    return [];
  }

  /** Key values that were demoted because they would glue many runs together (S6). */
  coarseKeys(): readonly CoarseKey[] {
    return [];
  }
}
