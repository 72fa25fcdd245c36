/**
 * How many steps in memory need which stored body: what a restart has to read again. Ids mostly grow, and a step holds
 * on to one body, so there are far fewer entries than steps.
 */
export class Anchors {
  readonly #counts = new Map<number, number>();
  #oldest: number | null = null;

  add(bodyId: number): void {
    const count = this.#counts.get(bodyId) ?? 0;
    this.#counts.set(bodyId, count + 1);
    if (this.#oldest !== null && bodyId < this.#oldest) this.#oldest = bodyId;
  }

  drop(bodyId: number): void {
    const count = this.#counts.get(bodyId) ?? 0;
    if (count > 1) {
      this.#counts.set(bodyId, count - 1);
      return;
    }
    this.#counts.delete(bodyId);
    if (bodyId === this.#oldest) this.#oldest = null;
  }

  /** The first body that any step needs; null when none does. */
  get oldest(): number | null {
    if (this.#oldest === null && this.#counts.size > 0) {
      let oldest = Infinity;
      for (const bodyId of this.#counts.keys()) oldest = Math.min(oldest, bodyId);
      this.#oldest = oldest;
    }
    return this.#oldest;
  }
}
