import type { EngineDeps } from '@throughline/collector/engine';
import { nsFromMs, type UnixNs } from '@throughline/model/time';

interface Timer {
  dueAtNs: bigint;
  readonly periodNs: bigint | null;
  readonly act: () => void;
}

/** A clock that is told what time it is, and then calls what has come due. */
export class ToldClock {
  readonly #timers = new Set<Timer>();
  #nowNs: bigint;

  constructor(startNs: bigint) {
    this.#nowNs = startNs;
  }

  readonly clock: EngineDeps['clock'] = {
    now: () => this.#nowNs as UnixNs,
    every: (periodMs, act) => this.#start(periodMs, { periodNs: nsFromMs(periodMs), act }),
    after: (delayMs, act) => this.#start(delayMs, { periodNs: null, act }),
  };

  /** Moves on to the instant; timers are called in order of time. */
  moveTo(untilNs: bigint): void {
    for (let next = this.#next(untilNs); next !== null; next = this.#next(untilNs)) {
      this.#nowNs = next.dueAtNs;
      if (next.periodNs === null) this.#timers.delete(next);
      else next.dueAtNs += next.periodNs;
      next.act();
    }
    this.#nowNs = untilNs;
  }

  #next(untilNs: bigint): Timer | null {
    let first: Timer | null = null;
    for (const timer of this.#timers) {
      if (timer.dueAtNs <= untilNs && (first === null || timer.dueAtNs < first.dueAtNs)) {
        first = timer;
      }
    }
    return first;
  }

  #start(delayMs: number, how: Pick<Timer, 'periodNs' | 'act'>): () => void {
    const timer: Timer = { ...how, dueAtNs: this.#nowNs + nsFromMs(Math.ceil(delayMs)) };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }
}
