import { comparePlaces, instantOf, placeOf, type Place } from '../derived/page-cursor.js';
import type { RunPageRequest, RunSummary } from '../read-store.js';
import type { BlockHead } from './block.js';
import { placeIn } from './block.js';
import type { BlockSource } from './block-source.js';

type Ordering = Pick<RunPageRequest, 'sort' | 'descending'>;

export interface Walk extends Ordering {
  /** Behind this place; null: from the beginning. */
  readonly after: Place | null;
  /** Those that may hold what is looked for. */
  readonly heads: readonly BlockHead[];
  /** Asked of every run of a block that is read: it had better be quick. */
  readonly passes: (run: RunSummary) => boolean;
  /** Blocks to read at most, but for those without which there is no getting on. */
  readonly blocksMax: number;
}

interface Bounded {
  readonly head: BlockHead;
  /** Where its first run stands that the walk has not passed. */
  readonly boundNs: bigint;
}

/**
 * Runs of many blocks in one order. Blocks are read when it is their first run's turn, so that a page costs the blocks
 * that it shows, however many there are.
 *
 * @returns where it had to end for want of reading; null: there is no more.
 */
export function* walkBlocks(source: BlockSource, walk: Walk): Generator<RunSummary, Place | null> {
  const { descending, sort, after, blocksMax } = walk;
  const isBefore = (a: bigint, b: bigint): boolean => (descending ? a > b : a < b);
  const ahead = boundedHeads(source, walk).sort((a, b) =>
    a.boundNs === b.boundNs ? 0 : isBefore(a.boundNs, b.boundNs) ? -1 : 1,
  );
  const waiting = new Waiting(descending, sort);
  for (const [at, { head, boundNs }] of ahead.entries()) {
    yield* waiting.upTo(boundNs);
    const isProgress = boundNs !== after?.valueNs;
    if (at >= blocksMax && isProgress) return { valueNs: boundNs, id: edgeId(descending) };
    for (const run of runsOf(source, head)) {
      const isAhead = after === null || isBehind(placeOf(run, sort), after, descending);
      if (isAhead && walk.passes(run)) waiting.add(run);
    }
  }
  yield* waiting.upTo(null);
  return null;
}

export function* runsOf(source: BlockSource, { id }: BlockHead): Generator<RunSummary, void> {
  for (const [index, { runs }] of source.families(id).entries()) {
    if (source.isHidden(placeIn(id, index))) continue;
    for (const { summary } of runs) yield summary;
  }
}

function boundedHeads(source: BlockSource, { heads, sort, descending, after }: Walk): Bounded[] {
  const bounded: Bounded[] = [];
  for (const head of heads) {
    const [low, high] = head.bounds[sort];
    const first = descending ? high : low;
    const last = descending ? low : high;
    if (after === null || isFirst(first, after.valueNs, descending)) {
      bounded.push({ head, boundNs: first });
    } else if (last === after.valueNs || isFirst(last, after.valueNs, descending)) {
      bounded.push({ head, boundNs: boundBehind(source.values(head.id, sort), after, descending) });
    }
  }
  return bounded;
}

/** Whether everything from this value on stands behind the other. */
function isFirst(value: bigint, afterNs: bigint, descending: boolean): boolean {
  return descending ? value < afterNs : value > afterNs;
}

/** The first value that is not before the place. */
function boundBehind(values: BigInt64Array, { valueNs }: Place, descending: boolean): bigint {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const value = values[middle] ?? 0n;
    if (descending ? value <= valueNs : value < valueNs) low = middle + 1;
    else high = middle;
  }
  return values[descending ? low - 1 : low] ?? valueNs;
}

function isBehind(place: Place, after: Place, descending: boolean): boolean {
  const order = comparePlaces(place, after);
  return descending ? order < 0 : order > 0;
}

/** Ids begin with `r_`: of equal values, all runs are still to come. */
function edgeId(descending: boolean): Place['id'] {
  return (descending ? 'z' : '-') as Place['id'];
}

/** Runs that were read and whose turn has not come. */
class Waiting {
  readonly #descending: boolean;
  readonly #sort: RunPageRequest['sort'];
  /** The next one last. */
  #runs: RunSummary[] = [];
  #isSorted = true;

  constructor(descending: boolean, sort: RunPageRequest['sort']) {
    this.#descending = descending;
    this.#sort = sort;
  }

  add(run: RunSummary): void {
    this.#runs.push(run);
    this.#isSorted = false;
  }

  /** Those that stand before every run from the value on; null: all. */
  *upTo(boundNs: bigint | null): Generator<RunSummary, void> {
    this.#sortRuns();
    for (let run = this.#runs.at(-1); run !== undefined; run = this.#runs.at(-1)) {
      const value = instantOf(run, this.#sort);
      const isDue = boundNs === null || (this.#descending ? value > boundNs : value < boundNs);
      if (!isDue) return;
      this.#runs.pop();
      yield run;
    }
  }

  #sortRuns(): void {
    if (this.#isSorted) return;
    const sign = this.#descending ? 1 : -1;
    this.#runs.sort((a, b) => sign * comparePlaces(placeOf(a, this.#sort), placeOf(b, this.#sort)));
    this.#isSorted = true;
  }
}
