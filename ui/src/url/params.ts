import { PARAM_FIELDS, type RunFilter } from './run-query.js';

type Raw = Readonly<Record<string, unknown>>;

/** Search params as pages use them: known names checked, unknown ones kept (a newer link survives). */
function oneOf<T extends string>(raw: unknown, allowed: readonly T[]): T | undefined {
  return allowed.find((value) => value === raw);
}

function text(raw: unknown): string | undefined {
  return typeof raw === 'string' && raw !== '' ? raw : undefined;
}

/** Leaves out what is undefined, so that an address never shows `x=undefined`. */
function present<T extends object>(params: T): Present<T> {
  const entries = Object.entries(params).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Present<T>;
}
type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

export const LENSES = ['health', 'rate', 'latency', 'errors'] as const;
export type Lens = (typeof LENSES)[number];

export const RUN_VIEWS = ['flow', 'timeline', 'events'] as const;
export type RunView = (typeof RUN_VIEWS)[number];

export const FINDING_GROUPS = ['rule', 'severity', 'state'] as const;
export type FindingGroup = (typeof FINDING_GROUPS)[number];

export const FINDING_STATES = ['open', 'acknowledged', 'closed', 'all'] as const;
export type FindingStateFilter = (typeof FINDING_STATES)[number];

export const RUN_SORTS = [
  '-startedAt',
  'startedAt',
  '-lastActivityAt',
  'lastActivityAt',
  '-duration',
  'duration',
] as const;
export type RunSort = (typeof RUN_SORTS)[number];

export interface RunsParams extends RunFilter {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly sort?: RunSort | undefined;
}

export function runsParams(raw: Raw): RunsParams {
  const own = Object.fromEntries(PARAM_FIELDS.map((field) => [field, text(raw[field])]));
  return present({
    ...own,
    q: text(raw['q']),
    from: text(raw['from']),
    to: text(raw['to']),
    sort: oneOf(raw['sort'], RUN_SORTS),
  });
}

/** A route that is tried: what it matches, and when it tells. */
export interface AlertsParams {
  readonly rule?: string | undefined;
  readonly severity?: string | undefined;
  readonly workflow?: string | undefined;
  readonly service?: string | undefined;
  readonly for?: string | undefined;
  readonly repeat?: string | undefined;
  readonly window?: string | undefined;
}

export function alertsParams(raw: Raw): AlertsParams {
  return present({
    rule: text(raw['rule']),
    severity: text(raw['severity']),
    workflow: text(raw['workflow']),
    service: text(raw['service']),
    for: text(raw['for']),
    repeat: text(raw['repeat']),
    window: text(raw['window']),
  });
}

export interface MapParams {
  readonly lens?: Lens | undefined;
  readonly sel?: string | undefined;
  readonly focus?: string | undefined;
  readonly find?: string | undefined;
  readonly workflow?: string | undefined;
  readonly as?: 'list' | undefined;
}

export function mapParams(raw: Raw): MapParams {
  return present({
    lens: oneOf(raw['lens'], LENSES),
    sel: text(raw['sel']),
    focus: text(raw['focus']),
    find: text(raw['find']),
    workflow: text(raw['workflow']),
    as: oneOf(raw['as'], ['list'] as const),
  });
}

export interface RunParams {
  readonly view?: RunView | undefined;
  readonly sel?: string | undefined;
  readonly inner?: 'shown' | undefined;
  readonly gaps?: 'kept' | undefined;
  readonly order?: 'lane' | 'duration' | undefined;
  readonly find?: string | undefined;
}

export function runParams(raw: Raw): RunParams {
  return present({
    view: oneOf(raw['view'], RUN_VIEWS),
    sel: text(raw['sel']),
    inner: oneOf(raw['inner'], ['shown'] as const),
    gaps: oneOf(raw['gaps'], ['kept'] as const),
    order: oneOf(raw['order'], ['lane', 'duration'] as const),
    find: text(raw['find']),
  });
}

export interface FindingsParams {
  readonly group?: FindingGroup | undefined;
  readonly state?: FindingStateFilter | undefined;
  readonly rule?: string | undefined;
  readonly workflow?: string | undefined;
}

export function findingsParams(raw: Raw): FindingsParams {
  return present({
    group: oneOf(raw['group'], FINDING_GROUPS),
    state: oneOf(raw['state'], FINDING_STATES),
    rule: text(raw['rule']),
    workflow: text(raw['workflow']),
  });
}

export interface SelectionParams {
  readonly sel?: string | undefined;
}

export function selectionParams(raw: Raw): SelectionParams {
  return present({ sel: text(raw['sel']) });
}
