import type { RunId } from '@throughline/model/ids';
import type { Step } from '@throughline/model/step';
import type { Detector } from './detect/detector.js';
import { ArchivedRuns } from './archived-runs.js';
import { ReadBodies, type ReadBodiesDeps } from './read-bodies.js';
import { recordOf, runIdsOf, type Family, type FamilyRecord } from './stitch/families.js';
import { tiesOfStep } from './stitch/step-ties.js';
import type { Stitcher } from './stitch/stitch.js';
import type { TraceState } from './stitch/trace-state.js';
import type { ArchivedRun, DerivedTables } from './store/read-store.js';
import {
  spansOf,
  tracesOf,
  type ArchivedFamily,
  type FamilyPlace,
  type RunArchive,
} from './store/run-archive.js';

export interface ArchivistDeps extends ReadBodiesDeps {
  readonly archive: RunArchive;
  readonly stitcher: Stitcher;
  readonly tables: DerivedTables;
  readonly detector: Detector;
  /** The run is not assembled as it is now. */
  readonly isDirty: (id: RunId) => boolean;
  readonly nowMs: () => number;
  readonly onTrouble: (text: string) => void;
}

/** A family of more spans does not come back by itself: each late span would have all of them read again. */
const FETCHED_SPANS_MAX = 50_000;
/** After trouble nothing leaves for so long. */
const REST_MS = 1_000;
/** The same trouble is told no more often. */
const QUIET_MS = 60_000;

interface Candidate {
  readonly family: Family;
  readonly record: FamilyRecord;
}

/** Families that leave in one transaction; they are read again together, too. */
const BATCH_FAMILIES = 128;
/** So much room is made at once, that families leave in batches. */
const ROOM_SHARE = 0.01;
/** After so many families in a row that had better stay, those leave as well. */
const REFUSALS_MAX = 300;
/** What a body brings back at once; the rest waits for its turn. */
const FETCH_MS = 10;
/**
 * Families that wait to come back. Beyond, what arrives for others stands by itself until it is looked at: with more runs
 * open at once than memory has room for, they would come and go without end.
 */
const WANTED_MAX = 500;

/**
 * Keeps memory to its bound, and nothing out of sight: families of runs of which nothing was heard for longest leave it
 * for the archive, and come back when a step with one of their ties arrives. The stored spans are what they are stitched
 * from again, so that they are then what they would be had they never left.
 */
export class Archivist {
  readonly #deps: ArchivistDeps;
  /** Those that are not in memory, to be read. */
  readonly runs: ArchivedRuns;
  /** Families in memory that lie in the archive, too, by the traces they had there. */
  readonly #places = new Map<string, readonly FamilyPlace[]>();
  /** To be fetched when there is time. */
  readonly #wanted = new Set<FamilyPlace>();
  /** On their way back: the archive does not know yet. */
  readonly #coming = new Set<FamilyPlace>();
  #forgottenFrom = Infinity;
  #quietUntilMs = 0;
  #restUntilMs = 0;
  readonly #bodies: ReadBodies;

  constructor(deps: ArchivistDeps) {
    this.#deps = deps;
    this.#bodies = new ReadBodies(deps);
    this.runs = new ArchivedRuns(deps);
  }

  /** Something that left memory is to come back, and has not yet. */
  get isBehind(): boolean {
    return this.#wanted.size > 0;
  }

  /** Runs out of memory. */
  get runCount(): number {
    return this.#deps.archive.runCount;
  }

