import type { UnixNs } from '@throughline/model/time';

/** So many of the newest are remembered, so that the last one can be taken back. */
const REMEMBERED_MAX = 16;

/** How many instants there are, and the last one. Depends on their set only. */
export class LatestInstants {
  #count = 0;
  /** The newest ones, oldest first; every other is older than they are. */
  readonly #latest: UnixNs[] = [];

  get count(): number {
    return this.#count;
  }

  get last(): UnixNs | null {
    return this.#latest.at(-1) ?? null;
  }

  /** So many were taken back that the last one is not known any more: all have to be given anew. */
  get isStale(): boolean {
    return this.#latest.length === 0 && this.#count > 0;
  }

  add(atNs: UnixNs): void {
    const knowsAll = this.#latest.length === this.#count;
    this.#count += 1;
    const oldest = this.#latest[0];
    if (oldest !== undefined && atNs < oldest && !knowsAll) return;
    let at = this.#latest.length;
    while (at > 0 && (this.#latest[at - 1] ?? 0n) > atNs) at -= 1;
    this.#latest.splice(at, 0, atNs);
    if (this.#latest.length > REMEMBERED_MAX) this.#latest.shift();
  }

  remove(atNs: UnixNs): void {
    this.#count -= 1;
    const at = this.#latest.lastIndexOf(atNs);
    if (at >= 0) this.#latest.splice(at, 1);
  }

  clear(): void {
    this.#count = 0;
    this.#latest.length = 0;
  }
}
