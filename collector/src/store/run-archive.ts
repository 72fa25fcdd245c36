import type { RunId, TraceId } from '@throughline/model/ids';
import type { Pattern, RunStatus } from '@throughline/model/run';
import type { UnixNs } from '@throughline/model/time';
import type {
  ArchivedRun,
  RunFacets,
  RunFilter,
  RunPageRequest,
  RunSummary,
} from './read-store.js';

/**
 * Runs that left memory, on disk: enough of them to list and to find them, and which stored bodies hold their spans. It
 * follows from the facts and can be thrown away; reading them all again fills it anew.
 *
 * Runs are kept by families: those that hang together leave, and come back, at once. A family that is in memory again
 * stays here until it leaves as another one, so that a crash loses nothing; until then it is not shown and not found.
 */
export interface RunArchive extends ArchiveReader {
  /**
   * Lays families down, in one transaction. Not durable at once: what a power cut takes is read back from the facts.
   *
   * @returns their places, in the same order.
   */
  put(families: readonly ArchivedFamily[], also: ArchiveChange): readonly FamilyPlace[];
  /** The families are in memory again, or gone for good. */
  change(change: ArchiveChange): void;
  /** Nothing was ever laid down, or all of it went with retention. */
  readonly isEmpty: boolean;
  /** Whether any family may have the tie; `no` is certain and quick. */
  mayHaveTie(tie: string): boolean;
  /** Families with the tie that are not in memory; now and then one more. */
  withTie(tie: string): readonly FamilyPlace[];
  family(place: FamilyPlace): StoredFamily | undefined;
  /** Families that were in memory when the process ended. */
  inMemory(): readonly FamilyPlace[];
  /** The newest body that any of it needs; 0 when it is empty. */
  readonly lastBodyId: number;
  /** The first body that a start has to read; null: every one that is stored. */
  readonly neededBodyId: number | null;
  /** Bodies before this one are no longer stored, but for those that are held. */
  dropBefore(bodyId: number, held: ReadonlySet<number>): void;
  close(): void;
}

/** Where a family lies; numbers only grow. */
export type FamilyPlace = number;

export interface ArchiveChange {
  readonly intoMemory?: readonly FamilyPlace[];
  readonly outOfMemory?: readonly FamilyPlace[];
  readonly gone?: readonly FamilyPlace[];
  /** Bodies before this one need not be read at the next start. */
  readonly neededBodyId: number;
}

export interface StoredFamily {
  readonly runs: readonly ArchivedRun[];
  /** Ascending. */
  readonly bodyIds: readonly number[];
}

export interface ArchivedFamily extends StoredFamily {
  /** It stays in memory: what lies here is for a restart. */
  readonly isInMemory: boolean;
  readonly ties: readonly string[];
}

/** What lists read. Families that are in memory are left out everywhere. */
export interface ArchiveReader {
  readonly runCount: number;
  get(idOrAlias: string): RunSummary | undefined;
  /** Runs with a key of this value, of whatever type, or with this trace id. */
  withValue(value: string): readonly RunSummary[];
  mayHaveAttribute(id: RunId, name: string, text: string | null): boolean;
  /** Where the run lies: in several places when its parts have not met yet. */
  placesOf(idOrAlias: string): readonly FamilyPlace[];
  page(request: RunPageRequest): ArchivePage;
  /** Of all runs when the filter is open; else of those that a bounded look finds, the youngest first. */
  facets(filter: RunFilter): RunFacets;
  workflows(): ReadonlyMap<string, ArchivedWorkflow>;
}

export interface ArchivePage {
  readonly items: readonly RunSummary[];
  /** Looking ended here for now, before the page was full: what comes later in the order was not looked at. */
  readonly lookedUpTo: { readonly valueNs: bigint; readonly id: RunId } | null;
}

export interface ArchivedWorkflow {
  readonly runs: number;
  readonly byStatus: ReadonlyMap<RunStatus, number>;
  readonly byPattern: ReadonlyMap<Pattern, number>;
  readonly lastActivityAtNs: UnixNs;
}

/** The trace ids of a family: every trace of it is a trace of one of its runs. */
export function tracesOf({ runs }: StoredFamily): ReadonlySet<TraceId> {
  return new Set(runs.flatMap(({ summary }) => summary.traceIds));
}

export function spansOf({ runs }: StoredFamily): number {
  return runs.reduce((sum, { summary }) => sum + summary.spanCount, 0);
}

/** The archives of a data folder: of the engine in use, and of the one that is to take its place. */
export interface Archives {
  /**
   * A new, empty archive.
   *
   * @param fingerprint of everything that its runs depend on, other than the facts.
   */
  begin(fingerprint: string): RunArchive;
  /** The one that was kept last, if it was begun with the same fingerprint. To be called before any other is begun. */
  reopen(fingerprint: string): RunArchive | undefined;
  /** Together with memory it holds all runs: it is the one that the next start reopens. The others are thrown away. */
  keep(archive: RunArchive): void;
  discard(archive: RunArchive): void;
  readonly bytesOnDisk: number;
  close(): void;
}
