import type { RunId, TraceId } from '@throughline/model/ids';
import type { Key } from '@throughline/model/key';
import type { Pattern, Run, RunStatus } from '@throughline/model/run';
import type { UnixNs } from '@throughline/model/time';
import type { Contribution, Hop, MessageTrail, Place } from '@throughline/model/traffic';

/**
 * The derived tables, kept in memory and rebuilt from the facts at start. `put` replaces what the run gave
 * before, so that the tables depend on the set of runs only, never on the order or number of `put`s.
 */
export interface DerivedTables {
  readonly runs: RunTable;
  readonly traffic: TrafficTable;
  put(run: Run, contribution: Contribution): void;
  /** The same, a table at a time. Each is right by itself, whenever the work is laid down or given up. */
  putting(run: Run, contribution: Contribution): Generator<undefined, void, undefined>;
  /** The run is no more: it was merged into another, its facts went with retention, or it left memory. */
  remove(id: RunId): void;
  /** What an archive keeps of the run; undefined when it is not here. */
  archived(id: RunId): ArchivedRun | undefined;
}

/** A run as an archive keeps it: enough to list and to find it. */
export interface ArchivedRun {
  readonly summary: RunSummary;
  /** As `AttributeSketch` has it. */
  readonly attributeWords: Uint32Array;
}

/** What lists, filters and sorts need of a run, without its steps. Immutable; a changed run gets a new one. */
export interface RunSummary {
  readonly id: RunId;
  readonly aliases: readonly RunId[];
  readonly workflow: string;
  readonly workflowVersion: string | null;
  readonly status: RunStatus;
  readonly pattern: Pattern | null;
  readonly keys: readonly Key[];
  readonly startedAtNs: UnixNs;
  readonly lastActivityAtNs: UnixNs;
  readonly endedAtNs: UnixNs | null;
  /** From the start to the end, or to the last activity while there is no end. */
  readonly durationNs: bigint;
  readonly stepCount: number;
  readonly spanCount: number;
  readonly traceCount: number;
  readonly messageCount: number;
  readonly errorCount: number;
  readonly services: readonly string[];
  readonly destinations: readonly string[];
  /** Distinct names of steps, and distinct types of messages, sorted. */
  readonly stepNames: readonly string[];
  readonly messageTypes: readonly string[];
  readonly traceIds: readonly TraceId[];
  readonly parent: RunId | null;
  readonly children: readonly RunId[];
  readonly isProvisional: boolean;
}

/** Fields are joined by AND; the values inside a field by OR; null leaves the field open. */
export interface RunFilter {
  readonly workflows: readonly string[] | null;
  readonly statuses: readonly RunStatus[] | null;
  readonly patterns: readonly Pattern[] | null;
  readonly services: readonly string[] | null;
  readonly destinations: readonly string[] | null;
  /** Each key must be there. Type null matches any type. (`trace`, hex of 32 or 16 digits) names a trace. */
  readonly keys: readonly KeyTerm[];
  /** Only these runs, for example those that a finding affects. Aliases are understood. */
  readonly among: readonly string[] | null;
  /** Runs whose activity overlaps the window, both ends included. */
  readonly fromNs: UnixNs | null;
  readonly toNs: UnixNs | null;
  /** Whatever the fields cannot say; called only for runs that pass them. */
  readonly matches: ((run: RunSummary) => boolean) | null;
}

export interface KeyTerm {
  readonly type: string | null;
  readonly value: string;
}

export type RunSort = 'lastActivityAt' | 'startedAt' | 'duration';

export interface RunPageRequest {
  readonly filter: RunFilter;
  readonly sort: RunSort;
  readonly descending: boolean;
  readonly limit: number;
  /** `next` of the page before; null for the first page. */
  readonly cursor: string | null;
}

export interface RunPage {
  readonly items: readonly RunSummary[];
  readonly next: string | null;
}

/** How many of the filtered runs have each value. A run counts once per value. */
export interface RunFacets {
  /** False: more may pass than were counted; looking through all that left memory would take too long. */
  readonly isComplete: boolean;
  readonly total: number;
  readonly workflow: ReadonlyMap<string, number>;
  readonly status: ReadonlyMap<RunStatus, number>;
  readonly pattern: ReadonlyMap<Pattern, number>;
  readonly service: ReadonlyMap<string, number>;
  readonly destination: ReadonlyMap<string, number>;
}

