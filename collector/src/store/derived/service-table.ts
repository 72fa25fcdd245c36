import type { RunId } from '@throughline/model/ids';
import type { Run } from '@throughline/model/run';
import type { UnixNs } from '@throughline/model/time';
import type { Contribution, Hop } from '@throughline/model/traffic';
import type { ServiceTraffic } from '../read-store.js';
import { instantList, type SortedList } from './sorted-list.js';
import { bump } from './tally-map.js';

/** Names that a service has or deals with, each counted once per run that shows it. */
const FACETS = [
  'versions',
  'instances',
  'workflows',
  'sends',
  'takes',
  'calls',
  'calledBy',
] as const;
type Facet = (typeof FACETS)[number];

/** What one run shows of one service. */
interface Share extends Record<Facet, ReadonlySet<string>> {
  stepCount: number;
  errorCount: number;
  lastSeenAtNs: bigint;
}

interface Tally extends Readonly<Record<Facet, Map<string, number>>> {
  stepCount: number;
  errorCount: number;
  /** One per run that has steps of the service. */
  readonly lastSeen: SortedList<bigint>;
}

/** Every service, from the steps and movements of all runs. */
export class ServiceTable {
  readonly #tallies = new Map<string, Tally>();
  readonly #shares = new Map<RunId, ReadonlyMap<string, Share>>();

  put(run: Run, { hops }: Contribution): void {
    const before = this.#shares.get(run.id);
    const shares = sharesOf(run);
    for (const hop of hops) addHop(shares, hop);
    this.#shares.set(run.id, shares);
    for (const [service, share] of shares) {
      const known = before?.get(service);
      if (known !== undefined && isSameShare(known, share)) continue;
      this.#count(service, share, 1);
      if (known !== undefined) this.#count(service, known, -1);
    }
    for (const [service, share] of before ?? []) {
      if (!shares.has(service)) this.#count(service, share, -1);
    }
  }

  remove(id: RunId): void {
    for (const [service, share] of this.#shares.get(id) ?? []) this.#count(service, share, -1);
    this.#shares.delete(id);
  }

  services(): readonly ServiceTraffic[] {
    return [...this.#tallies].map(([name, tally]) => ({
      name,
      versions: sorted(tally.versions),
      instances: sorted(tally.instances),
      workflows: sorted(tally.workflows),
      runCount: tally.lastSeen.size,
      stepCount: tally.stepCount,
      errorCount: tally.errorCount,
      lastSeenAtNs: tally.lastSeen.last as UnixNs,
      sends: sorted(tally.sends),
      takes: sorted(tally.takes),
      calls: sorted(tally.calls),
      calledBy: sorted(tally.calledBy),
    }));
  }

  #count(service: string, share: Share, by: 1 | -1): void {
    const tally = this.#tallies.get(service) ?? emptyTally();
    this.#tallies.set(service, tally);
    tally.stepCount += by * share.stepCount;
    tally.errorCount += by * share.errorCount;
    if (by === 1) tally.lastSeen.add(share.lastSeenAtNs);
    else tally.lastSeen.delete(share.lastSeenAtNs);
    for (const facet of FACETS) {
      for (const name of share[facet]) bump(tally[facet], name, by);
    }
    if (tally.lastSeen.size === 0) this.#tallies.delete(service);
  }
}

function sharesOf({ steps, workflow }: Run): Map<string, Share> {
  const shares = new Map<string, Share>();
  for (const { step } of steps) {
    let share = shares.get(step.service);
    if (share === undefined) shares.set(step.service, (share = emptyShare()));
    share.stepCount += 1;
    if (step.status === 'error') share.errorCount += 1;
    if (step.endedAtNs > share.lastSeenAtNs) share.lastSeenAtNs = step.endedAtNs;
    if (step.serviceVersion !== null) note(share, 'versions', step.serviceVersion);
    if (step.instance !== null) note(share, 'instances', step.instance);
    note(share, 'workflows', workflow);
  }
  return shares;
}

/** Services that no step of the run belongs to are known by name only and get no share. */
function addHop(shares: ReadonlyMap<string, Share>, { kind, from, to }: Hop): void {
  const source = from.kind === 'service' ? shares.get(from.name) : undefined;
  const target = to.kind === 'service' ? shares.get(to.name) : undefined;
  if (kind === 'call') {
    if (source) note(source, 'calls', to.name);
    if (target) note(target, 'calledBy', from.name);
  } else if (kind === 'take') {
    if (target) note(target, 'takes', from.name);
  } else if (source) note(source, 'sends', to.name);
}

/** Most facets of a share stay empty: those share one set. */
const NO_NAMES: ReadonlySet<string> = new Set();

function note(share: Share, facet: Facet, name: string): void {
  const names = share[facet];
  if (names.has(name)) return;
  if (names.size === 0) share[facet] = only(name);
  else if (names.size === 1) share[facet] = new Set([...names, name]);
  else (names as Set<string>).add(name);
}

/** Most others hold one name, and the same few names in run after run: one set for all of them. */
const singles = new Map<string, ReadonlySet<string>>();
const SINGLES_MAX = 10_000;

function only(name: string): ReadonlySet<string> {
  const known = singles.get(name);
  if (known !== undefined) return known;
  if (singles.size >= SINGLES_MAX) singles.clear();
  const names: ReadonlySet<string> = new Set([name]);
  singles.set(name, names);
  return names;
}

function isSameShare(a: Share, b: Share): boolean {
  return (
    a.stepCount === b.stepCount &&
    a.errorCount === b.errorCount &&
    a.lastSeenAtNs === b.lastSeenAtNs &&
    FACETS.every((facet) => {
      const names = b[facet];
      if (a[facet] === names) return true;
      if (a[facet].size !== names.size) return false;
      for (const name of a[facet]) if (!names.has(name)) return false;
      return true;
    })
  );
}

function emptyShare(): Share {
  return {
    stepCount: 0,
    errorCount: 0,
    lastSeenAtNs: 0n,
    versions: NO_NAMES,
    instances: NO_NAMES,
    workflows: NO_NAMES,
    sends: NO_NAMES,
    takes: NO_NAMES,
    calls: NO_NAMES,
    calledBy: NO_NAMES,
  };
}

function emptyTally(): Tally {
  return {
    stepCount: 0,
    errorCount: 0,
    lastSeen: instantList(),
    versions: new Map(),
    instances: new Map(),
    workflows: new Map(),
    sends: new Map(),
    takes: new Map(),
    calls: new Map(),
    calledBy: new Map(),
  };
}

function sorted(names: ReadonlyMap<string, number>): readonly string[] {
  return [...names.keys()].sort();
}
