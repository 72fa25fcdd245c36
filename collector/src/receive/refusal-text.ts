import type { Rejected } from '../wire.js';

/** Refusals that are named one by one; the rest is a number. */
const NAMED_MAX = 5;

/** One text for the sender: how many were refused, why the first ones were. */
export function refusalText(rejected: readonly Rejected[]): string {
  const named = rejected.slice(0, NAMED_MAX).map(({ reason, detail }) => `${detail} (${reason})`);
  const rest = rejected.length - named.length;
  const more = rest > 0 ? [`and ${rest} more`] : [];
  return `${rejected.length} refused: ${[...named, ...more].join('; ')}`;
}
