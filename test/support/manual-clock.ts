import { nsFromMs, type UnixNs } from '@throughline/model/time';
import type { Clock } from '../../collector/src/clock.js';

export interface ManualClock extends Clock {
  /** Moves time on and calls what has come due, in order of time. */
  advance(ms: number): void;
  /** Timers that run. */
  readonly timerCount: number;
}

interface Timer {
  dueAtNs: bigint;
  readonly periodMs: number | null;
  readonly act: () => void;
}

/** A clock that stands still until it is told to move on. */
export function manualClock(startNs = 1_767_225_600_000_000_000n): ManualClock {
  let nowNs = startNs;
  const timers = new Set<Timer>();
  const start = (timer: Timer): (() => void) => {
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  return {
    now: () => nowNs as UnixNs,
    get timerCount() {
      return timers.size;
    },
    every: (periodMs, act) => start({ dueAtNs: nowNs + nsFromMs(periodMs), periodMs, act }),
    after: (delayMs, act) => start({ dueAtNs: nowNs + nsFromMs(delayMs), periodMs: null, act }),
    advance(ms) {
      const untilNs = nowNs + nsFromMs(ms);
      for (;;) {
        const next = [...timers]
          .filter(({ dueAtNs }) => dueAtNs <= untilNs)
          .reduce<Timer | null>((a, b) => (a === null || b.dueAtNs < a.dueAtNs ? b : a), null);
        if (next === null) break;
        nowNs = next.dueAtNs;
        if (next.periodMs === null) timers.delete(next);
        else next.dueAtNs += nsFromMs(next.periodMs);
        next.act();
      }
      nowNs = untilNs;
    },
  };
}
