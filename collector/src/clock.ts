import { instantFromMs, type UnixNs } from '@throughline/model/time';

/** Time is a value. Only `main.ts`, `server.ts` and tests make a clock. */
export interface Clock {
  now(): UnixNs;
  /** Calls `tick` again and again, `periodMs` apart. @returns a function that stops it. */
  every(periodMs: number, tick: () => void): () => void;
  /** Calls `act` once. @returns a function that prevents it. */
  after(delayMs: number, act: () => void): () => void;
}

/** Node lets what waits longer than this wait for 1 ms. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => instantFromMs(Date.now()),
  every(periodMs, tick) {
    if (periodMs > TIMER_MS_MAX) return everyLong(periodMs, tick);
    const timer = setInterval(tick, periodMs);
    timer.unref();
    return () => clearInterval(timer);
  },
  after(delayMs, act) {
    let timer: NodeJS.Timeout;
    const wait = (leftMs: number): void => {
      const rest = leftMs - TIMER_MS_MAX;
      timer = rest > 0 ? setTimeout(() => wait(rest), TIMER_MS_MAX) : setTimeout(act, leftMs);
      timer.unref();
    };
    wait(delayMs);
    return () => clearTimeout(timer);
  },
};

function everyLong(periodMs: number, tick: () => void): () => void {
  let stop: () => void = () => undefined;
  const again = (): void => {
    stop = systemClock.after(periodMs, () => {
      again();
      tick();
    });
  };
  again();
  return () => stop();
}
