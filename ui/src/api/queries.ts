import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type {
  AlertHealthView,
  AlertPreviewView,
  AlertReceiverView,
  AlertView,
} from '@throughline/model/api/alerts';
import type {
  DestinationView,
  DocumentView,
  ServiceView,
  StatsView,
  WorkflowDetail,
  WorkflowView,
} from '@throughline/model/api/catalog';
import type { DeadLetterView, FindingView } from '@throughline/model/api/findings';
import type { MapView } from '@throughline/model/api/map';
import type { Page } from '@throughline/model/api/primitives';
import type { RunDetail, RunItem } from '@throughline/model/api/runs';
import { getJson } from './request.js';

export type Params = Readonly<Record<string, string>>;

/** How often numbers without a live view of their own are asked for again. */
const REFRESH_MS = 5000;
const RUNS_PAGE = '100';
const STEPS_PAGE = '1000';
const LIST_MAX = '500';
const ALERT_HISTORY = '50';

export const statsQuery = queryOptions({
  queryKey: ['stats'],
  queryFn: ({ signal }) => getJson<StatsView>('stats', {}, signal),
  refetchInterval: REFRESH_MS,
});

export const workflowsQuery = queryOptions({
  queryKey: ['workflows'],
  queryFn: ({ signal }) => getJson<Page<WorkflowView>>('workflows', { limit: LIST_MAX }, signal),
  refetchInterval: REFRESH_MS,
});

export function workflowQuery(name: string) {
  return queryOptions({
    queryKey: ['workflow', name],
    queryFn: ({ signal }) =>
      getJson<WorkflowDetail>(`workflows/${encodeURIComponent(name)}`, {}, signal),
    refetchInterval: REFRESH_MS,
  });
}

export const documentsQuery = queryOptions({
  queryKey: ['documents'],
  queryFn: ({ signal }) => getJson<Page<DocumentView>>('documents', { limit: LIST_MAX }, signal),
  refetchInterval: REFRESH_MS,
});

export const servicesQuery = queryOptions({
  queryKey: ['services'],
  queryFn: ({ signal }) => getJson<Page<ServiceView>>('services', { limit: LIST_MAX }, signal),
  refetchInterval: REFRESH_MS,
});

export const destinationsQuery = queryOptions({
  queryKey: ['destinations'],
  queryFn: ({ signal }) =>
    getJson<Page<DestinationView>>('destinations', { limit: LIST_MAX }, signal),
  refetchInterval: REFRESH_MS,
});

export const deadLettersQuery = queryOptions({
  queryKey: ['dead-letters'],
  queryFn: ({ signal }) =>
    getJson<Page<DeadLetterView>>('dead-letters', { limit: LIST_MAX }, signal),
});

export function findingsQuery(params: Params) {
  return queryOptions({
    queryKey: ['findings', params],
    queryFn: ({ signal }) =>
      getJson<Page<FindingView>>('findings', { ...params, limit: LIST_MAX }, signal),
  });
}

export function findingQuery(id: string) {
  return queryOptions({
    queryKey: ['finding', id],
    queryFn: ({ signal }) => getJson<FindingView>(`findings/${encodeURIComponent(id)}`, {}, signal),
    refetchInterval: REFRESH_MS,
  });
}

export const alertsQuery = queryOptions({
  queryKey: ['alerts', 'held'],
  queryFn: ({ signal }) => getJson<Page<AlertView>>('alerts', { limit: LIST_MAX }, signal),
  refetchInterval: REFRESH_MS,
});

export const alertHistoryQuery = queryOptions({
  queryKey: ['alerts', 'history'],
  queryFn: ({ signal }) =>
    getJson<Page<AlertView>>('alerts/history', { limit: ALERT_HISTORY, state: 'resolved' }, signal),
  refetchInterval: REFRESH_MS,
});

export const alertHealthQuery = queryOptions({
  queryKey: ['alerts', 'health'],
  queryFn: ({ signal }) => getJson<AlertHealthView>('alerts/health', {}, signal),
  refetchInterval: REFRESH_MS,
});

