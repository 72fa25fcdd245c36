import type { RunId, TraceId } from '@throughline/model/ids';
import type { Pattern, RunStatus } from '@throughline/model/run';
import type { Attributes } from '@throughline/model/step';
import type {
  BucketRequest,
  KeyTerm,
  RunFacets,
  RunFilter,
  RunPage,
  RunPageRequest,
  RunSort,
  RunSummary,
  RunTable,
  StartBucket,
  WorkflowSummary,
} from '../read-store.js';
import { AttributeSketch } from './attribute-sketch.js';
import { comparePlaces, cursorPlace, cursorText, placeOf, type Place } from './page-cursor.js';
import { askedTrace, hasKey, isOpen, passes } from './run-filter.js';
import { SortedList } from './sorted-list.js';
import { bump } from './tally-map.js';
import { ValueIndex } from './value-index.js';
import { WorkflowTally } from './workflow-tally.js';

const SORTS: readonly RunSort[] = ['lastActivityAt', 'startedAt', 'duration'];
/** Up to this many candidates, or this share of all runs, are sorted; more are looked for along the order. */
const CANDIDATES_SORTED_MAX = 500;
const CANDIDATES_SORTED_SHARE = 1 / 32;

/** What an index can give for a filter: a superset of the runs that pass. */
interface Candidates {
  readonly count: number;
  ids(): Iterable<RunId>;
}

interface Row {
  readonly summary: RunSummary;
  readonly sketch: AttributeSketch;
}

/** All runs, in every order that they are listed in, found by every value that they are asked for by. */
export class MemoryRunTable implements RunTable {
  readonly #rows = new Map<RunId, Row>();
  readonly #orders = new Map(SORTS.map((sort) => [sort, new SortedList<Place>(comparePlaces)]));
  readonly #aliases = new ValueIndex();
  readonly #byWorkflow = new ValueIndex();
  readonly #byStatus = new ValueIndex();
  readonly #byPattern = new ValueIndex();
  readonly #byService = new ValueIndex();
  readonly #byDestination = new ValueIndex();
  readonly #byKey = new ValueIndex();
  readonly #byTrace = new ValueIndex();
  readonly #tallies = new Map<string, WorkflowTally>();
  readonly #allRuns = new WorkflowTally();

  get size(): number {
    return this.#rows.size;
  }

