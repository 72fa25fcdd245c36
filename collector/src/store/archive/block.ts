import type { Pattern, RunStatus } from '@throughline/model/run';
import type { UnixNs } from '@throughline/model/time';
import { instantOf } from '../derived/page-cursor.js';
import type { RunFilter, RunSort, RunSummary } from '../read-store.js';
import type { FamilyPlace, StoredFamily } from '../run-archive.js';

/** Families that were laid down together, and what of them is known without reading them. */
export interface BlockHead {
  readonly id: number;
  readonly runCount: number;
  /** The newest body that any of its families needs. */
  readonly lastBodyId: number;
  /** Least and greatest value of each order, over its runs. */
  readonly bounds: Readonly<Record<RunSort, readonly [bigint, bigint]>>;
  readonly counts: BlockCounts;
}

/** How many of its runs have each value. */
export interface BlockCounts {
  readonly workflow: Readonly<Record<string, WorkflowCounts>>;
  readonly service: Readonly<Record<string, number>>;
  readonly destination: Readonly<Record<string, number>>;
}

export interface WorkflowCounts {
  readonly runs: number;
  readonly status: Readonly<Record<string, number>>;
  readonly pattern: Readonly<Record<string, number>>;
  /** Nanoseconds as text. */
  readonly last: string;
}

/** Families of a block beyond this many would have the places of the next one. */
export const BLOCK_FAMILIES_MAX = 1_024;

export function placeIn(blockId: number, index: number): FamilyPlace {
  return blockId * BLOCK_FAMILIES_MAX + index;
}

export function blockOf(place: FamilyPlace): { readonly blockId: number; readonly index: number } {
  const blockId = Math.floor(place / BLOCK_FAMILIES_MAX);
  return { blockId, index: place % BLOCK_FAMILIES_MAX };
}

export function headOf(id: number, families: readonly StoredFamily[]): BlockHead {
  const runs = families.flatMap((family) => family.runs.map(({ summary }) => summary));
  return {
    id,
    runCount: runs.length,
    lastBodyId: families.reduce((last, { bodyIds }) => Math.max(last, bodyIds.at(-1) ?? 0), 0),
    bounds: {
      lastActivityAt: boundsOf(runs, 'lastActivityAt'),
      startedAt: boundsOf(runs, 'startedAt'),
      duration: boundsOf(runs, 'duration'),
    },
    counts: countsOf(runs),
  };
}

/** False: no run of the block passes. */
export function mayPass({ counts, bounds }: BlockHead, filter: RunFilter): boolean {
  const { statuses, patterns } = filter;
  const workflows = Object.entries(counts.workflow)
    .filter(([name]) => filter.workflows === null || filter.workflows.includes(name))
    .map(([, counted]) => counted);
  return (
    workflows.some(
      ({ status, pattern }) => hasAny(status, statuses) && hasAny(pattern, patterns),
    ) &&
    hasAny(counts.service, filter.services) &&
    hasAny(counts.destination, filter.destinations) &&
    (filter.fromNs === null || bounds.lastActivityAt[1] >= filter.fromNs) &&
    (filter.toNs === null || bounds.startedAt[0] <= filter.toNs)
  );
}

function hasAny(
  counts: Readonly<Record<string, number>>,
  wanted: readonly string[] | null,
): boolean {
  return wanted === null || wanted.some((value) => Object.hasOwn(counts, value));
}

function boundsOf(runs: readonly RunSummary[], sort: RunSort): readonly [bigint, bigint] {
  const values = runs.map((run) => instantOf(run, sort));
  const first = values[0] ?? 0n;
  return values.reduce<[bigint, bigint]>(
    ([low, high], value) => [value < low ? value : low, value > high ? value : high],
    [first, first],
  );
}

interface Counting {
  readonly runs: { count: number; lastNs: UnixNs };
  readonly status: Map<RunStatus, number>;
  readonly pattern: Map<Pattern, number>;
}

function countsOf(runs: readonly RunSummary[]): BlockCounts {
  const workflows = new Map<string, Counting>();
  const services = new Map<string, number>();
  const destinations = new Map<string, number>();
  for (const run of runs) {
    const counting = workflows.get(run.workflow) ?? newCounting();
    workflows.set(run.workflow, counting);
    counting.runs.count += 1;
    if (run.lastActivityAtNs > counting.runs.lastNs) counting.runs.lastNs = run.lastActivityAtNs;
    add(counting.status, run.status);
    if (run.pattern !== null) add(counting.pattern, run.pattern);
    for (const service of run.services) add(services, service);
    for (const destination of run.destinations) add(destinations, destination);
  }
  return {
    workflow: record(
      [...workflows].map(([name, { runs: own, status, pattern }]) => [
        name,
        {
          runs: own.count,
          status: record(status),
          pattern: record(pattern),
          last: String(own.lastNs),
        },
      ]),
    ),
    service: record(services),
    destination: record(destinations),
  };
}

function newCounting(): Counting {
  return { runs: { count: 0, lastNs: 0n as UnixNs }, status: new Map(), pattern: new Map() };
}

function add<K>(counts: Map<K, number>, value: K): void {
  counts.set(value, (counts.get(value) ?? 0) + 1);
}

/** Without a prototype: a service may be called `constructor`. */
function record<V>(entries: Iterable<readonly [string, V]>): Record<string, V> {
  const made = Object.create(null) as Record<string, V>;
  for (const [key, value] of entries) made[key] = value;
  return made;
}
