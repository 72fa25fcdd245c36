import type { RunId } from '@throughline/model/ids';

/** A run that keeps changing is put off behind the others for at most this long. */
const PUT_OFF_MAX_MS = 1_000;
/** Assembling a run that takes long to assemble takes at most one part in so many of the time. */
const REST_FACTOR = 10;
/** What is assembled faster than this need not rest: whoever reads at once what he sent finds it, on a slow machine too. */
const QUICK_MS = 50;

/**
 * The runs that changed since they were assembled, in the order in which it pays to assemble them: those first that
 * fell silent, so that what arrives in many requests is assembled once, and not once per request. A run that is costly
 * (it may have 100,000 steps) rests after it was assembled for as long as it cost, ten times over.
 *
 * Filled: `#waiting` r_a → 1,200 ms (first changed then), r_b → 950 ms · `#resting` r_c → 4,000 ms (not before).
 */
export class DirtyRuns {
  readonly #waiting = new Map<RunId, number>();
  readonly #resting = new Map<RunId, number>();
  readonly #notBeforeMs = new Map<RunId, number>();

  get size(): number {
    return this.#waiting.size + this.#resting.size;
  }

  has(id: RunId): boolean {
    return this.#waiting.has(id) || this.#resting.has(id);
  }

  changed(id: RunId, nowMs: number): void {
    const notBeforeMs = this.#notBeforeMs.get(id);
    if (notBeforeMs !== undefined && notBeforeMs > nowMs) {
      this.#resting.set(id, notBeforeMs);
      return;
    }
    const sinceMs = this.#waiting.get(id);
    if (sinceMs === undefined) this.#waiting.set(id, nowMs);
    else if (nowMs - sinceMs < PUT_OFF_MAX_MS) {
      this.#waiting.delete(id);
      this.#waiting.set(id, sinceMs);
    }
  }

  gone(id: RunId): void {
    this.#waiting.delete(id);
    this.#resting.delete(id);
    this.#notBeforeMs.delete(id);
  }

  /** The next run to assemble now; undefined when there is none, or all that are left rest. */
  take(nowMs: number): RunId | undefined {
    for (const [id, notBeforeMs] of this.#resting) {
      if (notBeforeMs > nowMs) continue;
      this.#resting.delete(id);
      return id;
    }
    for (const id of this.#waiting.keys()) {
      this.#waiting.delete(id);
      return id;
    }
    return undefined;
  }

  /** Whatever is left, resting or not: nobody is kept waiting by it. */
  takeAny(): RunId | undefined {
    return this.take(Number.POSITIVE_INFINITY);
  }

  assembled(id: RunId, spentMs: number, nowMs: number): void {
    if (spentMs > QUICK_MS) this.#notBeforeMs.set(id, nowMs + spentMs * REST_FACTOR);
    else this.#notBeforeMs.delete(id);
  }

  /** What changed longer ago than this is assembled, but for runs that rest. */
  behindMs(nowMs: number): number {
    // The first in the row waits longest, but for those that were put off behind it.
    for (const sinceMs of this.#waiting.values()) return nowMs - sinceMs + PUT_OFF_MAX_MS;
    return 0;
  }

  /** How long until there is something to take; null when nothing is dirty. */
  waitMs(nowMs: number): number | null {
    if (this.#waiting.size > 0) return 0;
    if (this.#resting.size === 0) return null;
    return Math.max(0, Math.min(...this.#resting.values()) - nowMs);
  }
}
