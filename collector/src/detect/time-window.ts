import type { Affected } from './affected.js';
import type { Crowd } from './crowd.js';
import type { TimeList } from './time-list.js';

/**
 * Of a list, what lies after one instant and not after another. The instants move on with time; moving them costs what
 * comes in and what drops out.
 */
export class TimeWindow<T extends Affected, F extends string> {
  readonly #list: TimeList<T>;
  readonly #accepts: (item: T) => boolean;
  readonly crowd: Crowd<T, F>;
  #fromNs = 0n;
  #toNs = 0n;

  constructor(list: TimeList<T>, crowd: Crowd<T, F>, accepts: (item: T) => boolean) {
    this.#list = list;
    this.#accepts = accepts;
    this.crowd = crowd;
  }

  /** Moves the window to what comes after `fromNs`, up to and with `toNs`. */
  move(fromNs: bigint, toNs: bigint): void {
    const [oldFromNs, oldToNs] = [this.#fromNs, this.#toNs];
    const from = fromNs < toNs ? fromNs : toNs;
    if (from === oldFromNs && toNs === oldToNs) return;
    this.#fromNs = from;
    this.#toNs = toNs;
    if (this.crowd.size > 0) this.#drop(oldFromNs, oldToNs);
    this.#fill(oldToNs > from ? oldToNs : from, toNs);
    if (from < oldFromNs) this.#fill(from, oldFromNs < toNs ? oldFromNs : toNs);
  }

  /** Something came into the list. */
  added(item: T): void {
    if (this.#holds(item) && this.#accepts(item)) this.crowd.add(item);
  }

  /** Something left the list. */
  deleted(item: T): void {
    if (this.#holds(item) && this.#accepts(item)) this.crowd.delete(item);
  }

  #holds({ sinceNs }: T): boolean {
    return sinceNs > this.#fromNs && sinceNs <= this.#toNs;
  }

  #fill(fromNs: bigint, toNs: bigint): void {
    if (fromNs >= toNs) return;
    for (const item of this.#list.after(fromNs)) {
      if (item.sinceNs > toNs) break;
      if (this.#accepts(item)) this.crowd.add(item);
    }
  }

  #drop(oldFromNs: bigint, oldToNs: bigint): void {
    const gone: T[] = [];
    if (this.#fromNs > oldFromNs) {
      for (const item of this.crowd.after(oldFromNs)) {
        if (item.sinceNs > this.#fromNs) break;
        gone.push(item);
      }
    }
    if (this.#toNs < oldToNs) {
      for (const item of this.crowd.after(this.#toNs)) {
        if (item.sinceNs > oldToNs) break;
        gone.push(item);
      }
    }
    for (const item of gone) if (this.#accepts(item)) this.crowd.delete(item);
  }
}
