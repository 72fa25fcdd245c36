import type { Run } from '@throughline/model/run';
import type { RunItem } from '@throughline/model/api/runs';
import type { MapView } from '@throughline/model/api/map';
import type { Contribution, MessageTrail } from '@throughline/model/traffic';
import type { RunId } from '@throughline/model/ids';
import type { UnixNs } from '@throughline/model/time';

/**
 * The derived tables, kept in memory and rebuilt from the facts at start. `put` replaces what the run gave
 * before, so that the tables depend on the set of spans only.
 */
export interface DerivedTables {
  put(run: Run, contribution: Contribution): void;
  /** The run is no more: it was merged into another. */
  remove(id: RunId): void;
}

export interface RunFilter {
  readonly matches: (item: RunItem) => boolean;
  readonly fromNs: UnixNs | null;
  readonly toNs: UnixNs | null;
  readonly sort: 'lastActivityAt' | 'startedAt' | 'duration';
  readonly descending: boolean;
}

/** Destination traffic of one message type, over all runs. The input of the destination rules. */
export interface DestinationTraffic {
  readonly system: string;
  readonly destination: string;
  readonly isDeadLetterDestination: boolean;
  readonly messageType: string | null;
  readonly trails: Iterable<{ readonly runId: RunId; readonly workflow: string; readonly trail: MessageTrail }>;
}

export interface MapWindow {
  readonly fromNs: UnixNs | null;
  readonly toNs: UnixNs | null;
  readonly workflow: string | null;
  readonly level: 'destination' | 'event';
}

export interface MapReader {
  map(window: MapWindow, now: UnixNs): MapView;
}
