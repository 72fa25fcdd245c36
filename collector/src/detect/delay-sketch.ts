import { invariant } from '@throughline/model/invariant';

/** Ratio of neighbouring bucket borders: a quantile is right within half of 4 %. */
const GROWTH = 1.04;
const LOG_GROWTH = Math.log(GROWTH);

/**
 * Counts durations in buckets of equal ratio. Adding and taking back commute and two sketches merge by adding,
 * so the answer depends on the set of durations only.
 */
export class DelaySketch {
  readonly #buckets = new Map<number, number>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(ms: number): void {
    const bucket = bucketOf(ms);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
    this.#count += 1;
  }

  /** Takes back a duration that was added before. */
  remove(ms: number): void {
    const bucket = bucketOf(ms);
    const held = this.#buckets.get(bucket) ?? 0;
    invariant(held > 0, 'a duration that is taken back was added before');
    if (held === 1) this.#buckets.delete(bucket);
    else this.#buckets.set(bucket, held - 1);
    this.#count -= 1;
  }

  merge(other: DelaySketch): void {
    for (const [bucket, count] of other.#buckets) {
      this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + count);
    }
    this.#count += other.#count;
  }

  /** Milliseconds that the share `q` of the durations does not exceed; null while there are none. */
  quantileMs(q: number): number | null {
    const rank = Math.max(1, Math.ceil(q * this.#count));
    let seen = 0;
    for (const bucket of [...this.#buckets.keys()].sort((a, b) => a - b)) {
      seen += this.#buckets.get(bucket) ?? 0;
      if (seen >= rank) return middleMs(bucket);
    }
    return null;
  }
}

/** Durations below a microsecond share the lowest bucket. */
const FLOOR_MS = 0.001;

function bucketOf(ms: number): number {
  return Math.ceil(Math.log(Math.max(ms, FLOOR_MS) / FLOOR_MS) / LOG_GROWTH);
}

function middleMs(bucket: number): number {
  return bucket === 0 ? 0 : FLOOR_MS * GROWTH ** (bucket - 0.5);
}
