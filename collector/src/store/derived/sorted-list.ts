const CHUNK_LENGTH_MAX = 512;

/**
 * A list that is always sorted: adding and removing cost a search and a move within one chunk, whatever the
 * length. Items that compare equal are interchangeable; each is kept as often as it was added.
 *
 * Filled: `[[1, 3, 3], [5, 8], [9]]`: chunks are never empty and at most CHUNK_LENGTH_MAX long.
 */
export class SortedList<T> {
  readonly #compare: (a: T, b: T) => number;
  readonly #chunks: T[][] = [];
  #size = 0;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#size;
  }

  get first(): T | undefined {
    return this.#chunks[0]?.[0];
  }

  get last(): T | undefined {
    return this.#chunks.at(-1)?.at(-1);
  }

  add(item: T): void {
    this.#size += 1;
    const lastChunk = this.#chunks.at(-1);
    // Most instants are later than all before them: no search then, and chunks that are full stay whole.
    if (lastChunk === undefined || this.#compare(lastChunk.at(-1) as T, item) <= 0) {
      if (lastChunk === undefined || lastChunk.length >= CHUNK_LENGTH_MAX)
        this.#chunks.push([item]);
      else lastChunk.push(item);
      return;
    }
    const index = Math.max(0, this.#chunkAfter(item) - 1);
    const chunk = this.#chunks[index] as T[];
    chunk.splice(this.#placeAfter(chunk, item), 0, item);
    if (chunk.length <= CHUNK_LENGTH_MAX) return;
    this.#chunks.splice(index + 1, 0, chunk.splice(chunk.length >> 1));
  }

  /** Removes one item that compares equal. @returns whether there was one. */
  delete(item: T): boolean {
    const index = this.#chunkAfter(item) - 1;
    const chunk = this.#chunks[index];
    if (chunk === undefined) return false;
    const place = this.#placeAfter(chunk, item) - 1;
    const found = chunk[place];
    if (found === undefined || this.#compare(found, item) !== 0) return false;
    chunk.splice(place, 1);
    if (chunk.length === 0) this.#chunks.splice(index, 1);
    this.#size -= 1;
    return true;
  }

  /** How many items do not come after the probe. */
  countUpTo(probe: T): number {
    const index = this.#chunkAfter(probe) - 1;
    const chunk = this.#chunks[index];
    if (chunk === undefined) return 0;
    let count = this.#placeAfter(chunk, probe);
    for (let before = 0; before < index; before += 1) count += this.#chunks[before]?.length ?? 0;
    return count;
  }

  /** Items that come after the probe (null: all), first to last. The list must not change meanwhile. */
  *after(probe: T | null): Generator<T, void> {
    let index = probe === null ? 0 : Math.max(0, this.#chunkAfter(probe) - 1);
    let place = probe === null ? 0 : this.#placeAfter(this.#chunks[index] ?? [], probe);
    for (; index < this.#chunks.length; index += 1, place = 0) {
      const chunk = this.#chunks[index] ?? [];
      for (; place < chunk.length; place += 1) yield chunk[place] as T;
    }
  }

  /** Items that come before the probe (null: all), last to first. The list must not change meanwhile. */
  *before(probe: T | null): Generator<T, void> {
    let index = this.#chunks.length - 1;
    if (probe !== null) {
      index = lowerBound(this.#chunks, (chunk) => this.#compare(chunk[0] as T, probe) < 0) - 1;
    }
    let isFirst = probe !== null;
    for (; index >= 0; index -= 1) {
      const chunk = this.#chunks[index] ?? [];
      const end = isFirst
        ? lowerBound(chunk, (item) => this.#compare(item, probe as T) < 0)
        : chunk.length;
      isFirst = false;
      for (let place = end - 1; place >= 0; place -= 1) yield chunk[place] as T;
    }
  }

  /** Index of the first chunk that begins after the item. */
  #chunkAfter(item: T): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(this.#chunks[middle]?.[0] as T, item) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #placeAfter(chunk: readonly T[], item: T): number {
    let low = 0;
    let high = chunk.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(chunk[middle] as T, item) <= 0) low = middle + 1;
      else high = middle;
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
