import type { RunId } from '@throughline/model/ids';
import type { UnixNs } from '@throughline/model/time';
import { placeId, type Contribution, type Hop, type Place } from '@throughline/model/traffic';
import type { EdgeTraffic, TrafficWindow } from '../read-store.js';
import { Cell, EdgeSeries, minuteOf, type Movement, type SeriesKey } from './edge-series.js';
import { latencyBucket } from './latency-histogram.js';

/** What is found of one edge, while a window is being answered. */
interface Sum {
  readonly key: SeriesKey;
  readonly cell: Cell;
  newestNs: bigint;
  readonly types: Set<string>;
  readonly workflows: Set<string>;
}

/** Minutes that lie wholly inside a window, and those at its ends, of which only a part counts. */
interface Span {
  readonly first: number;
  readonly last: number;
  readonly borders: readonly number[];
}

/** The movements of all runs. A run's are replaced as a whole, so that none is ever counted twice. */
export class EdgeTable {
  readonly #series = new Map<string, EdgeSeries>();
  readonly #movements = new Map<RunId, readonly Movement[]>();
  /** Which runs moved something in a minute: what a window's first and last minute are counted from. */
  readonly #runsOfMinute = new Map<number, Set<RunId>>();
  /** Minutes in which the newest movement of some edge was taken away. */
  readonly #unsure = new Set<number>();

  put({ runId, workflow, hops }: Contribution): void {
    const before = this.#movements.get(runId) ?? NO_MOVEMENTS;
    const movements = hops.map((hop, at) => this.#movement(workflow, hop, before[at]));
    const added = movements.filter((movement, at) => movement !== before[at]);
    const left = before.filter((movement, at) => movement !== movements[at]);
    // New ones first, so that the newest of a minute stays known when it comes again at another place.
    for (const movement of added) {
      movement.series.add(movement);
      this.#runsIn(movement.minute).add(runId);
    }
    if (added.length > 0 || left.length > 0) this.#movements.set(runId, movements);
    this.#takeBack(left);
    this.#leave(runId, left, movements);
  }

  remove(runId: RunId): void {
    const before = this.#movements.get(runId) ?? NO_MOVEMENTS;
    this.#movements.delete(runId);
    this.#takeBack(before);
    this.#leave(runId, before, NO_MOVEMENTS);
  }

  edges(window: TrafficWindow): readonly EdgeTraffic[] {
    this.#settle();
    const sums = new Map<string, Sum>();
    const span = spanOf(window);
    for (const series of this.#series.values()) {
      if (window.workflow !== null && series.key.workflow !== window.workflow) continue;
      addWhole(sumOf(sums, series.key, window), series, span);
    }
    for (const minute of span.borders) this.#addBorder(minute, window, sums);
    return [...sums.values()].filter(({ cell }) => cell.count > 0).map((sum) => edge(sum, window));
  }

  #addBorder(minute: number, window: TrafficWindow, sums: Map<string, Sum>): void {
    for (const { series, atNs, bucket, isError } of this.#movementsIn(minute)) {
      if (window.workflow !== null && series.key.workflow !== window.workflow) continue;
      if (window.fromNs !== null && atNs < window.fromNs) continue;
      if (window.toNs !== null && atNs > window.toNs) continue;
      const sum = sumOf(sums, series.key, window);
      sum.cell.add(bucket, isError, 1);
      note(sum, series.key, atNs);
    }
  }

