/** How much goes at once when the view is full: forgetting looks through everything, so it is done seldom. */
const SLACK = 0.05;

/**
 * Which stored bodies are in view: the newest ones, up to a number of spans that fits into memory. Older ones
 * stay in the store until retention takes them; raising the bound and starting again shows them.
 */
export class ViewWindow {
  readonly #spansMax: number;
  /** By id. */
  #bodies: { readonly id: number; readonly spanCount: number }[] = [];
  #spanCount = 0;
  #spansLeft = 0;

  constructor(spansMax: number) {
    this.#spansMax = spansMax;
  }

  /** Spans in view. */
  get spans(): number {
    return this.#spanCount;
  }

  /** Spans that left the view since start. */
  get spansLeft(): number {
    return this.#spansLeft;
  }

  /** The newest body; 0 while there is none. */
  get newestId(): number {
    return this.#bodies.at(-1)?.id ?? 0;
  }

  /** @returns the id of the first body still in view when older ones must leave now; null otherwise. */
  add(id: number, spanCount: number): number | null {
    this.#bodies.push({ id, spanCount });
    this.#spanCount += spanCount;
    if (this.#spanCount <= this.#spansMax * (1 + SLACK)) return null;
    let leaving = 0;
    while (this.#spanCount > this.#spansMax && leaving < this.#bodies.length - 1) {
      const left = this.#bodies[leaving]?.spanCount ?? 0;
      this.#spanCount -= left;
      this.#spansLeft += left;
      leaving += 1;
    }
    this.#bodies = this.#bodies.slice(leaving);
    return this.#bodies[0]?.id ?? null;
  }

  /** Retention took everything before this body but what is held. @returns whether any of it was in view. */
  drop(beforeId: number, held: ReadonlySet<number>): boolean {
    const kept = this.#bodies.filter(({ id }) => id >= beforeId || held.has(id));
    if (kept.length === this.#bodies.length) return false;
    this.#spanCount = kept.reduce((sum, { spanCount }) => sum + spanCount, 0);
    this.#bodies = kept;
    return true;
  }
}