export interface RunTable {
  readonly size: number;
  /** Of an id or alias. */
  get(idOrAlias: string): RunSummary | undefined;
  /**
   * One page, in a total order (sort value, then id). While nothing is put, pages never overlap and miss nothing.
   *
   * @throws Fault BAD_PARAMETER when the cursor is not one that this sort and direction gave.
   */
  list(request: RunPageRequest): RunPage;
  facets(filter: RunFilter): RunFacets;
  /** All runs in memory that pass, in no particular order, without paging. */
  scan(filter: RunFilter): Iterable<RunSummary>;
  byKey(term: KeyTerm): readonly RunSummary[];
  byTrace(id: TraceId): readonly RunSummary[];
  /**
   * False: no step of the run has this attribute with this value (as text; an array matches by its elements).
   * True: very likely one has; look at the run to be sure. A null value asks for the attribute's presence.
   */
  mayHaveAttribute(id: RunId, name: string, text: string | null): boolean;
  workflows(): readonly WorkflowSummary[];
  /** Runs of the workflow (null: of all) started per bucket, oldest bucket first, the last one ends at `toNs`. */
  starts(workflow: string | null, buckets: BucketRequest): readonly StartBucket[];
}

export interface WorkflowSummary {
  readonly name: string;
  readonly runs: number;
  readonly byStatus: ReadonlyMap<RunStatus, number>;
  readonly byPattern: ReadonlyMap<Pattern, number>;
  /** Durations of runs that ended, within 1.1 %; null while none has. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly lastActivityAtNs: UnixNs | null;
}

export interface BucketRequest {
  readonly toNs: UnixNs;
  readonly bucketMs: number;
  readonly count: number;
}

export interface StartBucket {
  readonly atNs: UnixNs;
  readonly runs: number;
  readonly failed: number;
}

/** What all runs together moved: the input of the map, of destination and service pages. */
export interface TrafficTable {
  /** Movements within the window, exact to the nanosecond of its ends (both included), added up per edge. */
  edges(window: TrafficWindow): readonly EdgeTraffic[];
  /** Every destination ever seen, per message type; a null type is one of its own. */
  destinations(): readonly DestinationTraffic[];
  /** Messages that lie in, or went through, a dead-letter destination, or were moved aside by their consumer. */
  deadLetters(): Iterable<PlacedTrail>;
  services(): readonly ServiceTraffic[];
}

export interface TrafficWindow {
  readonly fromNs: UnixNs | null;
  readonly toNs: UnixNs | null;
  readonly workflow: string | null;
  /** `destination` adds all message types of an edge up; `event` keeps them apart. */
  readonly level: 'destination' | 'event';
}

export interface EdgeTraffic {
  readonly kind: Hop['kind'];
  readonly from: Place;
  readonly to: Place;
  /** Null at the level of destinations, for calls, and where the type is unknown. */
  readonly messageType: string | null;
  /** Types seen within the window, sorted. */
  readonly messageTypes: readonly string[];
  readonly workflows: readonly string[];
  readonly count: number;
  readonly errorCount: number;
  /** Within 1.1 % of the exact value. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly lastSeenAtNs: UnixNs;
}

/** A message's life, with the run it belongs to. */
export interface PlacedTrail {
  readonly runId: RunId;
  readonly workflow: string;
  readonly trail: MessageTrail;
}

export interface DestinationTraffic {
  readonly system: string;
  readonly destination: string;
  readonly messageType: string | null;
  readonly isDeadLetterDestination: boolean;
  readonly sentCount: number;
  /** Messages taken by at least one consumer. */
  readonly takenCount: number;
  readonly undeliverableCount: number;
  readonly producers: ReadonlyMap<string, Activity>;
  readonly consumers: ReadonlyMap<string, Activity>;
  readonly lastSentAtNs: UnixNs | null;
  readonly lastTakenAtNs: UnixNs | null;
  /** Messages sent, not seen taken, not moved aside and not returned; with the oldest sending among them. */
  readonly waitingCount: number;
  readonly oldestWaitingSinceNs: UnixNs | null;
  /** Destinations that dead letters lying here came from. */
  readonly deadLetterOf: readonly string[];
  /** Messages sent, and messages taken for the first time, within the window, both ends included. */
  sentWithin(fromNs: UnixNs, toNs: UnixNs): number;
  takenWithin(fromNs: UnixNs, toNs: UnixNs): number;
  /** All messages of this destination and type, in no particular order. */
  trails(): Iterable<PlacedTrail>;
  /** Those of `waitingCount`, oldest first. */
  waiting(): Iterable<PlacedTrail>;
}

export interface Activity {
  readonly count: number;
  readonly firstAtNs: UnixNs;
  readonly lastAtNs: UnixNs;
}

export interface ServiceTraffic {
  readonly name: string;
  readonly versions: readonly string[];
  readonly instances: readonly string[];
  readonly workflows: readonly string[];
  readonly runCount: number;
  readonly stepCount: number;
  readonly errorCount: number;
  readonly lastSeenAtNs: UnixNs;
  /** Destinations by name. */
  readonly sends: readonly string[];
  readonly takes: readonly string[];
  /** Services and externals by name. */
  readonly calls: readonly string[];
  readonly calledBy: readonly string[];
}
