import { nsFromMs, type UnixNs } from '@throughline/model/time';

/** A process without a sweep for so long was stopped, or starved; what came meanwhile gets as long to be heard. */
const WAKING_MS = 3_000;
/** Assembling that is less behind is made up for by the patience of the rules. */
const BEHIND_MS_MIN = 2_500;

/** What is *now* for the rules: nothing that may lie in a backlog, or in the sockets of a process that slept, is absent. */
export class Present {
  #awakeAtNs = 0n;
  #judgeFromNs = 0n;
  #seenUntilNs = 0n as UnixNs;

  /** To be called when judging by the clock begins. */
  begins(now: UnixNs): void {
    this.#awakeAtNs = now;
  }

  /** To be called regularly. @returns whether what holds now may be judged. */
  isAwake(now: UnixNs): boolean {
    const wakingNs = nsFromMs(WAKING_MS);
    if (now - this.#awakeAtNs > wakingNs) this.#judgeFromNs = now + wakingNs;
    this.#awakeAtNs = now;
    return now >= this.#judgeFromNs;
  }

  /**
   * What was received until this instant is assembled. While a backlog is worked off, it stands still.
   *
   * @param behindMs how far assembling is behind.
   */
  seenUntil(now: UnixNs, behindMs: number): UnixNs {
    const seenUntilNs = behindMs < BEHIND_MS_MIN ? now : now - nsFromMs(Math.round(behindMs));
    if (seenUntilNs > this.#seenUntilNs) this.#seenUntilNs = seenUntilNs as UnixNs;
    return this.#seenUntilNs;
  }
}
