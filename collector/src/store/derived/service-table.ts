import type { RunId } from '@throughline/model/ids';
import type { Run } from '@throughline/model/run';
import type { UnixNs } from '@throughline/model/time';
import type { Contribution, Hop } from '@throughline/model/traffic';
import type { ServiceTraffic } from '../read-store.js';
import { compareInstants, SortedList } from './sorted-list.js';
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
interface Share {
  stepCount: number;
  errorCount: number;
  lastSeenAtNs: bigint;
  readonly names: Readonly<Record<Facet, Set<string>>>;
}

interface Tally {
  stepCount: number;
  errorCount: number;
  /** One per run that has steps of the service. */
  readonly lastSeen: SortedList<bigint>;
  readonly names: Readonly<Record<Facet, Map<string, number>>>;
}

/** Every service, from the steps and movements of all runs. */
export class ServiceTable {
  readonly #tallies = new Map<string, Tally>();
  readonly #shares = new Map<RunId, ReadonlyMap<string, Share>>();

  put(run: Run, { hops }: Contribution): void {
    this.remove(run.id);
    const shares = sharesOf(run);
    for (const hop of hops) addHop(shares, hop);
    this.#shares.set(run.id, shares);
    for (const [service, share] of shares) this.#count(service, share, 1);
  }

  remove(id: RunId): void {
    for (const [service, share] of this.#shares.get(id) ?? []) this.#count(service, share, -1);
    this.#shares.delete(id);
  }

  services(): readonly ServiceTraffic[] {
    return [...this.#tallies].map(([name, tally]) => ({
      name,
      versions: sorted(tally.names.versions),
      instances: sorted(tally.names.instances),
      workflows: sorted(tally.names.workflows),
      runCount: tally.lastSeen.size,
      stepCount: tally.stepCount,
      errorCount: tally.errorCount,
      lastSeenAtNs: tally.lastSeen.last as UnixNs,
      sends: sorted(tally.names.sends),
      takes: sorted(tally.names.takes),
      calls: sorted(tally.names.calls),
      calledBy: sorted(tally.names.calledBy),
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
      for (const name of share.names[facet]) bump(tally.names[facet], name, by);
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
    if (step.serviceVersion !== null) share.names.versions.add(step.serviceVersion);
    if (step.instance !== null) share.names.instances.add(step.instance);
    share.names.workflows.add(workflow);
  }
  return shares;
}

/** Services that no step of the run belongs to are known by name only and get no share. */
function addHop(shares: ReadonlyMap<string, Share>, { kind, from, to }: Hop): void {
  const source = from.kind === 'service' ? shares.get(from.name) : undefined;
  const target = to.kind === 'service' ? shares.get(to.name) : undefined;
  if (kind === 'call') {
    source?.names.calls.add(to.name);
    target?.names.calledBy.add(from.name);
  } else if (kind === 'take') target?.names.takes.add(from.name);
  else source?.names.sends.add(to.name);
}

function emptyShare(): Share {
  return {
    stepCount: 0,
    errorCount: 0,
    lastSeenAtNs: 0n,
    names: perFacet(() => new Set<string>()),
  };
}

function emptyTally(): Tally {
  return {
    stepCount: 0,
    errorCount: 0,
    lastSeen: new SortedList<bigint>(compareInstants),
    names: perFacet(() => new Map<string, number>()),
  };
}

function perFacet<T>(make: () => T): Record<Facet, T> {
  return Object.fromEntries(FACETS.map((facet) => [facet, make()])) as Record<Facet, T>;
}

function sorted(names: ReadonlyMap<string, number>): readonly string[] {
  return [...names.keys()].sort();
}