  put(summary: RunSummary, attributes: Iterable<Attributes>): void {
    this.remove(summary.id);
    this.#rows.set(summary.id, { summary, sketch: new AttributeSketch(attributes) });
    for (const [sort, order] of this.#orders) order.add(placeOf(summary, sort));
    for (const [index, value] of this.#indexed(summary)) index.add(value, summary.id);
    const tally = this.#tallies.get(summary.workflow) ?? new WorkflowTally();
    this.#tallies.set(summary.workflow, tally);
    tally.add(summary);
    this.#allRuns.add(summary);
  }

  remove(id: RunId): void {
    const summary = this.#rows.get(id)?.summary;
    if (summary === undefined) return;
    this.#rows.delete(id);
    for (const [sort, order] of this.#orders) order.delete(placeOf(summary, sort));
    for (const [index, value] of this.#indexed(summary)) index.delete(value, id);
    const tally = this.#tallies.get(summary.workflow);
    tally?.delete(summary);
    if (tally?.runs === 0) this.#tallies.delete(summary.workflow);
    this.#allRuns.delete(summary);
  }

  get(idOrAlias: string): RunSummary | undefined {
    const direct = this.#rows.get(idOrAlias as RunId)?.summary;
    if (direct !== undefined) return direct;
    const [heir] = [...this.#aliases.ids(idOrAlias)].sort();
    return heir === undefined ? undefined : this.#rows.get(heir)?.summary;
  }

  list(request: RunPageRequest): RunPage {
    const { sort, limit } = request;
    const after = request.cursor === null ? null : cursorPlace(request, request.cursor);
    const found: RunSummary[] = [];
    for (const run of this.#inOrder(request, after)) {
      if (found.push(run) > limit) break;
    }
    const items = found.slice(0, limit);
    const last = items.at(-1);
    const hasMore = found.length > limit && last !== undefined;
    return { items, next: hasMore ? cursorText(request, placeOf(last, sort)) : null };
  }

  facets(filter: RunFilter): RunFacets {
    if (isOpen(filter)) {
      return {
        total: this.size,
        workflow: this.#byWorkflow.counts(),
        status: this.#byStatus.counts() as Map<RunStatus, number>,
        pattern: this.#byPattern.counts() as Map<Pattern, number>,
        service: this.#byService.counts(),
        destination: this.#byDestination.counts(),
      };
    }
    return countFacets(this.scan(filter));
  }

  *scan(filter: RunFilter): Generator<RunSummary, void> {
    const candidates = this.#candidates(filter);
    if (candidates === null) {
      for (const { summary } of this.#rows.values()) if (passes(summary, filter)) yield summary;
      return;
    }
    const among = this.#amongIds(filter);
    for (const id of candidates.ids()) {
      const summary = this.#rows.get(id)?.summary;
      if (summary === undefined || among?.has(id) === false) continue;
      if (passes(summary, filter)) yield summary;
    }
  }

  byKey(term: KeyTerm): readonly RunSummary[] {
    return this.#summaries(this.#keyIds(term)).filter((run) => hasKey(run, term));
  }

  byTrace(id: TraceId): readonly RunSummary[] {
    return this.#summaries(this.#byTrace.ids(id));
  }

  mayHaveAttribute(id: RunId, name: string, text: string | null): boolean {
    return this.#rows.get(id)?.sketch.mayHave(name, text) ?? false;
  }

  workflows(): readonly WorkflowSummary[] {
    return [...this.#tallies].map(([name, tally]) => tally.summary(name));
  }

  starts(workflow: string | null, buckets: BucketRequest): readonly StartBucket[] {
    const tally = workflow === null ? this.#allRuns : this.#tallies.get(workflow);
    return (tally ?? new WorkflowTally()).starts(buckets);
  }

  *#inOrder(request: RunPageRequest, after: Place | null): Generator<RunSummary, void> {
    const { filter, sort, descending } = request;
    const candidates = this.#candidates(filter);
    const share = this.size * CANDIDATES_SORTED_SHARE;
    if (candidates !== null && candidates.count <= Math.max(CANDIDATES_SORTED_MAX, share)) {
      const sign = descending ? -1 : 1;
      const places = [...this.scan(filter)]
        .map((run) => placeOf(run, sort))
        .filter((place) => after === null || sign * comparePlaces(place, after) > 0)
        .sort((a, b) => sign * comparePlaces(a, b));
      yield* this.#summaries(places.map(({ id }) => id));
      return;
    }
    const among = this.#amongIds(filter);
    for (const { id } of this.#walk(request, after)) {
      const summary = this.#rows.get(id)?.summary;
      if (summary === undefined || among?.has(id) === false) continue;
      if (passes(summary, filter)) yield summary;
    }
  }

  /** Along the order, from the cursor on; begins and ends where the window lets it. */
  *#walk(request: RunPageRequest, after: Place | null): Generator<Place, void> {
    const { filter, sort, descending } = request;
    const order = this.#orders.get(sort) ?? new SortedList<Place>(comparePlaces);
    const lowNs = sort === 'lastActivityAt' ? filter.fromNs : null;
    const highNs = sort === 'startedAt' ? filter.toNs : null;
    if (descending) {
      const start = highNs === null ? null : { valueNs: highNs + 1n, id: '' as RunId };
      for (const place of order.before(after ?? start)) {
        if (lowNs !== null && place.valueNs < lowNs) return;
        yield place;
      }
      return;
    }
    const start = lowNs === null ? null : { valueNs: lowNs, id: '' as RunId };
    for (const place of order.after(after ?? start)) {
      if (highNs !== null && place.valueNs > highNs) return;
      yield place;
    }
  }

  /** The smallest set of runs that an index can give for the filter; null when no index helps. */
  #candidates(filter: RunFilter): Candidates | null {
    const choices: (Candidates | null)[] = [
      this.#choice(this.#byWorkflow, filter.workflows),
      this.#choice(this.#byStatus, filter.statuses),
      this.#choice(this.#byPattern, filter.patterns),
      this.#choice(this.#byService, filter.services),
      this.#choice(this.#byDestination, filter.destinations),
      ...filter.keys.map((term) => {
        const ids = this.#keyIds(term);
        return { count: ids.size, ids: () => ids };
      }),
    ];
    const among = this.#amongIds(filter);
    if (among !== null) choices.push({ count: among.size, ids: () => among });
    return choices
      .filter((choice) => choice !== null)
      .reduce<Candidates | null>(
        (least, choice) => (least === null || choice.count < least.count ? choice : least),
        null,
      );
  }

  #choice(index: ValueIndex, values: readonly string[] | null): Candidates | null {
    if (values === null) return null;
    return {
      count: values.reduce((sum, value) => sum + index.count(value), 0),
      ids: () => new Set(values.flatMap((value) => [...index.ids(value)])),
    };
  }

  #keyIds(term: KeyTerm): ReadonlySet<RunId> {
    const trace = askedTrace(term);
    const ids = this.#byKey.ids(term.value);
    return trace === null ? ids : new Set([...ids, ...this.#byTrace.ids(trace)]);
  }

  #amongIds({ among }: RunFilter): ReadonlySet<RunId> | null {
    if (among === null) return null;
    return new Set(among.map((each) => this.get(each)?.id).filter((id) => id !== undefined));
  }

  #summaries(ids: Iterable<RunId>): RunSummary[] {
    return [...ids].map((id) => this.#rows.get(id)?.summary).filter((run) => run !== undefined);
  }

  #indexed(run: RunSummary): (readonly [ValueIndex, string])[] {
    const pattern = run.pattern === null ? [] : [run.pattern];
    return [
      ...run.aliases.map((alias) => [this.#aliases, alias] as const),
      [this.#byWorkflow, run.workflow],
      [this.#byStatus, run.status],
      ...pattern.map((each) => [this.#byPattern, each] as const),
      ...run.services.map((each) => [this.#byService, each] as const),
      ...run.destinations.map((each) => [this.#byDestination, each] as const),
      ...run.keys.map(({ value }) => [this.#byKey, value] as const),
      ...run.traceIds.map((each) => [this.#byTrace, each] as const),
    ];
  }
}

function countFacets(runs: Iterable<RunSummary>): RunFacets {
  const facets = {
    workflow: new Map<string, number>(),
    status: new Map<RunStatus, number>(),
    pattern: new Map<Pattern, number>(),
    service: new Map<string, number>(),
    destination: new Map<string, number>(),
  };
  let total = 0;
  for (const run of runs) {
    total += 1;
    bump(facets.workflow, run.workflow, 1);
    bump(facets.status, run.status, 1);
    if (run.pattern !== null) bump(facets.pattern, run.pattern, 1);
    for (const service of new Set(run.services)) bump(facets.service, service, 1);
    for (const destination of new Set(run.destinations)) bump(facets.destination, destination, 1);
  }
  return { total, ...facets };
}
