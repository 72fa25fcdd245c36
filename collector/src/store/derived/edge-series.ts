import type { Hop, Place } from '@throughline/model/traffic';
import { LatencyHistogram } from './latency-histogram.js';

export const MINUTE_NS = 60_000_000_000n;
export const MINUTES_PER_HOUR = 60;

/** Movements added up. */
export class Cell {
  count = 0;
  errorCount = 0;
  readonly latency = new LatencyHistogram();

  add(bucket: number, isError: boolean, by: 1 | -1): void {
    this.count += by;
    if (isError) this.errorCount += by;
    this.latency.add(bucket, by);
  }

  addAll(other: Cell): void {
    this.count += other.count;
    this.errorCount += other.errorCount;
    this.latency.addAll(other.latency);
  }
}

/**
 * A minute's cell also knows the newest instant in it. Taking the newest away leaves the others unknown: then
 * `newestCount` is 0, `newestNs` is only an upper bound, and the table looks the newest up before it answers.
 */
export class MinuteCell extends Cell {
  newestNs = -1n;
  newestCount = 0;

  addAt(atNs: bigint): void {
    if (atNs > this.newestNs) {
      this.newestNs = atNs;
      this.newestCount = 1;
    } else if (atNs === this.newestNs) this.newestCount += 1;
  }

  /** @returns whether the newest is unknown now. */
  deleteAt(atNs: bigint): boolean {
    if (atNs === this.newestNs) this.newestCount -= 1;
    return this.newestCount === 0;
  }
}

/** One hop as its run's record keeps it, so that it can be taken back. */
export interface Movement {
  readonly series: EdgeSeries;
  readonly atNs: bigint;
  /** The minute that it lies in. */
  readonly minute: number;
  readonly bucket: number;
  readonly isError: boolean;
}

export interface SeriesKey {
  readonly workflow: string;
  readonly kind: Hop['kind'];
  readonly from: Place;
  readonly to: Place;
  readonly messageType: string | null;
}

/** The traffic of one edge, message type and workflow over time: by minute, by hour, and in all. */
export class EdgeSeries {
  readonly key: SeriesKey;
  readonly total = new Cell();
  readonly minutes = new Map<number, MinuteCell>();
  readonly #hours = new Map<number, Cell>();
  /** Keys of `#hours`, sorted. */
  readonly #hourOrder: number[] = [];

  constructor(key: SeriesKey) {
    this.key = key;
  }

  add({ atNs, minute, bucket, isError }: Movement): void {
    this.total.add(bucket, isError, 1);
    this.#hour(hourOf(minute)).add(bucket, isError, 1);
    let cell = this.minutes.get(minute);
    if (cell === undefined) this.minutes.set(minute, (cell = new MinuteCell()));
    cell.add(bucket, isError, 1);
    cell.addAt(atNs);
  }

  /** @returns whether the newest of that minute is unknown now. */
  delete({ atNs, minute, bucket, isError }: Movement): boolean {
    this.total.add(bucket, isError, -1);
    const hour = hourOf(minute);
    const hourCell = this.#hour(hour);
    hourCell.add(bucket, isError, -1);
    if (hourCell.count === 0) {
      this.#hours.delete(hour);
      this.#hourOrder.splice(this.#hourOrder.indexOf(hour), 1);
    }
    const cell = this.minutes.get(minute);
    if (cell === undefined) return false;
    cell.add(bucket, isError, -1);
    if (cell.count > 0) return cell.deleteAt(atNs);
    this.minutes.delete(minute);
    return false;
  }

  /** Adds up whole minutes, both included. @returns the newest instant in them; null when they are empty. */
  addUp(firstMinute: number, lastMinute: number, into: Cell): bigint | null {
    let newestNs: bigint | null = null;
    const isOpen = firstMinute === -Infinity && lastMinute === Infinity;
    if (isOpen) into.addAll(this.total);
    for (const hour of this.#hourOrder.toReversed()) {
      const first = Math.max(firstMinute, hour * MINUTES_PER_HOUR);
      const last = Math.min(lastMinute, hour * MINUTES_PER_HOUR + MINUTES_PER_HOUR - 1);
      if (first > last) continue;
      if (isOpen) return this.#newestOf(first, last);
      const isWhole = last - first === MINUTES_PER_HOUR - 1;
      if (isWhole) into.addAll(this.#hour(hour));
      else this.#addMinutes(first, last, into);
      newestNs ??= this.#newestOf(first, last);
    }
    return newestNs;
  }

  #addMinutes(first: number, last: number, into: Cell): void {
    for (let minute = first; minute <= last; minute += 1) {
      const cell = this.minutes.get(minute);
      if (cell !== undefined) into.addAll(cell);
    }
  }

  #newestOf(first: number, last: number): bigint | null {
    for (let minute = last; minute >= first; minute -= 1) {
      const cell = this.minutes.get(minute);
      if (cell !== undefined) return cell.newestNs;
    }
    return null;
  }

  #hour(hour: number): Cell {
    const known = this.#hours.get(hour);
    if (known !== undefined) return known;
    const cell = new Cell();
    this.#hours.set(hour, cell);
    const place = this.#hourOrder.findLastIndex((each) => each < hour) + 1;
    this.#hourOrder.splice(place, 0, hour);
    return cell;
  }
}

export function minuteOf(atNs: bigint): number {
  return Number(atNs / MINUTE_NS);
}

function hourOf(minute: number): number {
  return Math.floor(minute / MINUTES_PER_HOUR);
}
