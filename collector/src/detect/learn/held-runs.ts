import type { RunId } from '@throughline/model/ids';
import type { Run } from '@throughline/model/run';
import { msFromNs, type UnixNs } from '@throughline/model/time';
import { LIMITS } from '../../limits.js';
import type { Opened, Opening } from './opening.js';

const RELEASE_PERIOD_MS = 60_000;
const NOBODY: ReadonlyMap<RunId, readonly Opening[]> = new Map();

interface Held {
  readonly run: Run;
  readonly byPlace: ReadonlyMap<string, readonly Opening[]>;
}

/**
 * Runs in which a reaction is absent are held as they are, so that a lesson that is learned later, or changes,
 * finds them. They are let go when all reacted that are awaited, or when nothing more can be awaited; and those seen
 * first when there are too many.
 */
export class HeldRuns {
  readonly #held = new Map<RunId, Held>();
  readonly #byPlace = new Map<string, Map<RunId, readonly Opening[]>>();
  #releasedAtNs = 0n as UnixNs;

  put(run: Run, opened: readonly Opened[]): void {
    const known = this.#held.get(run.id);
    const byPlace = new Map<string, Opening[]>();
    for (const { key, opening } of opened) {
      const same = byPlace.get(key);
      if (same === undefined) byPlace.set(key, [opening]);
      else same.push(opening);
    }
    for (const key of known?.byPlace.keys() ?? []) {
      if (!byPlace.has(key)) this.#leave(key, run.id);
    }
    for (const [key, own] of byPlace) {
      const at = this.#byPlace.get(key);
      if (at === undefined) this.#byPlace.set(key, new Map([[run.id, own]]));
      else at.set(run.id, own);
    }
    this.#held.set(run.id, { run, byPlace });
    if (this.#held.size <= LIMITS.learnRunsHeldMax) return;
    for (const first of this.#held.keys()) {
      this.delete(first);
      return;
    }
  }

  delete(id: RunId): void {
    const known = this.#held.get(id);
    if (known === undefined) return;
    this.#held.delete(id);
    for (const key of known.byPlace.keys()) this.#leave(key, id);
  }

  get(id: RunId): Run | undefined {
    return this.#held.get(id)?.run;
  }

  /** Held runs that were at the place, and their openings there. */
  at(key: string): ReadonlyMap<RunId, readonly Opening[]> {
    return this.#byPlace.get(key) ?? NOBODY;
  }

  /** Lets go of runs that need not be looked at again: everybody reacted, or it is settled that nobody has to. */
  release(now: UnixNs, isAwaited: (byPlace: Held['byPlace']) => boolean): void {
    if (msFromNs(now - this.#releasedAtNs) < RELEASE_PERIOD_MS) return;
    this.#releasedAtNs = now;
    for (const [id, { run, byPlace }] of this.#held) {
      if (msFromNs(now - run.lastActivityAtNs) < LIMITS.learnRunHeldMs) continue;
      if (!isAwaited(byPlace)) this.delete(id);
    }
  }

  #leave(key: string, id: RunId): void {
    const at = this.#byPlace.get(key);
    at?.delete(id);
    if (at?.size === 0) this.#byPlace.delete(key);
  }
}
