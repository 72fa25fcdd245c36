import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerProcess } from './server-process.js';

/** The collector sweeps once a second, so a shorter window would see a sweep in one and none in the next. */
const WINDOW_MS = 1_000;
const POLL_MS = 50;
/** More than this is work, however even it is. */
const IDLE_SHARE_MAX = 0.3;
const ALIKE_S = 0.03;
const ALIKE_SHARE = 0.25;

export interface Settled {
  /** CPU that the server used until it was done and quiet, without what it uses when idle. */
  readonly workS: number;
  /** CPU seconds that it uses in a second without any request. */
  readonly idleS: number;
  readonly limitHit: boolean;
}

/**
 * Waits until the server has done all that it took (`isDone`) and then uses the same little CPU for two windows in a
 * row. What it uses then is its idle sweep, which is taken off for as long as nobody sent anything.
 *
 * @param cpuBeforeS CPU of the server when the work began
 */
export async function settle(
  server: ServerProcess,
  cpuBeforeS: number,
  { isDone, limitMs }: { isDone(): Promise<boolean>; limitMs: number },
): Promise<Settled> {
  const start = performance.now();
  const isLate = (): boolean => performance.now() - start > limitMs;
  while (!(await isDone()) && !isLate()) await sleep(POLL_MS);
  let before = Number.POSITIVE_INFINITY;
  for (;;) {
    const [from, at] = [server.cpuS(), performance.now()];
    await sleep(WINDOW_MS);
    const share = (server.cpuS() - from) / ((performance.now() - at) / 1_000);
    const isAlike = Math.abs(share - before) <= Math.max(ALIKE_S, share * ALIKE_SHARE);
    const isIdle = isAlike && share <= IDLE_SHARE_MAX;
    if (isIdle || isLate()) {
      const waitedS = (performance.now() - start) / 1_000;
      const workS = server.cpuS() - cpuBeforeS - (isIdle ? share * waitedS : 0);
      return { workS, idleS: share, limitHit: !isIdle };
    }
    before = share;
  }
}
