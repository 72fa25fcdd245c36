/** Up to so many are looked through one by one, which costs less than a table of them, in time and in memory. */
const FEW = 8;

const EMPTY: readonly never[] = [];

/** A set of things of which there are mostly none, one or a few. In the order of adding. */
export class SmallSet<T extends object> implements Iterable<T> {
  #few: readonly T[] = EMPTY;
  #many: Set<T> | null = null;

  get size(): number {
    return this.#many === null ? this.#few.length : this.#many.size;
  }

  has(item: T): boolean {
    return this.#many === null ? this.#few.includes(item) : this.#many.has(item);
  }

  add(item: T): void {
    if (this.#many !== null) {
      this.#many.add(item);
      return;
    }
    if (this.#few.includes(item)) return;
    if (this.#few.length < FEW) {
      // A new list of just the right length: a list that grows keeps room for a dozen more.
      this.#few = [...this.#few, item];
      return;
    }
    this.#many = new Set(this.#few).add(item);
    this.#few = EMPTY;
  }

  /** @returns whether it was there. */
  delete(item: T): boolean {
    if (this.#many !== null) return this.#many.delete(item);
    const at = this.#few.indexOf(item);
    if (at < 0) return false;
    this.#few = this.#few.length === 1 ? EMPTY : this.#few.toSpliced(at, 1);
    return true;
  }

  /** What is added or taken out meanwhile may be passed over. */
  [Symbol.iterator](): Iterator<T> {
    return this.values()[Symbol.iterator]();
  }

  /** The same, for loops over many sets: most need no iterator of their own then. */
  values(): Iterable<T> {
    return this.#many ?? this.#few;
  }
}
