import type { RunId } from '@throughline/model/ids';
import type { Affected, Members } from './affected.js';
import { TimeList } from './time-list.js';

/** By facet, its values and how many of the crowd have them. */
type Tallies<F extends string> = Readonly<Record<F, Map<string, number>>>;

/** What of a thing is counted, by the name under which it is asked for. Null: it has none. */
export type Facets<T, F extends string> = Readonly<Record<F, (item: T) => string | null>>;

/**
 * Everything that one cause holds up, counted as it comes and goes: what a finding says of it (how many, of which
 * runs, since when, whose) is at hand and costs nothing that grows with the crowd.
 */
export class Crowd<T extends Affected, F extends string = never> {
  readonly #list = new TimeList<T>();
  readonly #perRun = new Map<RunId, number>();
  readonly #facets: [F, (item: T) => string | null][];
  readonly #tallies: Tallies<F>;
  readonly runs: Members;

  constructor(facets: Facets<T, F>) {
    this.#facets = Object.entries(facets) as [F, (item: T) => string | null][];
    const tallies = this.#facets.map(([name]) => [name, new Map<string, number>()] as const);
    this.#tallies = Object.fromEntries(tallies) as unknown as Tallies<F>;
    const perRun = this.#perRun;
    this.runs = {
      get size() {
        return perRun.size;
      },
      has: (id) => perRun.has(id),
    };
  }

  get size(): number {
    return this.#list.size;
  }

  add(item: T): void {
    this.#list.add(item);
    count(this.#perRun, item.runId, 1);
    for (const [name, of] of this.#facets) {
      const value = of(item);
      if (value !== null) count(this.#tallies[name], value, 1);
    }
  }

  delete(item: T): boolean {
    if (!this.#list.delete(item)) return false;
    count(this.#perRun, item.runId, -1);
    for (const [name, of] of this.#facets) {
      const value = of(item);
      if (value !== null) count(this.#tallies[name], value, -1);
    }
    return true;
  }

  oldest(): T | undefined {
    return this.#list.first();
  }

  newest(): T | undefined {
    return this.#list.last();
  }

  newestFirst(): Iterable<T> {
    return this.#list.newestFirst();
  }

  after(atNs: bigint): Iterable<T> {
    return this.#list.after(atNs);
  }

  countAfter(atNs: bigint): number {
    return this.#list.countAfter(atNs);
  }

  /** The values of the facet that are there, and how often. */
  tally(facet: F): ReadonlyMap<string, number> {
    return this.#tallies[facet];
  }

  /** The values of the facet that are there, in order of the alphabet. */
  values(facet: F): readonly string[] {
    return [...this.#tallies[facet].keys()].sort();
  }

  /** The one value of the facet, when there is no second. */
  only(facet: F): string | null {
    const [first] = this.#tallies[facet].keys();
    return this.#tallies[facet].size === 1 ? (first ?? null) : null;
  }
}

function count<K>(counts: Map<K, number>, of: K, by: 1 | -1): void {
  const next = (counts.get(of) ?? 0) + by;
  if (next === 0) counts.delete(of);
  else counts.set(of, next);
}
