import type { RunId } from '@throughline/model/ids';
import { AttributeSketch } from '../derived/attribute-sketch.js';
import { cursorPlace, placeOf } from '../derived/page-cursor.js';
import { askedTrace, hasKey, isOpen, passes } from '../derived/run-filter.js';
import type {
  ArchivedRun,
  RunFacets,
  RunFilter,
  RunPageRequest,
  RunSummary,
} from '../read-store.js';
import type { ArchivedWorkflow, ArchivePage, ArchiveReader, FamilyPlace } from '../run-archive.js';
import { ArchiveTotals } from './archive-totals.js';
import { blockOf, mayPass, type BlockHead } from './block.js';
import { idName, traceName, valueName, type BlockSource } from './block-source.js';
import { runsOf, walkBlocks } from './block-walk.js';

/** Blocks that one answer reads at most: so long nobody else is served. */
const BLOCKS_READ_MAX = 48;
/** Runs that have to be looked at closely are looked at for so long. */
const LOOKING_MS_MAX = 400;
/** Families that are looked up for one name. */
const NAMED_MAX = 5_000;

interface Found {
  readonly run: ArchivedRun;
  readonly place: FamilyPlace;
}

/** Lists and finds the runs of blocks. */
export class BlockArchiveReader implements ArchiveReader {
  readonly #source: BlockSource;
  readonly #totals: ArchiveTotals;
  readonly #nowMs: () => number;

  constructor(source: BlockSource, totals: ArchiveTotals, nowMs: () => number) {
    this.#source = source;
    this.#totals = totals;
    this.#nowMs = nowMs;
  }

  get runCount(): number {
    return this.#totals.runs;
  }

  get(idOrAlias: string): RunSummary | undefined {
    return this.#find(idOrAlias)?.run.summary;
  }

  placesOf(idOrAlias: string): readonly FamilyPlace[] {
    return [...new Set([...this.#known(idOrAlias)].map(({ place }) => place))];
  }

  withValue(value: string): readonly RunSummary[] {
    const term = { type: null, value };
    const names = [valueName(value)];
    const trace = askedTrace(term);
    if (trace !== null) names.push(traceName(trace));
    const runs = new Map<RunId, RunSummary>();
    for (const { run } of names.flatMap((name) => [...this.#named(name)])) {
      if (hasKey(run.summary, term)) runs.set(run.summary.id, run.summary);
    }
    return [...runs.values()];
  }

  mayHaveAttribute(id: RunId, name: string, text: string | null): boolean {
    const found = this.#find(id);
    return found !== undefined && AttributeSketch.of(found.run.attributeWords).mayHave(name, text);
  }

  page(request: RunPageRequest): ArchivePage {
    const { sort, descending, filter, limit, cursor } = request;
    const walk = walkBlocks(this.#source, {
      sort,
      descending,
      after: cursor === null ? null : cursorPlace(request, cursor),
      heads: this.#heads(filter),
      passes: (run) => this.#passes(run, { ...filter, matches: null }),
      blocksMax: BLOCKS_READ_MAX,
    });
    const items: RunSummary[] = [];
    const untilMs = this.#nowMs() + LOOKING_MS_MAX;
    for (;;) {
      if (items.length > limit) return { items, lookedUpTo: null };
      const { done, value } = walk.next();
      if (done) return { items, lookedUpTo: value };
      if (filter.matches?.(value) ?? true) items.push(value);
      // Whether a run matches may be a matter of its spans, which have to be read.
      if (this.#nowMs() > untilMs) return { items, lookedUpTo: placeOf(value, sort) };
    }
  }

  facets(filter: RunFilter): RunFacets {
    if (isOpen(filter)) return this.#totals.facets();
    const counted = new ArchiveTotals();
    const heads = [...this.#heads(filter)].sort((a, b) => b.id - a.id);
    const untilMs = this.#nowMs() + LOOKING_MS_MAX;
    let read = 0;
    for (const head of heads) {
      if (read === BLOCKS_READ_MAX || this.#nowMs() > untilMs) break;
      read += 1;
      for (const run of runsOf(this.#source, head)) {
        if (this.#passes(run, filter)) counted.add(run, 1);
      }
    }
    return { ...counted.facets(), isComplete: read === heads.length };
  }

  workflows(): ReadonlyMap<string, ArchivedWorkflow> {
    return this.#totals.workflows();
  }

  #passes(run: RunSummary, filter: RunFilter): boolean {
    return (filter.among?.includes(run.id) ?? true) && passes(run, filter);
  }

  /** Blocks that may hold what the filter asks for. */
  #heads(filter: RunFilter): readonly BlockHead[] {
    let heads: readonly BlockHead[] = [...this.#source.heads.values()];
    for (const names of namesAsked(filter)) {
      const places = names.flatMap((name) => this.#source.named(name, NAMED_MAX));
      const blocks = new Set(places.map((place) => blockOf(place).blockId));
      heads = heads.filter(({ id }) => blocks.has(id));
    }
    return isOpen(filter) ? heads : heads.filter((head) => mayPass(head, filter));
  }

  #find(idOrAlias: string): Found | undefined {
    let heir: Found | undefined;
    for (const found of this.#known(idOrAlias)) {
      const { id } = found.run.summary;
      if (id === idOrAlias) return found;
      if (heir === undefined || id < heir.run.summary.id) heir = found;
    }
    return heir;
  }

  *#known(idOrAlias: string): Generator<Found, void> {
    for (const found of this.#named(idName(idOrAlias))) {
      const { id, aliases } = found.run.summary;
      if (id === idOrAlias || aliases.includes(idOrAlias as RunId)) yield found;
    }
  }

  *#named(name: string): Generator<Found, void> {
    for (const place of this.#source.named(name, NAMED_MAX)) {
      if (this.#source.isHidden(place)) continue;
      const { blockId, index } = blockOf(place);
      for (const run of this.#source.families(blockId)[index]?.runs ?? []) yield { run, place };
    }
  }
}

/** For each term of the filter the names one of which a run has that it lets pass. */
function namesAsked({ keys, among }: RunFilter): string[][] {
  const asked = keys.map((term) => {
    const trace = askedTrace(term);
    const value = valueName(term.value);
    return trace === null ? [value] : [value, traceName(trace)];
  });
  return among === null ? asked : [...asked, among.map(idName)];
}
