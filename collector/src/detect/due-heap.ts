import type { UnixNs } from '@throughline/model/time';

interface Due<T> {
  readonly atNs: UnixNs;
  readonly what: T;
}

/** Things that have to be looked at from an instant on; taking the due ones costs only what is due. */
export class DueHeap<T> {
  readonly #heap: Due<T>[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** When the next thing is due; null when there is none. */
  get nextNs(): UnixNs | null {
    return this.#heap[0]?.atNs ?? null;
  }

  push(atNs: UnixNs, what: T): void {
    const heap = this.#heap;
    heap.push({ atNs, what });
    let at = heap.length - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!this.#swapIfEarlier(at, above)) return;
      at = above;
    }
  }

  /** Takes out everything due at the instant. */
  take(now: UnixNs): T[] {
    const due: T[] = [];
    for (let top = this.#heap[0]; top !== undefined && top.atNs <= now; top = this.#heap[0]) {
      due.push(top.what);
      this.#dropTop();
    }
    return due;
  }

  #dropTop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const isRightEarlier = right < heap.length && this.#atNs(right) < this.#atNs(left);
      const below = isRightEarlier ? right : left;
      if (below >= heap.length || !this.#swapIfEarlier(below, at)) return;
      at = below;
    }
  }

  #atNs(index: number): bigint {
    return this.#heap[index]?.atNs ?? 0n;
  }

  #swapIfEarlier(below: number, above: number): boolean {
    const lower = this.#heap[below];
    const upper = this.#heap[above];
    if (lower === undefined || upper === undefined || lower.atNs >= upper.atNs) return false;
    this.#heap[below] = upper;
    this.#heap[above] = lower;
    return true;
  }
}