  /** Brings back what the process had in memory when it ended, some at a time. */
  *resuming(): Generator<undefined, void, undefined> {
    for (const place of [...this.#deps.archive.inMemory()].sort((a, b) => a - b)) {
      this.#restore(place);
      yield;
    }
    this.#coming.clear();
    this.#bodies.clear();
  }

  /** The first body that a start has to read; null for all. */
  get neededBodyId(): number | null {
    return this.#deps.archive.neededBodyId;
  }

  /**
   * Has families come back that hang together with steps that arrive.
   *
   * @returns whether the steps, read back from this body, lie in the archive already.
   */
  arriving(steps: readonly Step[], readBackFrom: number | null): readonly boolean[] {
    if (this.#deps.archive.isEmpty) return [];
    const untilMs = this.#deps.nowMs() + FETCH_MS;
    const known: boolean[] = [];
    this.#attempt('look for runs in', () => {
      for (const step of steps) known.push(this.#meet(step, readBackFrom));
    });
    this.fetch(untilMs);
    return known;
  }

  /** Brings back what is wanted, until the time; without one, all of it. */
  fetch(untilMs: number | null): void {
    if (this.#wanted.size === 0) return;
    const fetched: FamilyPlace[] = [];
    this.#attempt('fetch runs from', () => {
      for (const place of this.#wanted) {
        if (untilMs !== null && this.#deps.nowMs() > untilMs) break;
        this.#wanted.delete(place);
        this.#restore(place);
        fetched.push(place);
      }
      if (fetched.length > 0) this.#change({ intoMemory: fetched });
    });
    this.#coming.clear();
    if (this.#wanted.size === 0) this.#bodies.clear();
  }

  /** Has all parts of a run back. */
  reunite(id: RunId): void {
    const places = this.#deps.archive.placesOf(id);
    for (const place of places) this.#wanted.delete(place);
    for (const place of places) this.#restore(place);
    if (places.length > 0) this.#change({ intoMemory: places });
    this.#coming.clear();
  }

  /** Lets families leave until there is room, or until the time. To be called when there is nothing to tell. */
  relieve(spansMax: number, untilMs: number | null): void {
    const { stitcher, nowMs } = this.#deps;
    const { residents } = stitcher;
    if (residents.stepCount <= spansMax || nowMs() < this.#restUntilMs) return;
    const room = spansMax * (1 - ROOM_SHARE);
    let refusals = 0;
    let left = 1;
    while (left > 0 && residents.stepCount > room && !stitcher.hasUntold) {
      left = 0;
      this.#attempt('lay runs down in', () => {
        left = this.#letSomeLeave(room, () => (refusals += 1) > REFUSALS_MAX);
      });
      if (untilMs !== null && nowMs() > untilMs) return;
    }
  }

  /** What goes wrong with the archive costs no span and ends nothing: runs stay where they are. */
  #attempt(what: string, act: () => void): void {
    try {
      act();
    } catch (error) {
      const nowMs = this.#deps.nowMs();
      this.#restUntilMs = nowMs + REST_MS;
      if (nowMs < this.#quietUntilMs) return;
      this.#quietUntilMs = nowMs + QUIET_MS;
      const reason = error instanceof Error ? error.message : String(error);
      this.#deps.onTrouble(`Could not ${what} the archive of runs that left memory: ${reason}`);
    }
  }

  /** Retention took the bodies before this one, but those that are held. */
  dropped(beforeBodyId: number, held: ReadonlySet<number>): void {
    this.#deps.archive.dropBefore(beforeBodyId, held);
  }

  /** Spans from this body on are neither in memory nor in the archive: the next start has to read them again. */
  forgotten(fromBodyId: number): void {
    this.#forgottenFrom = Math.min(this.#forgottenFrom, fromBodyId);
  }

  /** What a start has to read is known from here on. The archive stays open: it is not the archivist's. */
  close(): void {
    if (!this.#deps.archive.isEmpty) this.#deps.archive.change(this.#needed());
  }

  #meet(step: Step, readBackFrom: number | null): boolean {
    const { archive } = this.#deps;
    for (const tie of tiesOfStep(step)) {
      if (!archive.mayHaveTie(tie)) continue;
      for (const place of archive.withTie(tie)) {
        if (this.#wanted.has(place) || this.#coming.has(place)) continue;
        const family = archive.family(place);
        if (family === undefined) continue;
        const isKept =
          readBackFrom !== null &&
          family.bodyIds.includes(readBackFrom) &&
          tracesOf(family).has(step.traceId);
        if (isKept) return true;
        if (this.#wanted.size < WANTED_MAX && spansOf(family) <= FETCHED_SPANS_MAX) {
          this.#wanted.add(place);
        }
      }
    }
    return false;
  }

  /** Has a family back, and in turn what hangs together with it: a part of it may have left by itself meanwhile. */
  #restore(place: FamilyPlace): void {
    const { archive, stitcher } = this.#deps;
    const family = archive.family(place);
    if (family === undefined) return;
    this.#coming.add(place);
    const traces = tracesOf(family);
    this.#bodies.eachOf(family.bodyIds, traces, (steps, id) => {
      stitcher.restore(steps, id);
      for (const step of steps) this.#meet(step, null);
    });
    for (const trace of traces) {
      this.#places.set(trace, [...(this.#places.get(trace) ?? []), place]);
    }
  }

  /** @returns how many were looked at. */
  #letSomeLeave(room: number, isPressing: () => boolean): number {
    const { residents } = this.#deps.stitcher;
    const leaving: Candidate[] = [];
    const copied: Candidate[] = [];
    let looked = 0;
    let stepCount = residents.stepCount;
    while (leaving.length + copied.length < BATCH_FAMILIES && stepCount > room) {
      // Runs are made in about this order: when this one is not made yet, hardly any other is.
      if (this.#isUnmade(residents.leastRecentTrace)) break;
      const family = residents.leastRecent();
      if (!family) break;
      looked += 1;
      const record = recordOf(family);
      // It is looked at again behind the others, if it is still there then.
      residents.putOff(family);
      if (record.runIds.some((id) => this.#deps.isDirty(id))) {
        if (isPressing()) break;
      } else if (this.#isAwaited(record) && !isPressing()) {
        if (this.#isNews(family)) copied.push({ family, record });
      } else {
        leaving.push({ family, record });
        stepCount -= family.stepCount;
      }
      if (looked > BATCH_FAMILIES * 4) break;
    }
    this.#layDown(leaving, copied);
    return leaving.length;
  }

  #isUnmade(trace: TraceState | undefined): boolean {
    const [entry] = trace?.entries.values() ?? [];
    return entry !== undefined && runIdsOf(entry).some((id) => this.#deps.isDirty(id));
  }

  /** Something is still to come of one of its runs, or is said about it. */
  #isAwaited({ runIds }: FamilyRecord): boolean {
    return runIds.some((id) => this.#deps.detector.isWaitingFor(id));
  }

  #isNews({ traces }: Family): boolean {
    for (const trace of traces) {
      if (!this.#places.has(trace.id)) return true;
      for (const { anchorBodyId } of trace.entries.values()) if (anchorBodyId !== 0) return true;
    }
    return false;
  }

  #layDown(leaving: readonly Candidate[], copied: readonly Candidate[]): void {
    const { archive, stitcher, tables, detector } = this.#deps;
    const unchanged = leaving.filter(({ family }) => !this.#isNews(family));
    const news = [...leaving, ...copied].filter((each) => !unchanged.includes(each));
    const change = {
      ...this.#needed(),
      gone: news.flatMap(({ record }) => this.#placesOf(record)),
      outOfMemory: unchanged.flatMap(({ record }) => this.#placesOf(record)),
    };
    const families = news.map(({ record }) => this.#archived(record, leaving));
    if (families.length > 0) {
      const places = archive.put(families, change);
      for (const [at, { record }] of news.entries()) this.#placed(record, places[at]);
    } else if (unchanged.length > 0) {
      archive.change(change);
    }
    for (const { family } of copied) stitcher.residents.keptElsewhere(family);
    for (const { family, record } of leaving) {
      for (const id of record.traceIds) this.#places.delete(id);
      stitcher.leave(family, record.runIds);
      for (const id of record.runIds) {
        tables.remove(id);
        detector.runLeft(id);
      }
    }
  }

  #placed({ traceIds }: FamilyRecord, place: FamilyPlace | undefined): void {
    if (place === undefined) return;
    for (const id of traceIds) this.#places.set(id, [place]);
  }

  #placesOf({ traceIds }: FamilyRecord): FamilyPlace[] {
    return [...new Set(traceIds.flatMap((id) => this.#places.get(id) ?? []))];
  }

  #archived(record: FamilyRecord, leaving: readonly Candidate[]): ArchivedFamily {
    const { runIds, bodyIds, ties } = record;
    const runs: ArchivedRun[] = [];
    for (const id of runIds) {
      const run = this.#deps.tables.archived(id);
      if (run !== undefined) runs.push(run);
    }
    const isInMemory = !leaving.some((each) => each.record === record);
    return { runs, bodyIds, ties, isInMemory };
  }

  #change(change: { readonly intoMemory: readonly FamilyPlace[] }): void {
    this.#deps.archive.change({ ...change, ...this.#needed() });
  }

  #needed(): { readonly neededBodyId: number } {
    const { firstNeededBodyId, newestBodyId } = this.#deps.stitcher.residents;
    const needed = firstNeededBodyId ?? newestBodyId + 1;
    return { neededBodyId: Math.min(needed, this.#forgottenFrom) };
  }
}
