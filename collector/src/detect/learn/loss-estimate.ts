import type { Lesson } from './lesson.js';

/** Below this share of lost spans nobody is wronged by believing what is absent. */
const LOSSLESS = 0.0005;
/** Of all places, the worst that are left out. */
const WORST_SHARE = 1 / 3;

/**
 * How many spans get lost on their way here: of the reactions that other steps prove, so many were not seen
 * themselves. Where a reaction shows in one span only, nothing else tells a lost span from a lost message.
 */
export class LossEstimate {
  readonly #byPlace = new Map<string, Counted>();

  note(key: string, lessons: readonly Lesson[]): void {
    this.#byPlace.delete(key);
    let [seen, lost] = [0, 0];
    for (const { state, isFaint, sampleCount, share, waivedCount } of lessons) {
      if (state !== 'learned' || isFaint) continue;
      seen += Math.round(share * sampleCount);
      lost += waivedCount;
    }
    if (seen + lost > 0) this.#byPlace.set(key, { seen, lost });
  }

  /**
   * Of spans that were certainly sent, the share that did not arrive; 0 where it is too little to matter. Places that
   * lose far more than others have a trouble of their own, and say nothing of the rest: the worst of them are left out.
   */
  get share(): number {
    const places = [...this.#byPlace.values()].sort((a, b) => shareOf(a) - shareOf(b));
    const usual = places.slice(0, places.length - Math.floor(places.length * WORST_SHARE));
    const seen = usual.reduce((sum, place) => sum + place.seen, 0);
    const lost = usual.reduce((sum, place) => sum + place.lost, 0);
    const share = lost === 0 ? 0 : lost / (seen + lost);
    return share < LOSSLESS ? 0 : share;
  }
}

interface Counted {
  readonly seen: number;
  readonly lost: number;
}

function shareOf({ seen, lost }: Counted): number {
  return lost / (seen + lost);
}
