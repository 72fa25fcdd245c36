import type { RunId } from '@throughline/model/ids';
import { msFromNs, type UnixNs } from '@throughline/model/time';
import { DelaySketch } from './delay-sketch.js';
import type { Passage } from './learn/learned-pledge.js';
import { brokenAtNs, type Pledge } from './pledge.js';
import type { Standstill } from './standstill.js';

/** A promise of one run, as it stands in the books. `still` only while it is open. */
export interface Entry {
  readonly pledge: Pledge;
  readonly passage?: Passage;
  readonly label: string;
  readonly still: Standstill | null;
  /** Other open promises of the run that were opened later: one of them may name the cause better. */
  readonly later: readonly { readonly pledge: Pledge; readonly still: Standstill }[];
  /** Others that were to react to the same opening and did. */
  readonly reactedServices: readonly string[];
  readonly hasCompleted: boolean;
}

/**
 * One expectation over all runs: who waits at it, who passed it, how long that took. The edge is the pair of
 * what opened the promise and what should follow, by whom, in one workflow.
 */
export class EdgeTraffic {
  readonly workflow: string;
  readonly afterName: string;
  readonly what: string;
  readonly by: string | null;
  readonly #delays = new DelaySketch();
  readonly #entries = new Map<RunId, readonly Entry[]>();
  readonly #unkept = new Map<RunId, readonly Entry[]>();
  readonly #late = new Map<RunId, readonly Entry[]>();
  #lastPassedOpenedAtNs: UnixNs | null = null;
  #isStale = false;
  #passage: Passage | null = null;

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

  /** A learned edge books unkept promises only; those that were kept are known to whoever learned it. */
  follow(passage: Passage): void {
    this.#passage = passage;
  }

  replace(runId: RunId, entries: readonly Entry[]): void {
    for (const { pledge } of this.#entries.get(runId) ?? []) {
      if (pledge.keptAtNs === null) continue;
      this.#delays.remove(msFromNs(pledge.keptAtNs - pledge.openedAtNs));
      if (pledge.openedAtNs === this.#lastPassedOpenedAtNs) this.#isStale = true;
    }
    for (const { pledge } of entries) this.#pass(pledge);
    keep(this.#entries, runId, entries);
    keep(this.#unkept, runId, entries.filter(isUnkept));
    keep(
      this.#late,
      runId,
      entries.filter(({ pledge }) => isLate(pledge)),
    );
  }

  /** Promises that were not kept (open, overdue or cancelled), of all runs. */
  unkept(): Iterable<Entry> {
    return flattened(this.#unkept);
  }

  /** The next instant at which a promise that is not kept becomes a finding; null when none is ahead. */
  nextBrokenNs(now: UnixNs): UnixNs | null {
    let next: UnixNs | null = null;
    for (const { pledge } of this.unkept()) {
      const atNs = brokenAtNs(pledge);
      if (atNs > now && (next === null || atNs < next)) next = atNs;
    }
    return next;
  }

  /** Promises that were kept after their deadline and grace. */
  late(): Iterable<Entry> {
    return flattened(this.#late);
  }

  /** The latest opening among kept promises: the way was open for whoever came then. */
  lastPassedOpenedAtNs(): UnixNs | null {
    if (this.#passage !== null) return this.#passage.lastPassedOpenedAtNs;
    if (this.#isStale) {
      this.#lastPassedOpenedAtNs = null;
      for (const { pledge } of flattened(this.#entries)) this.#note(pledge);
      this.#isStale = false;
    }
    return this.#lastPassedOpenedAtNs;
  }

  #pass(pledge: Pledge): void {
    if (pledge.keptAtNs === null) return;
    this.#delays.add(msFromNs(pledge.keptAtNs - pledge.openedAtNs));
    this.#note(pledge);
  }

  #note({ keptAtNs, openedAtNs }: Pledge): void {
    if (keptAtNs === null) return;
    const last = this.#lastPassedOpenedAtNs;
    if (last === null || openedAtNs > last) this.#lastPassedOpenedAtNs = openedAtNs;
  }
}

export function edgeKey({ workflow, afterName, what, by, form, origin }: Pledge): string {
  return JSON.stringify([workflow, afterName, what, by, form, origin]);
}

/** Promises that a run's end cancelled matter only where others reacted to the same opening. */
function isUnkept({ pledge, hasCompleted, reactedServices }: Entry): boolean {
  if (pledge.keptAtNs !== null) return false;
  return !pledge.isCancelled || (hasCompleted && reactedServices.length > 0);
}

function isLate(pledge: Pledge): boolean {
  return pledge.keptAtNs !== null && pledge.keptAtNs > brokenAtNs(pledge);
}

function keep(map: Map<RunId, readonly Entry[]>, runId: RunId, entries: readonly Entry[]): void {
  if (entries.length === 0) map.delete(runId);
  else map.set(runId, entries);
}

function* flattened(map: ReadonlyMap<RunId, readonly Entry[]>): Iterable<Entry> {
  for (const entries of map.values()) yield* entries;
}
