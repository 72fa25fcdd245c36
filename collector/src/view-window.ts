/** How much is forgotten at once: forgetting looks through everything, so it is done seldom. */
const SHARE = 0.05;
/** So few need not be looked through for what is needed no more. */
const BODIES_LOOKED_AT = 1_000;

/** The stored bodies whose spans came into memory, by age. */
export class ViewWindow {
  /** By id. */
  #bodies: { readonly id: number; readonly spanCount: number }[] = [];
  #spanCount = 0;
  #spansForgotten = 0;

  /** Spans that were shed since start. */
  get spansForgotten(): number {
    return this.#spansForgotten;
  }

  /** The newest body; 0 while there is none. */
  get newestId(): number {
    return this.#bodies.at(-1)?.id ?? 0;
  }

  /** @param firstNeededId bodies before it hold nothing in memory that has to be read again. */
  add(id: number, spanCount: number, firstNeededId: number): void {
    this.#bodies.push({ id, spanCount });
    this.#spanCount += spanCount;
    const first = this.#bodies[Math.floor(this.#bodies.length / 2)];
    if (this.#bodies.length > BODIES_LOOKED_AT && first !== undefined && first.id < firstNeededId) {
      this.#forget((each) => each < firstNeededId);
    }
  }

  /**
   * Gives up the oldest bodies; those before the first that is needed hold nothing in memory.
   *
   * @returns the first body that stays; null when there is nothing to give up.
   */
  shed(firstNeededId: number): number | null {
    this.#forget((id) => id < firstNeededId);
    const least = this.#spanCount * SHARE;
    let leaving = 0;
    let shed = 0;
    while (shed < least && leaving < this.#bodies.length - 1) {
      shed += this.#bodies[leaving]?.spanCount ?? 0;
      leaving += 1;
    }
    if (leaving === 0) return null;
    this.#bodies = this.#bodies.slice(leaving);
    this.#spanCount -= shed;
    this.#spansForgotten += shed;
    return this.#bodies[0]?.id ?? null;
  }

  /** Retention took everything before this body but what is held. @returns whether any of it may be in memory. */
  drop(beforeId: number, held: ReadonlySet<number>): boolean {
    return this.#forget((id) => id < beforeId && !held.has(id));
  }

  #forget(isGone: (id: number) => boolean): boolean {
    const kept = this.#bodies.filter(({ id }) => !isGone(id));
    if (kept.length === this.#bodies.length) return false;
    this.#spanCount = kept.reduce((sum, { spanCount }) => sum + spanCount, 0);
    this.#bodies = kept;
    return true;
  }
}
