/** Up to so many are looked through one by one, which costs less than a table of them, in time and in memory. */
const FEW = 16;

const EMPTY: readonly never[] = [];

/** A set of things of which there are mostly none, one or a few. In the order of adding. */
export class SmallSet<T extends object> implements Iterable<T> {
  /** The only one, as most often, without a list around it. */
  #only: T | null = null;
  #more: readonly T[] | Set<T> | null = null;

  get size(): number {
    if (this.#more === null) return this.#only === null ? 0 : 1;
    return isList(this.#more) ? this.#more.length : this.#more.size;
  }

  /** The one that is there; undefined when there is none, or more than one. */
  get only(): T | undefined {
    return this.#only ?? undefined;
  }

  has(item: T): boolean {
    if (this.#more === null) return this.#only === item;
    return isList(this.#more) ? this.#more.includes(item) : this.#more.has(item);
  }

  add(item: T): void {
    if (this.has(item)) return;
    if (this.#more === null) {
      if (this.#only !== null) this.#more = [this.#only, item];
      this.#only = this.#more === null ? item : null;
    } else if (!isList(this.#more)) this.#more.add(item);
    // A new list of just the right length: a list that grows keeps room for a dozen more.
    else if (this.#more.length < FEW) this.#more = this.#more.concat([item]);
    else this.#more = new Set(this.#more).add(item);
  }

  /** @returns whether it was there. */
  delete(item: T): boolean {
    if (!this.has(item)) return false;
    if (this.#more === null) this.#only = null;
    else if (!isList(this.#more)) this.#more.delete(item);
    else if (this.#more.length > 2) this.#more = this.#more.filter((each) => each !== item);
    else {
      this.#only = this.#more.find((each) => each !== item) ?? null;
      this.#more = null;
    }
    return true;
  }

  /** What is added or taken out meanwhile may be passed over. */
  [Symbol.iterator](): Iterator<T> {
    return this.values()[Symbol.iterator]();
  }

  /** The same, for loops over many sets: most need no iterator of their own then. */
  values(): Iterable<T> {
    if (this.#more !== null) return this.#more;
    return this.#only === null ? EMPTY : [this.#only];
  }
}

function isList<T>(more: readonly T[] | Set<T>): more is readonly T[] {
  return Array.isArray(more);
}