export function alertPreviewQuery(params: Params) {
  return queryOptions({
    queryKey: ['alerts', 'preview', params],
    queryFn: ({ signal }) => getJson<AlertPreviewView>('alerts/preview', params, signal),
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
  });
}

export const alertReceiversQuery = queryOptions({
  queryKey: ['alerts', 'receivers'],
  queryFn: ({ signal }) =>
    getJson<Page<AlertReceiverView>>('alerts/receivers', { limit: LIST_MAX }, signal),
  refetchInterval: REFRESH_MS,
});

export function mapQuery(params: Params) {
  return queryOptions({
    queryKey: ['map', params],
    queryFn: ({ signal }) => getJson<MapView>('map', params, signal),
  });
}

export function runsQuery(params: Params) {
  return infiniteQueryOptions({
    queryKey: ['runs', params],
    queryFn: ({ pageParam, signal }) =>
      getJson<Page<RunItem>>('runs', { limit: RUNS_PAGE, ...params, cursor: pageParam }, signal),
    initialPageParam: '',
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
  });
}

/** How many runs under a filter have each value. */
export interface RunFacets {
  /** False: there may be more than were counted. */
  readonly isComplete: boolean;
  readonly total: number;
  readonly workflow: Readonly<Record<string, number>>;
  readonly status: Readonly<Record<string, number>>;
  readonly pattern: Readonly<Record<string, number>>;
  readonly service: Readonly<Record<string, number>>;
}

export function runFacetsQuery(params: Params) {
  return queryOptions({
    queryKey: ['run-facets', params],
    queryFn: ({ signal }) => getJson<RunFacets>('runs/facets', params, signal),
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
  });
}

/** The newest runs that match, for panels and choosers. */
export function someRunsQuery(params: Params) {
  return queryOptions({
    queryKey: ['some-runs', params],
    queryFn: ({ signal }) => getJson<Page<RunItem>>('runs', params, signal),
  });
}

/** One run with all its steps: further pages are read and joined, so that a view never sees half a graph. */
export function runQuery(id: string) {
  return queryOptions({
    queryKey: ['run', id],
    queryFn: ({ signal }) => wholeRun(id, signal),
  });
}

/** What a run is called and how it stands, without its steps. */
export function runBriefQuery(id: string) {
  return queryOptions({
    queryKey: ['run-brief', id],
    queryFn: ({ signal }) =>
      getJson<RunDetail>(`runs/${encodeURIComponent(id)}`, { steps_limit: '1' }, signal),
  });
}

async function wholeRun(id: string, signal: AbortSignal): Promise<RunDetail> {
  const path = `runs/${encodeURIComponent(id)}`;
  const first = await getJson<RunDetail>(path, {}, signal);
  const pages = [first];
  let next = first.stepsNext;
  while (next !== null) {
    const page = await getJson<RunDetail>(
      path,
      { steps_limit: STEPS_PAGE, steps_cursor: next },
      signal,
    );
    pages.push(page);
    next = page.stepsNext;
  }
  return pages.length === 1 ? first : joinPages(first, pages);
}

/** Pages carry the messages and edges of their own steps, so an edge between two pages may come twice. */
export function joinPages(first: RunDetail, pages: readonly RunDetail[]): RunDetail {
  const steps = new Map(pages.flatMap((page) => page.steps).map((step) => [step.id, step]));
  const messages = new Map(pages.flatMap((page) => page.messages).map((one) => [one.id, one]));
  const edges = new Map(
    pages
      .flatMap((page) => page.edges)
      .map((edge) => [`${edge.from} ${edge.to} ${edge.kind}`, edge]),
  );
  return {
    ...first,
    steps: [...steps.values()],
    messages: [...messages.values()],
    edges: [...edges.values()],
    criticalPath: {
      ...first.criticalPath,
      parts: pages.flatMap(({ criticalPath }) => criticalPath.parts),
    },
    stepsNext: null,
  };
}
