import type { FindingView, DeadLetterView } from './api/findings.js';
import type { MapView } from './api/map.js';
import type { RunDetail, RunItem } from './api/runs.js';
import type { StatsView } from './api/catalog.js';

/**
 * Live views. A viewer subscribes to a view and gets a snapshot with `seq` n, then deltas n+1, n+2 …
 * A gap means: subscribe again. Only committed spans are ever published.
 */
export interface LiveViews {
  overview: { params: Record<string, never>; snapshot: OverviewSnapshot };
  map: { params: MapParams; snapshot: MapView };
  runs: { params: RunsParams; snapshot: { items: RunItem[]; next: string | null } };
  run: { params: { id: string }; snapshot: RunDetail };
  findings: { params: Record<string, string>; snapshot: { items: FindingView[] } };
  'dead-letters': { params: Record<string, never>; snapshot: { items: DeadLetterView[] } };
}
export type LiveView = keyof LiveViews;

/** The query parameters of the HTTP route of the same name, as strings. */
export type MapParams = Record<string, string>;
export type RunsParams = Record<string, string>;

export interface OverviewSnapshot {
  stats: StatsView;
  runsByStatus: Record<string, number>;
  openFindings: FindingView[];
}

/** What a delta may hold: entries that are new or changed, and ids that are gone. Lists are keyed by `id`. */
export interface LiveDelta {
  /** The view as it is now, for views without a list. */
  replace?: unknown;
  upsert?: readonly unknown[];
  remove?: readonly string[];
}

export interface ServerToClient {
  snapshot: (message: { subscription: string; seq: number; at: string; body: unknown }) => void;
  delta: (message: { subscription: string; seq: number; at: string; body: LiveDelta }) => void;
  fault: (message: { subscription: string; title: string; detail: string }) => void;
}

export interface ClientToServer {
  /** `subscription` is the caller's name for it; a second subscribe with the same name replaces the first. */
  subscribe: (message: {
    subscription: string;
    view: string;
    params: Record<string, string>;
  }) => void;
  unsubscribe: (message: { subscription: string }) => void;
}
