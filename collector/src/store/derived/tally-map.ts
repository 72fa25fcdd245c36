/** Adds to a count and forgets it at zero, so that a table after a removal equals one that never had it. */
export function bump<K>(tally: Map<K, number>, key: K, by: 1 | -1): void {
  const count = (tally.get(key) ?? 0) + by;
  if (count === 0) tally.delete(key);
  else tally.set(key, count);
}
