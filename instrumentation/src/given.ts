import { LIMITS } from './limits.js';

// What an app hands over is typed, but not every app is checked by a compiler. These functions make of
// anything what its type promised, in bounded time.

/** A name: text as it is, cut to its bound; anything else as what it is. */
export function nameOf(given: unknown): string {
  if (typeof given === 'string') return given.slice(0, LIMITS.nameCharsMax);
  if (typeof given === 'number' || typeof given === 'bigint') return String(given);
  return `[${typeof given}]`;
}

/** An id or type: text within its bound, else null. */
export function idOf(given: unknown): string | null {
  if (typeof given === 'number' || typeof given === 'bigint') return String(given);
  if (typeof given !== 'string' || given === '') return null;
  return given.slice(0, LIMITS.nameCharsMax);
}

/** Named values; nothing when no object was given. */
export function recordOf<T>(given: Readonly<Record<string, T>> | undefined): Record<string, T> {
  return typeof given === 'object' && (given as unknown) !== null ? { ...given } : {};
}

export function namesOf(given: unknown): string[] {
  const names: unknown[] = Array.isArray(given) ? given.slice(0, LIMITS.namesMax) : [given];
  return names.filter((name) => typeof name === 'string').map(nameOf);
}

export function wholeNumberOf(given: unknown): number | null {
  const number = Math.trunc(Number(given));
  return Number.isSafeInteger(number) ? number : null;
}
