import type { RunId } from '@throughline/model/ids';
import { msFromNs, type UnixNs } from '@throughline/model/time';
import type { Affected } from './affected.js';
import { Crowd } from './crowd.js';
import { DelaySketch } from './delay-sketch.js';
import { believed } from './doubt.js';
import type { Entry } from './entry.js';
import { LatestInstants } from './latest-instants.js';
import type { Passage } from './learn/learned-pledge.js';
import { brokenAtNs, type Pledge } from './pledge.js';
import { TimeList } from './time-list.js';

/** A kept promise: no more of it is needed than when it was opened, and how long it took. */
interface Kept extends Affected {
  readonly openedAtNs: UnixNs;
  readonly delayMs: number;
  readonly isFaint: boolean;
}

interface Share {
  readonly kept: readonly Kept[];
  readonly unkept: readonly Entry[];
  readonly late: readonly Entry[];
}

/** Promises that were kept after their deadline and grace. */
export type Late = Crowd<Entry>;

/**
 * One expectation over all runs: who waits at it, who passed it, how long that took. The edge is the pair of
 * what opened the promise and what should follow, by whom, in one workflow.
 */
export class EdgeTraffic {
  readonly workflow: string;
  readonly afterName: string;
  readonly what: string;
  readonly by: string | null;
  readonly late: Late = new Crowd<Entry>({});
  readonly #delays = new DelaySketch();
  readonly #shares = new Map<RunId, Share>();
  /** In order of the instant from which their absence is believed. */
  readonly #unkept = new TimeList<Entry>();
  readonly #passed = new LatestInstants();
  /** By when they were opened; of those that were learned, none. */
  readonly #kept = new TimeList<Kept>();
  #faintCount = 0;
  #passage: Passage | null = null;
  #slowest: Entry | null = null;

  constructor({ workflow, afterName, what, by }: Pledge) {
    this.workflow = workflow;
    this.afterName = afterName;
    this.what = what;
    this.by = by;
  }

  /** Milliseconds between the opening and the keeping of kept promises. */
  get delays(): DelaySketch {
    return this.#passage?.delays ?? this.#delays;
  }

  /** No run has part in it any more. */
  get isEmpty(): boolean {
    return this.#shares.size === 0;
  }

  get isUnkept(): boolean {
    return this.#unkept.size > 0;
  }

  /** A learned edge books unkept promises only; those that were kept are known to whoever learned it. */
  follow(passage: Passage): void {
    this.#passage = passage;
  }

