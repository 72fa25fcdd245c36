import type { Lesson } from './lesson.js';

/** Below this share of lost spans nobody is wronged by believing what is absent. */
const LOSSLESS = 0.0005;

/**
 * How many spans get lost on their way here: of the reactions that other steps prove, so many were not seen
 * themselves. Where a reaction shows in one span only, nothing else tells a lost span from a lost message.
 */
export class LossEstimate {
  readonly #byPlace = new Map<string, { readonly seen: number; readonly lost: number }>();
  #seen = 0;
  #lost = 0;

  note(key: string, lessons: readonly Lesson[]): void {
    const before = this.#byPlace.get(key);
    this.#seen -= before?.seen ?? 0;
    this.#lost -= before?.lost ?? 0;
    this.#byPlace.delete(key);
    let [seen, lost] = [0, 0];
    for (const { state, isFaint, sampleCount, share, waivedCount } of lessons) {
      if (state !== 'learned' || isFaint) continue;
      seen += Math.round(share * sampleCount);
      lost += waivedCount;
    }
    if (seen + lost === 0) return;
    this.#byPlace.set(key, { seen, lost });
    this.#seen += seen;
    this.#lost += lost;
  }

  /** Of spans that were certainly sent, the share that did not arrive; 0 where it is too little to matter. */
  get share(): number {
    const share = this.#lost === 0 ? 0 : this.#lost / (this.#seen + this.#lost);
    return share < LOSSLESS ? 0 : share;
  }
}
