/** How often each thing was seen; what is taken back as often as it was seen is forgotten. No table while empty. */
export class Counts<K> {
  #counts: Map<K, number> | null = null;

  get size(): number {
    return this.#counts?.size ?? 0;
  }

  has(key: K): boolean {
    return this.#counts?.has(key) ?? false;
  }

  get(key: K): number {
    return this.#counts?.get(key) ?? 0;
  }

  /** What was seen, and how often. */
  all(): ReadonlyMap<K, number> {
    return this.#counts ?? new Map<K, number>();
  }

  keys(): Iterable<K> {
    return this.#counts?.keys() ?? [];
  }

  add(key: K, by: 1 | -1): void {
    this.#counts ??= new Map();
    const next = (this.#counts.get(key) ?? 0) + by;
    if (next > 0) this.#counts.set(key, next);
    else this.#counts.delete(key);
  }

  /** Takes all back at once. */
  delete(key: K): void {
    this.#counts?.delete(key);
  }
}
