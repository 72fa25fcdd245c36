import type { TraceId } from '@throughline/model/ids';
import { Anchors } from './anchors.js';
import { familyOf, type Family, type FamilyTies } from './families.js';
import type { TraceState } from './trace-state.js';
import { type Entry } from './trace-state.js';

/** Stands for the body of a span that is kept elsewhere. */
export const KEPT_ELSEWHERE = 0;
/** Families that turn out to have been heard of lately, one after the other, before looking ends for now. */
const SECOND_CHANCES_MAX = 200;

/** What is in memory: the traces, by when they were heard of last, and the stored bodies that they need. */
export class Residents {
  readonly #traces = new Map<TraceId, TraceState>();
  readonly #anchors = new Anchors();
  /** By the newest body that a step of the trace, or of anything tied to it, came in, as far as was looked. */
  readonly #byLastBody = new Map<number, Set<TraceState>>();
  #oldest = Infinity;
  #newest = 0;
  #around: FamilyTies | null = null;
  #stepCount = 0;

  /** To be called before the first `leastRecent`. */
  tiedBy(around: FamilyTies): void {
    this.#around = around;
  }

  get traces(): Map<TraceId, TraceState> {
    return this.#traces;
  }

  /** Steps in memory. */
  get stepCount(): number {
    return this.#stepCount;
  }

  /** The first stored body that a restart has to read for what is in memory and kept nowhere else; null for none. */
  get firstNeededBodyId(): number | null {
    return this.#anchors.oldest;
  }

  /** The newest stored body that a step in memory came in. */
  get newestBodyId(): number {
    return this.#newest;
  }

  /** A step is new. */
  came(entry: Entry, anchorBodyId: number): void {
    this.#anchor(entry, anchorBodyId);
    this.#stepCount += 1;
    this.#touch(entry.trace, entry.bodyId);
  }

  /** A step is another than it was. */
  changed(entry: Entry, anchorBodyId: number): void {
    if (entry.anchorBodyId === KEPT_ELSEWHERE) this.#anchor(entry, anchorBodyId);
    this.#touch(entry.trace, entry.bodyId);
  }

  left(entry: Entry): void {
    this.#unanchor(entry);
    this.#stepCount -= 1;
  }

  /** The trace of which nothing was heard for longest. */
  get leastRecentTrace(): TraceState | undefined {
    for (; this.#oldest <= this.#newest; this.#oldest += 1) {
      const bucket = this.#byLastBody.get(this.#oldest);
      const [trace] = bucket ?? [];
      if (trace) return trace;
      this.#byLastBody.delete(this.#oldest);
    }
    return undefined;
  }

  /** The family of which nothing was heard for longest; undefined when looking further would cost too much now. */
  leastRecent(): Family | undefined {
    for (let tries = 0; tries < SECOND_CHANCES_MAX; tries += 1) {
      const trace = this.leastRecentTrace;
      if (!trace || !this.#around) return undefined;
      const family = familyOf(trace, this.#around);
      if (family.lastBodyId === trace.lastBodyId) return family;
      for (const each of family.traces) this.#move(each, family.lastBodyId);
    }
    return undefined;
  }

  /** The family is looked at again after all that are in memory now. */
  putOff({ traces }: Family): void {
    for (const trace of traces) this.#move(trace, this.#newest);
  }

  /** The trace is no longer in memory. */
  forget(trace: TraceState): void {
    this.#traces.delete(trace.id);
    this.#byLastBody.get(trace.lastBodyId)?.delete(trace);
  }

  /** The spans of the family that came until now are kept elsewhere: a restart need not read them for it. */
  keptElsewhere({ traces }: Family): void {
    for (const trace of traces) for (const entry of trace.entries.values()) this.#unanchor(entry);
  }

  #anchor(entry: Entry, bodyId: number): void {
    entry.anchorBodyId = bodyId;
    if (bodyId !== KEPT_ELSEWHERE) this.#anchors.add(bodyId);
  }

  #unanchor(entry: Entry): void {
    if (entry.anchorBodyId !== KEPT_ELSEWHERE) this.#anchors.drop(entry.anchorBodyId);
    entry.anchorBodyId = KEPT_ELSEWHERE;
  }

  #touch(trace: TraceState, bodyId: number): void {
    if (bodyId > trace.lastBodyId) this.#move(trace, bodyId);
  }

  #move(trace: TraceState, bodyId: number): void {
    this.#byLastBody.get(trace.lastBodyId)?.delete(trace);
    trace.lastBodyId = bodyId;
    const bucket = this.#byLastBody.get(bodyId);
    if (bucket) bucket.add(trace);
    else this.#byLastBody.set(bodyId, new Set([trace]));
    this.#oldest = Math.min(this.#oldest, bodyId);
    this.#newest = Math.max(this.#newest, bodyId);
  }
}
