import { setTimeout as pause } from 'node:timers/promises';

/**
 * Asks again and again until the answer is neither undefined, null nor false.
 *
 * @throws when the time is over, with the last fault that the question met.
 */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  { withinMs = 20_000, everyMs = 50 } = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = performance.now() + withinMs;
  let fault: unknown;
  do {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== null && answer !== false)
        return answer as NonNullable<Exclude<T, false>>;
      fault = undefined;
    } catch (thrown) {
      fault = thrown;
    }
    await pause(everyMs);
  } while (performance.now() < deadline);
  throw new Error(`Waited ${String(withinMs)} ms in vain until ${what}`, { cause: fault });
}
