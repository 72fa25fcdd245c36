import type { Affected } from './affected.js';

/** Blocks split beyond this; inserting moves half a block on average. */
const BLOCK_MAX = 512;

/**
 * Things in order of their instant, then run. Adding, taking out and finding an instant cost the logarithm of how
 * many there are, and one block.
 */
export class TimeList<T extends Affected> {
  readonly #blocks: T[][] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(item: T): void {
    this.#size += 1;
    const at = Math.max(0, this.#blockOf(item));
    const block = this.#blocks[at];
    if (block === undefined) {
      this.#blocks.push([item]);
      return;
    }
    block.splice(placeIn(block, item), 0, item);
    if (block.length > BLOCK_MAX) this.#blocks.splice(at + 1, 0, block.splice(BLOCK_MAX >> 1));
  }

  /** @returns false when the very thing is not in the list. */
  delete(item: T): boolean {
    // Equals to the order may begin in an earlier block, but no later than in the one found.
    for (let at = this.#blockOf(item); at >= 0; at -= 1) {
      const block = this.#blocks[at];
      const last = block?.at(-1);
      if (block === undefined || last === undefined || compared(last, item) < 0) return false;
      const index = block.indexOf(item, placeIn(block, item));
      if (index < 0) continue;
      block.splice(index, 1);
      if (block.length === 0) this.#blocks.splice(at, 1);
      this.#size -= 1;
      return true;
    }
    return false;
  }

  first(): T | undefined {
    return this.#blocks[0]?.[0];
  }

  last(): T | undefined {
    return this.#blocks.at(-1)?.at(-1);
  }

  /** Those after the instant, oldest first. */
  *after(atNs: bigint): Iterable<T> {
    for (let at = this.#firstBlockAfter(atNs); at < this.#blocks.length; at += 1) {
      for (const item of this.#blocks[at] ?? []) if (item.sinceNs > atNs) yield item;
    }
  }

  *newestFirst(): Iterable<T> {
    for (let at = this.#blocks.length - 1; at >= 0; at -= 1) {
      const block = this.#blocks[at] ?? [];
      for (let index = block.length - 1; index >= 0; index -= 1) yield block[index] as T;
    }
  }

  /** How many come after the instant. */
  countAfter(atNs: bigint): number {
    let count = 0;
    for (let at = this.#blocks.length - 1; at >= 0; at -= 1) {
      const block = this.#blocks[at] ?? [];
      if ((block[0]?.sinceNs ?? 0n) > atNs) {
        count += block.length;
        continue;
      }
      for (let index = block.length - 1; index >= 0; index -= 1) {
        if ((block[index] as T).sinceNs <= atNs) return count;
        count += 1;
      }
    }
    return count;
  }

  /** The last block that begins before the thing or with it; -1 when none does. */
  #blockOf(item: T): number {
    let from = 0;
    let to = this.#blocks.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      const first = this.#blocks[middle]?.[0];
      if (first !== undefined && compared(first, item) <= 0) from = middle + 1;
      else to = middle;
    }
    return from - 1;
  }

  #firstBlockAfter(atNs: bigint): number {
    let from = 0;
    let to = this.#blocks.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      const last = this.#blocks[middle]?.at(-1);
      if (last !== undefined && last.sinceNs <= atNs) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

/** The first place in the block that is not before the thing. */
function placeIn<T extends Affected>(block: readonly T[], item: T): number {
  let from = 0;
  let to = block.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (compared(block[middle] as T, item) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

function compared(a: Affected, b: Affected): number {
  if (a.sinceNs !== b.sinceNs) return a.sinceNs < b.sinceNs ? -1 : 1;
  return a.runId === b.runId ? 0 : a.runId < b.runId ? -1 : 1;
}
