import type { Affected } from './affected.js';

/** Blocks split beyond this; inserting moves half a block on average. */
const BLOCK_MAX = 256;

/** A stretch of the list; `keys` are the instants as doubles, in one piece of memory, to look for a place in. */
interface Block<T> {
  readonly items: T[];
  readonly keys: number[];
}

interface Sought<T> {
  readonly item: T;
  readonly key: number;
}

/**
 * Things in order of their instant, then run. Adding, taking out and finding an instant cost the logarithm of how
 * many there are, and one block.
 */
export class TimeList<T extends Affected> {
  readonly #blocks: Block<T>[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(item: T): void {
    this.#size += 1;
    const sought = soughtOf(item);
    const { key } = sought;
    const last = this.#blocks.at(-1);
    if (last === undefined) {
      this.#blocks.push({ items: [item], keys: [key] });
      return;
    }
    // Most come in the order of time: then there is nothing to look for and nothing to move.
    const isLast = compared(last, last.items.length - 1, sought) < 0;
    const at = isLast ? this.#blocks.length - 1 : Math.max(0, this.#blockOf(sought));
    const { items, keys } = this.#blocks[at] as Block<T>;
    const place = isLast ? items.length : placeIn(this.#blocks[at] as Block<T>, sought);
    if (isLast) {
      items.push(item);
      keys.push(key);
    } else {
      items.splice(place, 0, item);
      keys.splice(place, 0, key);
    }
    if (items.length <= BLOCK_MAX) return;
    const half = BLOCK_MAX >> 1;
    this.#blocks.splice(at + 1, 0, { items: items.splice(half), keys: keys.splice(half) });
  }

  /** @returns false when the very thing is not in the list. */
  delete(item: T): boolean {
    const sought = soughtOf(item);
    // Equals to the order may begin in an earlier block, but no later than in the one found.
    for (let at = this.#blockOf(sought); at >= 0; at -= 1) {
      const block = this.#blocks[at];
      if (block === undefined) return false;
      const { items, keys } = block;
      if (compared(block, items.length - 1, sought) < 0) return false;
      const index = items.indexOf(item, placeIn(block, sought));
      if (index < 0) continue;
      items.splice(index, 1);
      keys.splice(index, 1);
      if (items.length === 0) this.#blocks.splice(at, 1);
      this.#size -= 1;
      return true;
    }
    return false;
  }

  first(): T | undefined {
    return this.#blocks[0]?.items[0];
  }

  last(): T | undefined {
    return this.#blocks.at(-1)?.items.at(-1);
  }

  /** Those after the instant, oldest first. */
  *after(atNs: bigint): Iterable<T> {
    for (let at = this.#firstBlockAfter(atNs); at < this.#blocks.length; at += 1) {
      for (const item of this.#blocks[at]?.items ?? []) if (item.sinceNs > atNs) yield item;
    }
  }

  *newestFirst(): Iterable<T> {
    for (let at = this.#blocks.length - 1; at >= 0; at -= 1) {
      const items = this.#blocks[at]?.items ?? [];
      for (let index = items.length - 1; index >= 0; index -= 1) yield items[index] as T;
    }
  }

  /** How many come after the instant. */
  countAfter(atNs: bigint): number {
    let count = 0;
    for (let at = this.#blocks.length - 1; at >= 0; at -= 1) {
      const items = this.#blocks[at]?.items ?? [];
      if ((items[0]?.sinceNs ?? 0n) > atNs) {
        count += items.length;
        continue;
      }
      for (let index = items.length - 1; index >= 0; index -= 1) {
        if ((items[index] as T).sinceNs <= atNs) return count;
        count += 1;
      }
    }
    return count;
  }

  /** The last block that begins before the thing or with it; -1 when none does. */
  #blockOf(sought: Sought<T>): number {
    let from = 0;
    let to = this.#blocks.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (compared(this.#blocks[middle] as Block<T>, 0, sought) <= 0) from = middle + 1;
      else to = middle;
    }
    return from - 1;
  }

  #firstBlockAfter(atNs: bigint): number {
    let from = 0;
    let to = this.#blocks.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      const last = this.#blocks[middle]?.items.at(-1);
      if (last !== undefined && last.sinceNs <= atNs) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

/** The first place in the block that is not before the thing. */
function placeIn<T extends Affected>(block: Block<T>, sought: Sought<T>): number {
  let from = 0;
  let to = block.items.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (compared(block, middle, sought) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** What stands at the place, compared with the thing: by their instants as doubles, and exactly where those agree. */
function compared<T extends Affected>(block: Block<T>, place: number, sought: Sought<T>): number {
  const difference = (block.keys[place] as number) - sought.key;
  if (difference !== 0) return difference;
  const [a, b] = [block.items[place] as T, sought.item];
  if (a.sinceNs !== b.sinceNs) return a.sinceNs < b.sinceNs ? -1 : 1;
  return a.runId === b.runId ? 0 : a.runId < b.runId ? -1 : 1;
}

function soughtOf<T extends Affected>(item: T): Sought<T> {
  return { item, key: Number(item.sinceNs) };
}
