import type { RunId, TraceId } from '@throughline/model/ids';
import {
  comparePlaces,
  cursorPlace,
  cursorText,
  placeOf,
  type Place,
} from '../derived/page-cursor.js';
import { askedTrace, hasKey } from '../derived/run-filter.js';
import type {
  BucketRequest,
  KeyTerm,
  RunFacets,
  RunFilter,
  RunPage,
  RunPageRequest,
  RunSummary,
  RunTable,
  StartBucket,
  WorkflowSummary,
} from '../read-store.js';
import type { ArchivedWorkflow, ArchiveReader } from '../run-archive.js';

/** Runs in memory and those that left it, as one table: nobody who asks sees where a run lies. */
export class TieredRunTable implements RunTable {
  readonly #memory: RunTable;
  readonly #archive: ArchiveReader;

  constructor(memory: RunTable, archive: ArchiveReader) {
    this.#memory = memory;
    this.#archive = archive;
  }

  get size(): number {
    return this.#memory.size + this.#archive.runCount;
  }

  get(idOrAlias: string): RunSummary | undefined {
    const here = this.#memory.get(idOrAlias);
    if (here?.id === idOrAlias || this.#archive.runCount === 0) return here;
    const there = this.#archive.get(idOrAlias);
    if (here === undefined || there === undefined) return here ?? there;
    return there.id === idOrAlias || there.id < here.id ? there : here;
  }

  list(request: RunPageRequest): RunPage {
    const { limit, sort } = request;
    if (this.#archive.runCount === 0) return this.#memory.list(request);
    const { here, there } = this.#filters(request.filter);
    const page = this.#memory.list({ ...request, filter: here });
    const archived = this.#archive.page({ ...request, filter: there });
    // As far as both were looked through: what stands behind that may have others before it.
    const ends = [
      page.next === null ? null : cursorPlace(request, page.next),
      archived.lookedUpTo,
    ].filter((end) => end !== null);
    const end = ends.reduce<Place | null>(
      (first, one) => (first === null || isBefore(one, first, request) ? one : first),
      null,
    );
    const all = mergedOf(page.items, archived.items, request);
    const shown = all.filter((run) => end === null || !isBefore(end, placeOf(run, sort), request));
    const items = shown.slice(0, limit);
    const last = items.at(-1);
    if (shown.length > limit && last !== undefined) {
      return { items, next: cursorText(request, placeOf(last, sort)) };
    }
    return { items, next: end === null ? null : cursorText(request, end) };
  }

  facets(filter: RunFilter): RunFacets {
    if (this.#archive.runCount === 0) return this.#memory.facets(filter);
    const filters = this.#filters(filter);
    const here = this.#memory.facets(filters.here);
    const there = this.#archive.facets(filters.there);
    return {
      isComplete: here.isComplete && there.isComplete,
      total: here.total + there.total,
      workflow: sumOf(here.workflow, there.workflow),
      status: sumOf(here.status, there.status),
      pattern: sumOf(here.pattern, there.pattern),
      service: sumOf(here.service, there.service),
      destination: sumOf(here.destination, there.destination),
    };
  }

  /** An alias means one run, wherever that lies. */
  #filters(filter: RunFilter): { readonly here: RunFilter; readonly there: RunFilter } {
    if (filter.among === null) return { here: filter, there: filter };
    const here: RunId[] = [];
    const there: RunId[] = [];
    for (const asked of filter.among) {
      const id = this.get(asked)?.id;
      if (id === undefined) continue;
      if (this.#memory.get(id)?.id === id) here.push(id);
      else there.push(id);
    }
    return { here: { ...filter, among: here }, there: { ...filter, among: there } };
  }

  scan(filter: RunFilter): Iterable<RunSummary> {
    return this.#memory.scan(filter);
  }

  byKey(term: KeyTerm): readonly RunSummary[] {
    const archived = this.#archive.withValue(term.value).filter((run) => hasKey(run, term));
    return [...this.#memory.byKey(term), ...archived];
  }

  byTrace(id: TraceId): readonly RunSummary[] {
    const term = { type: 'trace', value: id };
    const archived = this.#archive.withValue(askedTrace(term) ?? id);
    return [...this.#memory.byTrace(id), ...archived.filter((run) => hasKey(run, term))];
  }

  mayHaveAttribute(id: RunId, name: string, text: string | null): boolean {
    return this.#memory.get(id)?.id !== id
      ? this.#archive.mayHaveAttribute(id, name, text)
      : this.#memory.mayHaveAttribute(id, name, text);
  }

  /** Durations are those of the runs in memory. */
  workflows(): readonly WorkflowSummary[] {
    const archived = new Map(this.#archive.workflows());
    const both = this.#memory.workflows().map((here) => {
      const there = archived.get(here.name);
      archived.delete(here.name);
      return there === undefined ? here : workflowSum(here, there);
    });
    return [...both, ...[...archived].map(([name, there]) => workflowSum(nothingOf(name), there))];
  }

  starts(workflow: string | null, buckets: BucketRequest): readonly StartBucket[] {
    return this.#memory.starts(workflow, buckets);
  }
}

type Ordering = Pick<RunPageRequest, 'sort' | 'descending'>;

function isBefore(a: Place, b: Place, { descending }: Ordering): boolean {
  const order = comparePlaces(a, b);
  return descending ? order > 0 : order < 0;
}

function mergedOf(
  here: readonly RunSummary[],
  there: readonly RunSummary[],
  request: Ordering,
): RunSummary[] {
  const runs = new Map<RunId, RunSummary>();
  for (const run of [...there, ...here]) runs.set(run.id, run);
  const { sort } = request;
  return [...runs.values()].sort((a, b) =>
    isBefore(placeOf(a, sort), placeOf(b, sort), request) ? -1 : 1,
  );
}

function sumOf<K>(a: ReadonlyMap<K, number>, b: ReadonlyMap<K, number>): Map<K, number> {
  const sum = new Map(a);
  for (const [value, count] of b) sum.set(value, (sum.get(value) ?? 0) + count);
  return sum;
}

function nothingOf(name: string): WorkflowSummary {
  return {
    name,
    runs: 0,
    byStatus: new Map(),
    byPattern: new Map(),
    p50Ms: null,
    p95Ms: null,
    lastActivityAtNs: null,
  };
}

function workflowSum(here: WorkflowSummary, there: ArchivedWorkflow): WorkflowSummary {
  const { lastActivityAtNs } = here;
  const isLater = lastActivityAtNs !== null && lastActivityAtNs > there.lastActivityAtNs;
  return {
    ...here,
    runs: here.runs + there.runs,
    byStatus: sumOf(here.byStatus, there.byStatus),
    byPattern: sumOf(here.byPattern, there.byPattern),
    lastActivityAtNs: isLater ? lastActivityAtNs : there.lastActivityAtNs,
  };
}
