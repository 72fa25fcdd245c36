import { setTimeout as sleep } from 'node:timers/promises';

/** A phase that took longer than it may. The benchmark says so and goes on with the next one. */
export class LimitHit extends Error {
  override readonly name = 'LimitHit';
}

/** @throws LimitHit when the promise has not settled by then. */
export async function within<T>(ms: number, promise: Promise<T>, what: string): Promise<T> {
  const cancel = new AbortController();
  const limit = sleep(ms, undefined, { signal: cancel.signal }).then(() => {
    throw new LimitHit(`${what} took more than ${String(Math.round(ms / 1_000))} s`);
  });
  limit.catch(() => undefined);
  try {
    return await Promise.race([promise, limit]);
  } finally {
    cancel.abort();
  }
}
