import { instantFromMs, type UnixNs } from '@throughline/model/time';

/** Time is a value. Only `main.ts`, `server.ts` and tests make a clock. */
export interface Clock {
  now(): UnixNs;
  /** Calls `tick` again and again, `periodMs` apart. @returns a function that stops it. */
  every(periodMs: number, tick: () => void): () => void;
  /** Calls `act` once. @returns a function that prevents it. */
  after(delayMs: number, act: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => instantFromMs(Date.now()),
  every(periodMs, tick) {
    const timer = setInterval(tick, periodMs);
    timer.unref();
    return () => clearInterval(timer);
  },
  after(delayMs, act) {
    const timer = setTimeout(act, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
