/** Buckets per doubling: a bucket's middle is within 1.1 % of everything in it. */
const BUCKETS_PER_DOUBLING = 32;

/** Bucket 0 holds what took no time; the others are log-scaled from one nanosecond. */
export function latencyBucket(ms: number): number {
  if (!(ms > 0)) return 0;
  return Math.max(1, Math.floor(Math.log2(ms * 1e6) * BUCKETS_PER_DOUBLING) + 1);
}

/** The middle of a bucket, on the scale of the buckets. */
export function bucketMs(bucket: number): number {
  return bucket === 0 ? 0 : 2 ** ((bucket - 0.5) / BUCKETS_PER_DOUBLING) / 1e6;
}

/** How many durations fell into each bucket. What was added can be taken away again, in any order. */
export class LatencyHistogram {
  /** Sorted; `#counts` runs beside it. Few buckets are ever used, so lists are smaller than a table. */
  readonly #buckets: number[] = [];
  readonly #counts: number[] = [];
  #total = 0;

  get total(): number {
    return this.#total;
  }

  add(bucket: number, count = 1): void {
    this.#total += count;
    const place = this.#placeOf(bucket);
    if (this.#buckets[place] !== bucket) {
      this.#buckets.splice(place, 0, bucket);
      this.#counts.splice(place, 0, count);
      return;
    }
    const sum = (this.#counts[place] ?? 0) + count;
    if (sum !== 0) {
      this.#counts[place] = sum;
      return;
    }
    this.#buckets.splice(place, 1);
    this.#counts.splice(place, 1);
  }

  addAll(other: LatencyHistogram): void {
    for (const [place, bucket] of other.#buckets.entries()) {
      this.add(bucket, other.#counts[place] ?? 0);
    }
  }

  /** Nearest rank. @returns null while empty. */
  quantileMs(share: number): number | null {
    const rank = Math.max(1, Math.ceil(share * this.#total));
    let seen = 0;
    for (const [place, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= rank) return bucketMs(this.#buckets[place] ?? 0);
    }
    return null;
  }

  #placeOf(bucket: number): number {
    let low = 0;
    let high = this.#buckets.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#buckets[middle] ?? 0) < bucket) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