  replace(runId: RunId, entries: readonly Entry[]): void {
    const before = this.#shares.get(runId);
    if (before !== undefined) this.#takeBack(before);
    if (entries.length === 0) {
      this.#shares.delete(runId);
      return;
    }
    const share = shareOf(entries);
    for (const each of share.kept) {
      this.#delays.add(each.delayMs);
      this.#passed.add(each.openedAtNs);
      this.#kept.add(each);
      if (each.isFaint) this.#faintCount += 1;
    }
    for (const entry of share.unkept) this.#unkept.add(entry);
    for (const entry of share.late) {
      this.late.add(entry);
      if (this.#slowest !== null && isSlower(entry, this.#slowest)) this.#slowest = entry;
    }
    this.#shares.set(runId, share);
  }

  /** Promises that were not kept (overdue or cancelled) and whose absence is believed at the instant, oldest first. */
  *unkeptAt(now: UnixNs): Iterable<Entry> {
    for (const entry of this.#unkept.after(-1n)) {
      if (entry.sinceNs > now) return;
      yield entry;
    }
  }

  /** Whether the run still owes something here, due or not. */
  owes(runId: RunId): boolean {
    return (this.#shares.get(runId)?.unkept.length ?? 0) > 0;
  }

  /** The same, without those that lost spans explain. @param lossShare of all spans, those that get lost. */
  believedAt(now: UnixNs, lossShare: number): readonly Entry[] {
    const absent = [...this.unkeptAt(now)];
    const kept = this.#kept;
    const record = {
      keptCount: kept.size,
      faintCount: this.#faintCount,
      keptBetween: (fromNs: bigint, toNs: bigint) =>
        kept.countAfter(fromNs) - kept.countAfter(toNs),
    };
    return believed(absent, record, lossShare);
  }

  /** What the run still owes here. */
  openOf(runId: RunId): readonly Pledge[] {
    const unkept = this.#shares.get(runId)?.unkept ?? NO_ENTRIES;
    return unkept.flatMap(({ pledge }) => (pledge.isCancelled ? [] : [pledge]));
  }

  /** The next instant at which a promise that is not kept becomes a finding; null when none is ahead. */
  nextBrokenNs(now: UnixNs): UnixNs | null {
    for (const { sinceNs } of this.#unkept.after(now)) return sinceNs;
    return null;
  }

  /** Of the promises kept late, the one that took longest. */
  slowest(): Entry | null {
    if (this.#slowest === null) {
      for (const entry of this.late.newestFirst()) {
        if (this.#slowest === null || isSlower(entry, this.#slowest)) this.#slowest = entry;
      }
    }
    return this.#slowest;
  }

  /** The latest opening among kept promises: the way was open for whoever came then. */
  lastPassedOpenedAtNs(): UnixNs | null {
    if (this.#passage !== null) return this.#passage.lastPassedOpenedAtNs;
    if (this.#passed.isStale) {
      this.#passed.clear();
      for (const { kept } of this.#shares.values()) {
        for (const { openedAtNs } of kept) this.#passed.add(openedAtNs);
      }
    }
    return this.#passed.last;
  }

  #takeBack({ kept, unkept, late }: Share): void {
    for (const each of kept) {
      this.#delays.remove(each.delayMs);
      this.#passed.remove(each.openedAtNs);
      this.#kept.delete(each);
      if (each.isFaint) this.#faintCount -= 1;
    }
    for (const entry of unkept) this.#unkept.delete(entry);
    for (const entry of late) {
      this.late.delete(entry);
      if (entry === this.#slowest) this.#slowest = null;
    }
  }
}

export function edgeKey({ workflow, afterName, what, by, form, origin }: Pledge): string {
  return `${workflow}\u0000${afterName}\u0000${what}\u0000${by ?? '\u0000'}\u0000${form}\u0000${origin}`;
}

const NO_ENTRIES: readonly Entry[] = [];
const NONE_KEPT: readonly Kept[] = [];

function shareOf(entries: readonly Entry[]): Share {
  const kept = entries.flatMap(({ runId, isFaint, pledge: { keptAtNs, openedAtNs } }) => {
    if (keptAtNs === null) return [];
    const delayMs = msFromNs(keptAtNs - openedAtNs);
    return [{ runId, sinceNs: openedAtNs, openedAtNs, delayMs, isFaint }];
  });
  const unkept = entries.filter(isUnkept);
  const late = entries.filter(({ pledge }) => isLate(pledge));
  return {
    kept: kept.length === 0 ? NONE_KEPT : kept,
    unkept: unkept.length === 0 ? NO_ENTRIES : unkept,
    late: late.length === 0 ? NO_ENTRIES : late,
  };
}

/** Promises that a run's end cancelled matter only where others reacted to the same opening. */
function isUnkept({ pledge, hasCompleted, reactedServices }: Entry): boolean {
  if (pledge.keptAtNs !== null) return false;
  return !pledge.isCancelled || (hasCompleted && reactedServices.length > 0);
}

function isLate(pledge: Pledge): boolean {
  return pledge.keptAtNs !== null && pledge.keptAtNs > brokenAtNs(pledge);
}

function isSlower({ pledge: a, runId: aId }: Entry, { pledge: b, runId: bId }: Entry): boolean {
  const [aNs, bNs] = [tookNs(a), tookNs(b)];
  return aNs === bNs ? aId < bId : aNs > bNs;
}

function tookNs({ keptAtNs, openedAtNs }: Pledge): bigint {
  return (keptAtNs ?? openedAtNs) - openedAtNs;
}