  /** The movement of a hop: the one of before where nothing about it changed. */
  #movement(workflow: string, hop: Hop, before: Movement | undefined): Movement {
    const { atNs, isError } = hop;
    const bucket = latencyBucket(hop.durationMs);
    const isSameSeries = before !== undefined && isOf(before.series.key, workflow, hop);
    if (
      isSameSeries &&
      before.atNs === atNs &&
      before.bucket === bucket &&
      before.isError === isError
    ) {
      return before;
    }
    const series = isSameSeries ? before.series : this.#seriesOf(workflow, hop);
    return { series, atNs, minute: minuteOf(atNs), bucket, isError };
  }

  #seriesOf(workflow: string, { kind, from, to, messageType }: Hop): EdgeSeries {
    const key: SeriesKey = { workflow, kind, from, to, messageType };
    const text = seriesText(key);
    let series = this.#series.get(text);
    if (series === undefined) this.#series.set(text, (series = new EdgeSeries(key)));
    return series;
  }

  #takeBack(movements: readonly Movement[]): void {
    for (const movement of movements) {
      const { series, minute } = movement;
      if (series.delete(movement)) this.#unsure.add(minute);
      if (series.total.count === 0) this.#series.delete(seriesText(series.key));
    }
  }

  /** The run has no movements any more in the minutes that it had before and has not now. */
  #leave(runId: RunId, left: readonly Movement[], movements: readonly Movement[]): void {
    if (left.length === 0) return;
    const minutes = new Set(movements.map(({ minute }) => minute));
    for (const { minute } of left) {
      if (minutes.has(minute)) continue;
      const runs = this.#runsIn(minute);
      runs.delete(runId);
      if (runs.size === 0) this.#runsOfMinute.delete(minute);
    }
  }

  /** Looks up what became unknown, one pass over the movements of each such minute. */
  #settle(): void {
    for (const minute of this.#unsure) {
      const unknown = new Set(
        [...this.#movementsIn(minute)]
          .map(({ series }) => series.minutes.get(minute))
          .filter((cell) => cell !== undefined && cell.newestCount === 0),
      );
      for (const cell of unknown) if (cell !== undefined) cell.newestNs = -1n;
      for (const { series, atNs } of this.#movementsIn(minute)) {
        const cell = series.minutes.get(minute);
        if (unknown.has(cell)) cell?.addAt(atNs);
      }
    }
    this.#unsure.clear();
  }

  *#movementsIn(minute: number): Generator<Movement, void> {
    for (const runId of this.#runsOfMinute.get(minute) ?? []) {
      for (const movement of this.#movements.get(runId) ?? []) {
        if (movement.minute === minute) yield movement;
      }
    }
  }

  #runsIn(minute: number): Set<RunId> {
    let runs = this.#runsOfMinute.get(minute);
    if (runs === undefined) this.#runsOfMinute.set(minute, (runs = new Set()));
    return runs;
  }
}

function spanOf({ fromNs, toNs }: TrafficWindow): Span {
  const from = fromNs === null ? null : minuteOf(fromNs);
  const to = toNs === null ? null : minuteOf(toNs);
  const borders = [...new Set([from, to])].filter((minute) => minute !== null);
  return {
    first: from === null ? Number.NEGATIVE_INFINITY : from + 1,
    last: to === null ? Number.POSITIVE_INFINITY : to - 1,
    borders: fromNs !== null && toNs !== null && fromNs > toNs ? [] : borders,
  };
}

function addWhole(sum: Sum, series: EdgeSeries, { first, last }: Span): void {
  const newestNs = series.addUp(first, last, sum.cell);
  if (newestNs !== null) note(sum, series.key, newestNs);
}

function note(sum: Sum, { messageType, workflow }: SeriesKey, atNs: bigint): void {
  if (atNs > sum.newestNs) sum.newestNs = atNs;
  if (messageType !== null) sum.types.add(messageType);
  sum.workflows.add(workflow);
}

function sumOf(sums: Map<string, Sum>, key: SeriesKey, { level }: TrafficWindow): Sum {
  const text = level === 'event' ? `${edgeText(key)}\n${typeText(key.messageType)}` : edgeText(key);
  let sum = sums.get(text);
  if (sum === undefined) {
    sum = { key, cell: new Cell(), newestNs: -1n, types: new Set(), workflows: new Set() };
    sums.set(text, sum);
  }
  return sum;
}

function edge({ key, cell, newestNs, types, workflows }: Sum, window: TrafficWindow): EdgeTraffic {
  return {
    kind: key.kind,
    from: key.from,
    to: key.to,
    messageType: window.level === 'event' ? key.messageType : null,
    messageTypes: [...types].sort(),
    workflows: [...workflows].sort(),
    count: cell.count,
    errorCount: cell.errorCount,
    p50Ms: cell.latency.quantileMs(0.5) ?? 0,
    p95Ms: cell.latency.quantileMs(0.95) ?? 0,
    p99Ms: cell.latency.quantileMs(0.99) ?? 0,
    lastSeenAtNs: newestNs as UnixNs,
  };
}

const NO_MOVEMENTS: readonly Movement[] = [];

/** Whether the hop is one of this series: told without a name being made of it. */
function isOf(key: SeriesKey, workflow: string, { kind, from, to, messageType }: Hop): boolean {
  return (
    key.workflow === workflow &&
    key.kind === kind &&
    key.messageType === messageType &&
    isSamePlace(key.from, from) &&
    isSamePlace(key.to, to)
  );
}

function isSamePlace(a: Place, b: Place): boolean {
  return a.name === b.name && a.kind === b.kind && a.system === b.system;
}

function seriesText(key: SeriesKey): string {
  return `${key.workflow}\n${edgeText(key)}\n${typeText(key.messageType)}`;
}

function edgeText({ kind, from, to }: SeriesKey): string {
  return `${kind}\n${placeId(from)}\n${placeId(to)}`;
}

/** Null and the empty name are two different types. */
function typeText(messageType: string | null): string {
  return messageType === null ? '' : `=${messageType}`;
}
