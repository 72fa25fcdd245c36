const FIRST_MS = 2_000;
const LONGEST_MS = 60 * 60_000;

/**
 * How long to wait after the n-th failed attempt: 2 s, 4 s, 8 s … one hour, of which a random half is left out, so
 * that what failed together does not come back together. A receiver that names a time is not asked before it.
 *
 * @param chance from 0 up to, not including, 1.
 */
export function backoffMs(attempts: number, chance: number, retryAfterMs: number | null): number {
  const whole = Math.min(FIRST_MS * 2 ** Math.max(0, attempts - 1), LONGEST_MS);
  const waitMs = whole / 2 + (whole / 2) * chance;
  return Math.max(waitMs, Math.min(retryAfterMs ?? 0, LONGEST_MS));
}
