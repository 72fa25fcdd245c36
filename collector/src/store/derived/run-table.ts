import type { RunId, TraceId } from '@throughline/model/ids';
import type { Pattern, RunStatus } from '@throughline/model/run';
import type { Attributes } from '@throughline/model/step';
import type {
  ArchivedRun,
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
import { FacetCodes } from './run-facets.js';
import {
  comparePlaces,
  cursorPlace,
  cursorText,
  instantOf,
  placeKey,
  placeOf,
  type Place,
} from './page-cursor.js';
import { askedTrace, hasKey, isOpen, passes } from './run-filter.js';
import { SortedList } from './sorted-list.js';
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
  readonly attributes: readonly Attributes[];
  /** Made when first asked for: a run changes many times before anybody looks for its attributes. */
  sketch: AttributeSketch | null;
  codes: Uint32Array | null;
}

/** All runs, in every order that they are listed in, found by every value that they are asked for by. */
export class MemoryRunTable implements RunTable {
  readonly #rows = new Map<RunId, Row>();
  readonly #orders = new Map(SORTS.map((sort) => [sort, newOrder()]));
  readonly #aliases = new ValueIndex();
  readonly #byWorkflow = new ValueIndex();
  readonly #byStatus = new ValueIndex();
  readonly #byPattern = new ValueIndex();
  readonly #byService = new ValueIndex();
  readonly #byDestination = new ValueIndex();
  readonly #byKey = new ValueIndex();
  readonly #byTrace = new ValueIndex();
  readonly #indexes: readonly (readonly [ValueIndex, (run: RunSummary) => readonly string[]])[] = [
    [this.#aliases, (run) => run.aliases],
    [this.#byWorkflow, (run) => [run.workflow]],
    [this.#byStatus, (run) => [run.status]],
    [this.#byPattern, (run) => (run.pattern === null ? [] : [run.pattern])],
    [this.#byService, (run) => run.services],
    [this.#byDestination, (run) => run.destinations],
    [this.#byKey, (run) => run.keys.map(({ value }) => value)],
    [this.#byTrace, (run) => run.traceIds],
  ];
  readonly #tallies = new Map<string, WorkflowTally>();
  readonly #allRuns = new WorkflowTally();
  readonly #facetCodes = new FacetCodes();

  get size(): number {
    return this.#rows.size;
  }

  put(summary: RunSummary, attributes: readonly Attributes[]): void {
    this.#replace(this.#rows.get(summary.id)?.summary, summary);
    this.#rows.set(summary.id, { summary, attributes, sketch: null, codes: null });
  }

  remove(id: RunId): void {
    this.#replace(this.#rows.get(id)?.summary, undefined);
    this.#rows.delete(id);
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
        isComplete: true,
        total: this.size,
        workflow: this.#byWorkflow.counts(),
        status: this.#byStatus.counts() as Map<RunStatus, number>,
        pattern: this.#byPattern.counts() as Map<Pattern, number>,
        service: this.#byService.counts(),
        destination: this.#byDestination.counts(),
      };
    }
    return this.#facetCodes.count(this.#codesOf(filter));
  }

  *scan(filter: RunFilter): Generator<RunSummary, void> {
    for (const { summary } of this.#rowsOf(filter)) yield summary;
  }

  byKey(term: KeyTerm): readonly RunSummary[] {
    return this.#summaries(this.#keyIds(term)).filter((run) => hasKey(run, term));
  }

  byTrace(id: TraceId): readonly RunSummary[] {
    return this.#summaries(this.#byTrace.ids(id));
  }

  mayHaveAttribute(id: RunId, name: string, text: string | null): boolean {
    const row = this.#rows.get(id);
    if (row === undefined) return false;
    row.sketch ??= AttributeSketch.over(row.attributes);
    return row.sketch.mayHave(name, text);
  }

  /** What an archive keeps of the run. */
  archived(id: RunId): ArchivedRun | undefined {
    const row = this.#rows.get(id);
    if (row === undefined) return undefined;
    const { words } = row.sketch ?? AttributeSketch.over(row.attributes);
    return { summary: row.summary, attributeWords: words };
  }

  workflows(): readonly WorkflowSummary[] {
    return [...this.#tallies].map(([name, tally]) => tally.summary(name));
  }

  starts(workflow: string | null, buckets: BucketRequest): readonly StartBucket[] {
    const tally = workflow === null ? this.#allRuns : this.#tallies.get(workflow);
    return (tally ?? new WorkflowTally()).starts(buckets);
  }

  *#codesOf(filter: RunFilter): Generator<Uint32Array, void> {
    for (const row of this.#rowsOf(filter)) {
      yield (row.codes ??= this.#facetCodes.codesOf(row.summary));
    }
  }

  *#rowsOf(filter: RunFilter): Generator<Row, void> {
    const candidates = this.#candidates(filter);
    const admits = this.#judge(filter);
    if (candidates === null || candidates.count > this.size / 2) {
      for (const row of this.#rows.values()) if (admits(row)) yield row;
      return;
    }
    for (const id of candidates.ids()) {
      const row = this.#rows.get(id);
      if (row !== undefined && admits(row)) yield row;
    }
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
    const admits = this.#judge(filter);
    for (const { id } of this.#walk(request, after)) {
      const row = this.#rows.get(id);
      if (row !== undefined && admits(row)) yield row.summary;
    }
  }

  #judge(filter: RunFilter): (row: Row) => boolean {
    const among = this.#amongIds(filter);
    return ({ summary }) => among?.has(summary.id) !== false && passes(summary, filter);
  }

  /** Along the order, from the cursor on; begins and ends where the window lets it. */
  *#walk(request: RunPageRequest, after: Place | null): Generator<Place, void> {
    const { filter, sort, descending } = request;
    const order = this.#orders.get(sort) ?? newOrder();
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
    const [first] = values;
    return {
      count: values.reduce((sum, value) => sum + index.count(value), 0),
      ids: () =>
        values.length === 1 && first !== undefined
          ? index.ids(first)
          : new Set(values.flatMap((value) => [...index.ids(value)])),
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

  /** A run that grows keeps most of its values: only what differs is moved. */
  #replace(before: RunSummary | undefined, after: RunSummary | undefined): void {
    const id = (after ?? before)?.id;
    if (id === undefined) return;
    for (const [sort, order] of this.#orders) {
      const fromNs = before && instantOf(before, sort);
      const toNs = after && instantOf(after, sort);
      if (fromNs === toNs) continue;
      if (before !== undefined) order.delete(placeOf(before, sort));
      if (after !== undefined) order.add(placeOf(after, sort));
    }
    for (const [index, valuesOf] of this.#indexes) {
      const from = before && valuesOf(before);
      const to = after && valuesOf(after);
      if (areSame(from, to)) continue;
      for (const value of without(from, to)) index.delete(value, id);
      for (const value of without(to, from)) index.add(value, id);
    }
    this.#recount(before, after);
  }

  #recount(before: RunSummary | undefined, after: RunSummary | undefined): void {
    this.#allRuns.replace(before, after);
    if (before?.workflow === after?.workflow) {
      if (after !== undefined) this.#tallyOf(after).replace(before, after);
      return;
    }
    if (after !== undefined) this.#tallyOf(after).replace(undefined, after);
    if (before === undefined) return;
    const tally = this.#tallyOf(before);
    tally.replace(before, undefined);
    if (tally.runs === 0) this.#tallies.delete(before.workflow);
  }

  #tallyOf({ workflow }: RunSummary): WorkflowTally {
    let tally = this.#tallies.get(workflow);
    if (tally === undefined) this.#tallies.set(workflow, (tally = new WorkflowTally()));
    return tally;
  }
}

function newOrder(): SortedList<Place> {
  return new SortedList<Place>(comparePlaces, placeKey);
}

const NONE: readonly string[] = [];
/** Up to this many values are looked through; more are looked up. */
const LOOKED_THROUGH_MAX = 16;

/** Values that the others do not have. */
function without(values = NONE, others = NONE): readonly string[] {
  if (values.length === 0 || others.length === 0) return values;
  if (others.length <= LOOKED_THROUGH_MAX) return values.filter((each) => !others.includes(each));
  const known = new Set(others);
  return values.filter((each) => !known.has(each));
}

function areSame(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  return a?.length === b?.length && (a ?? []).every((value, at) => value === b?.[at]);
}
