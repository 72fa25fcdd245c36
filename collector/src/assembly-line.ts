import type { RunId } from '@throughline/model/ids';
import { DirtyRuns } from './dirty-runs.js';

/** Work on one run that yields where others may have their turn. */
export type RunWork = Generator<undefined, boolean, undefined>;

export interface AssemblyLineDeps {
  /** Assembles the run and shows it. Returns false when there is no such run. */
  readonly work: (id: RunId) => RunWork;
  readonly nowMs: () => number;
}

interface HalfMade {
  readonly id: RunId;
  readonly work: RunWork;
  readonly sinceMs: number;
  spentMs: number;
  /** It changed since it was begun, and is finished all the same. */
  isStale: boolean;
}

/** One run is worked on for so long before it is another one's turn. */
const TURN_MS = 5;
/** Runs that are half made at once; no other is begun meanwhile. */
const HALF_MADE_MAX = 4;
/** A half-made run that changes is begun anew so often; then it is finished as it is, and made once more. */
const RESTARTS_MAX = 2;

/**
 * Makes runs, by turns: what is quick is not kept waiting by a run of 100,000 steps, and nobody by either. A run that
 * changes while it is half made is begun anew; one that changes all the time is shown all the same, now and then.
 */
export class AssemblyLine {
  readonly #deps: AssemblyLineDeps;
  readonly #dirty = new DirtyRuns();
  readonly #halfMade = new Map<RunId, HalfMade>();
  readonly #restarts = new Map<RunId, number>();
  #isTurnOfHalfMade = false;

  constructor(deps: AssemblyLineDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#dirty.size + this.#halfMade.size;
  }

  /** The run changed since it was shown. */
  has(id: RunId): boolean {
    return this.#halfMade.has(id) || this.#dirty.has(id);
  }

  changed(id: RunId): void {
    const half = this.#halfMade.get(id);
    const restarts = this.#restarts.get(id) ?? 0;
    if (half && restarts >= RESTARTS_MAX) {
      half.isStale = true;
      return;
    }
    if (half && this.#halfMade.delete(id)) this.#restarts.set(id, restarts + 1);
    this.#dirty.changed(id, this.#deps.nowMs());
  }

  gone(id: RunId): void {
    this.#dirty.gone(id);
    this.#halfMade.delete(id);
    this.#restarts.delete(id);
  }

  /**
   * Works until the time, on what does not rest; without one, until nothing is left.
   *
   * @returns the runs that are shown now.
   */
  advance(untilMs: number | null): readonly RunId[] {
    const done: RunId[] = [];
    for (;;) {
      const half = this.#next(untilMs === null);
      if (half === undefined) break;
      const endMs = this.#deps.nowMs() + TURN_MS;
      if (this.#workOn(half, Math.min(endMs, untilMs ?? endMs))) done.push(half.id);
      if (untilMs !== null && this.#deps.nowMs() > untilMs) break;
    }
    return done;
  }

  /** What changed longer ago than this is assembled, but for runs that rest. */
  behindMs(): number {
    const nowMs = this.#deps.nowMs();
    let behindMs = this.#dirty.behindMs(nowMs);
    for (const { sinceMs } of this.#halfMade.values()) {
      behindMs = Math.max(behindMs, nowMs - sinceMs);
    }
    return behindMs;
  }

  /** How long until there is something to do; null when there is nothing. */
  waitMs(): number | null {
    return this.#halfMade.size > 0 ? 0 : this.#dirty.waitMs(this.#deps.nowMs());
  }

  /** By turns a half-made run and one that is to be begun. */
  #next(isAll: boolean): HalfMade | undefined {
    const [half] = this.#halfMade.values();
    const isFull = this.#halfMade.size >= HALF_MADE_MAX;
    this.#isTurnOfHalfMade = !this.#isTurnOfHalfMade;
    if (half && (isFull || this.#isTurnOfHalfMade)) return half;
    const nowMs = this.#deps.nowMs();
    const id = isAll ? this.#dirty.takeAny() : this.#dirty.take(nowMs);
    if (id === undefined) return half;
    return { id, work: this.#deps.work(id), sinceMs: nowMs, spentMs: 0, isStale: false };
  }

  /** @returns whether the run is shown now. */
  #workOn(half: HalfMade, untilMs: number): boolean {
    const { id, work } = half;
    const { nowMs } = this.#deps;
    const startedMs = nowMs();
    this.#halfMade.delete(id);
    for (;;) {
      const { done, value } = work.next();
      const atMs = nowMs();
      if (done) {
        this.#restarts.delete(id);
        this.#dirty.assembled(id, half.spentMs + atMs - startedMs, atMs);
        if (half.isStale) this.#dirty.changed(id, atMs);
        return value;
      }
      if (atMs <= untilMs) continue;
      half.spentMs += atMs - startedMs;
      this.#halfMade.set(id, half);
      return false;
    }
  }
}
