const CHUNK_LENGTH_MAX = 512;

/** A stretch of the list. */
interface Chunk<T> {
  readonly items: T[];
  /** Of each item, in one piece of memory: what is looked for is looked for here. */
  readonly keys: number[];
}

/** What is looked for. */
interface Probe<T> {
  readonly item: T;
  readonly key: number;
}

/**
 * A list that is always sorted: adding and removing cost a search and a move within one chunk, whatever the
 * length. Items that compare equal are interchangeable; each is kept as often as it was added.
 *
 * Filled: `[[1, 3, 3], [5, 8], [9]]`: chunks are never empty and at most CHUNK_LENGTH_MAX long.
 */
export class SortedList<T> {
  readonly #compare: (a: T, b: T) => number;
  readonly #keyOf: (item: T) => number;
  readonly #chunks: Chunk<T>[] = [];
  #size = 0;

  /**
   * @param keyOf a number that never falls along the order: items are compared themselves only where it is the same.
   * An instant as a double is one: it loses the last nanoseconds, and never the order.
   */
  constructor(compare: (a: T, b: T) => number, keyOf: (item: T) => number) {
    this.#compare = compare;
    this.#keyOf = keyOf;
  }

  get size(): number {
    return this.#size;
  }

  get first(): T | undefined {
    return this.#chunks[0]?.items[0];
  }

  get last(): T | undefined {
    return this.#chunks.at(-1)?.items.at(-1);
  }

  add(item: T): void {
    this.#size += 1;
    const probe = this.#probeOf(item);
    const lastChunk = this.#chunks.at(-1);
    const isAfterLast =
      lastChunk !== undefined && this.#isAfter(lastChunk, lastChunk.items.length - 1, probe);
    // Most instants are later than all before them: no search then, and chunks that are full stay whole.
    if (!isAfterLast) {
      if (lastChunk === undefined || lastChunk.items.length >= CHUNK_LENGTH_MAX)
        this.#chunks.push({ items: [item], keys: [probe.key] });
      else {
        lastChunk.items.push(item);
        lastChunk.keys.push(probe.key);
      }
      return;
    }
    const index = Math.max(0, this.#chunkAfter(probe) - 1);
    const chunk = this.#chunks[index] as Chunk<T>;
    const place = this.#placeAfter(chunk, probe);
    const { items, keys } = chunk;
    items.splice(place, 0, item);
    keys.splice(place, 0, probe.key);
    if (items.length <= CHUNK_LENGTH_MAX) return;
    const half = items.length >> 1;
    this.#chunks.splice(index + 1, 0, { items: items.splice(half), keys: keys.splice(half) });
  }

  /** Removes one item that compares equal. @returns whether there was one. */
  delete(item: T): boolean {
    const probe = this.#probeOf(item);
    const index = this.#chunkAfter(probe) - 1;
    const chunk = this.#chunks[index];
    if (chunk === undefined) return false;
    const place = this.#placeAfter(chunk, probe) - 1;
    const found = chunk.items[place];
    if (found === undefined || this.#compare(found, item) !== 0) return false;
    chunk.items.splice(place, 1);
    chunk.keys.splice(place, 1);
    if (chunk.items.length === 0) this.#chunks.splice(index, 1);
    this.#size -= 1;
    return true;
  }

  /** How many items do not come after this one. */
  countUpTo(item: T): number {
    const probe = this.#probeOf(item);
    const index = this.#chunkAfter(probe) - 1;
    const chunk = this.#chunks[index];
    if (chunk === undefined) return 0;
    let count = this.#placeAfter(chunk, probe);
    for (let at = 0; at < index; at += 1) count += this.#chunks[at]?.items.length ?? 0;
    return count;
  }

  /** Items that come after this one (null: all), first to last. The list must not change meanwhile. */
  *after(item: T | null): Generator<T, void> {
    let index = 0;
    let place = 0;
    if (item !== null) {
      const probe = this.#probeOf(item);
      index = Math.max(0, this.#chunkAfter(probe) - 1);
      place = this.#placeAfter(this.#chunks[index], probe);
    }
    for (; index < this.#chunks.length; index += 1, place = 0) {
      const items = this.#chunks[index]?.items ?? [];
      for (; place < items.length; place += 1) yield items[place] as T;
    }
  }

  /** Items that come before the probe (null: all), last to first. The list must not change meanwhile. */
  *before(probe: T | null): Generator<T, void> {
    const isBefore = (item: T | undefined): boolean =>
      item !== undefined && this.#compare(item, probe as T) < 0;
    let index = this.#chunks.length - 1;
    if (probe !== null) index = lowerBound(this.#chunks, ({ items }) => isBefore(items[0])) - 1;
    let isFirst = probe !== null;
    for (; index >= 0; index -= 1) {
      const items = this.#chunks[index]?.items ?? [];
      const end = isFirst ? lowerBound(items, isBefore) : items.length;
      isFirst = false;
      for (let place = end - 1; place >= 0; place -= 1) yield items[place] as T;
    }
  }

  #probeOf(item: T): Probe<T> {
    return { item, key: this.#keyOf(item) };
  }

  /** Whether what stands at the place comes after what is looked for. */
  #isAfter({ keys, items }: Chunk<T>, place: number, { item, key }: Probe<T>): boolean {
    const at = keys[place] as number;
    return at === key ? this.#compare(items[place] as T, item) > 0 : at > key;
  }

  /** Index of the first chunk that begins after it. */
  #chunkAfter(probe: Probe<T>): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#isAfter(this.#chunks[middle] as Chunk<T>, 0, probe)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #placeAfter(chunk: Chunk<T> | undefined, probe: Probe<T>): number {
    if (chunk === undefined) return 0;
    let low = 0;
    let high = chunk.items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#isAfter(chunk, middle, probe)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Index of the first element for which `isBefore` is false, in a list where it turns false once. */
function lowerBound<T>(list: readonly T[], isBefore: (item: T) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(list[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function compareInstants(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Many instants in order. */
export function instantList(): SortedList<bigint> {
  return new SortedList<bigint>(compareInstants, Number);
}
