import type { RunId } from '@throughline/model/ids';
import type { Run } from '@throughline/model/run';
import { msFromNs, type UnixNs } from '@throughline/model/time';
import { LIMITS } from '../../limits.js';
import type { Opened } from './opening.js';

const RELEASE_PERIOD_MS = 60_000;
const NOBODY: ReadonlySet<RunId> = new Set();

interface Held {
  readonly run: Run;
  readonly opened: readonly Opened[];
}

/**
 * Runs in which a reaction is absent are held as they are, so that a lesson that is learned later, or changes,
 * finds them. They are let go when all reacted that are awaited, or when nothing more can be awaited; and those seen
 * first when there are too many.
 */
export class HeldRuns {
  readonly #held = new Map<RunId, Held>();
  readonly #runsAt = new Map<string, Set<RunId>>();
  #releasedAtNs = 0n as UnixNs;

  put(run: Run, opened: readonly Opened[]): void {
    const before = this.#held.get(run.id)?.opened ?? NOTHING;
    this.#held.set(run.id, { run, opened });
    this.#move(run.id, before, opened);
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
    this.#move(id, known.opened, NOTHING);
  }

  get(id: RunId): Run | undefined {
    return this.#held.get(id)?.run;
  }

  /** What the held runs opened at the place. */
  *at(key: string): Iterable<Opened> {
    for (const id of this.#runsAt.get(key) ?? NOBODY) {
      for (const each of this.#held.get(id)?.opened ?? NOTHING) if (each.key === key) yield each;
    }
  }

  /** Lets go of runs that need not be looked at again: everybody reacted, or it is settled that nobody has to. */
  release(now: UnixNs, isAwaited: (opened: readonly Opened[]) => boolean): void {
    if (msFromNs(now - this.#releasedAtNs) < RELEASE_PERIOD_MS) return;
    this.#releasedAtNs = now;
    for (const [id, { run, opened }] of this.#held) {
      if (msFromNs(now - run.lastActivityAtNs) < LIMITS.learnRunHeldMs) continue;
      if (!isAwaited(opened)) this.delete(id);
    }
  }

  /** The run was at the places of before, and is at those of after. A run that grows keeps most of them. */
  #move(id: RunId, before: readonly Opened[], after: readonly Opened[]): void {
    let same = 0;
    while (same < before.length && before[same]?.key === after[same]?.key) same += 1;
    if (same < before.length) {
      const kept = new Set(after.map(({ key }) => key));
      for (const { key } of before) if (!kept.has(key)) this.#leave(key, id);
      same = 0;
    }
    for (let at = same; at < after.length; at += 1) {
      const { key } = after[at] as Opened;
      const runs = this.#runsAt.get(key);
      if (runs === undefined) this.#runsAt.set(key, new Set([id]));
      else runs.add(id);
    }
  }

  #leave(key: string, id: RunId): void {
    const runs = this.#runsAt.get(key);
    runs?.delete(id);
    if (runs?.size === 0) this.#runsAt.delete(key);
  }
}

const NOTHING: readonly Opened[] = [];
