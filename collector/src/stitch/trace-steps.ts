import { spanOfStep, type SpanId, type StepId } from '@throughline/model/ids';
import type { Step } from '@throughline/model/step';
import { SmallSet } from './small-set.js';
import type { Entry } from './trace-state.js';

/** Most traces have no more steps than this: to look through them costs less than tables, in time and in memory. */
const FEW = 8;

const NONE: readonly never[] = [];

/** The steps of a trace of many. */
interface Tables {
  readonly all: Set<Entry>;
  readonly bySpan: Map<SpanId, readonly Entry[]>;
  readonly byParent: Map<SpanId, SmallSet<Entry>>;
}

/** The steps of one trace in the order in which they were added, found by their span and by their parent's. */
export class TraceSteps {
  #few: readonly Entry[] = NONE;
  #tables: Tables | null = null;

  get size(): number {
    return this.#tables === null ? this.#few.length : this.#tables.all.size;
  }

  /** What is removed meanwhile does no harm. */
  values(): Iterable<Entry> {
    return this.#tables === null ? this.#few : this.#tables.all;
  }

  add(entry: Entry): void {
    if (this.#tables !== null) addTo(this.#tables, entry);
    else if (this.#few.length < FEW) this.#few = this.#few.concat([entry]);
    else {
      this.#tables = { all: new Set(), bySpan: new Map(), byParent: new Map() };
      for (const each of this.#few) addTo(this.#tables, each);
      addTo(this.#tables, entry);
      this.#few = NONE;
    }
  }

  remove(entry: Entry): void {
    if (this.#tables !== null) removeFrom(this.#tables, entry);
    else this.#few = this.#few.filter((each) => each !== entry);
  }

  /** The one that reports the same span as the step: the same half of it, where it has two. */
  twinOf({ spanId, isSharedServerHalf }: Step): Entry | undefined {
    for (const entry of this.#tables?.bySpan.get(spanId) ?? this.#few) {
      const { step } = entry;
      if (step.isSharedServerHalf === isSharedServerHalf && step.spanId === spanId) return entry;
    }
    return undefined;
  }

  named(id: StepId): Entry | undefined {
    return this.ofSpan(spanOfStep(id)).find(({ step }) => step.id === id);
  }

  /** Those that report the span, the client's half first. */
  ofSpan(spanId: SpanId): readonly Entry[] {
    if (this.#tables !== null) return this.#tables.bySpan.get(spanId) ?? NONE;
    let found: readonly Entry[] = NONE;
    for (const entry of this.#few) {
      if (entry.step.spanId === spanId) found = withHalf(found, entry);
    }
    return found;
  }

  /** Those whose parent is the span. */
  below(spanId: SpanId): Iterable<Entry> {
    if (this.#tables !== null) return this.#tables.byParent.get(spanId)?.values() ?? NONE;
    let found: Entry[] | null = null;
    for (const entry of this.#few) {
      if (entry.step.parentSpanId === spanId) (found ??= []).push(entry);
    }
    return found ?? NONE;
  }
}

function addTo({ all, bySpan, byParent }: Tables, entry: Entry): void {
  const { spanId, parentSpanId } = entry.step;
  all.add(entry);
  bySpan.set(spanId, withHalf(bySpan.get(spanId) ?? NONE, entry));
  if (parentSpanId === null) return;
  const siblings = byParent.get(parentSpanId) ?? new SmallSet<Entry>();
  siblings.add(entry);
  byParent.set(parentSpanId, siblings);
}

function removeFrom({ all, bySpan, byParent }: Tables, entry: Entry): void {
  const { spanId, parentSpanId } = entry.step;
  all.delete(entry);
  const halves = (bySpan.get(spanId) ?? NONE).filter((half) => half !== entry);
  if (halves.length > 0) bySpan.set(spanId, halves);
  else bySpan.delete(spanId);
  if (parentSpanId === null) return;
  const siblings = byParent.get(parentSpanId);
  siblings?.delete(entry);
  if (siblings?.size === 0) byParent.delete(parentSpanId);
}

function withHalf(halves: readonly Entry[], entry: Entry): readonly Entry[] {
  return halves.length === 0 ? [entry] : [...halves, entry].sort(byId);
}

function byId(a: Entry, b: Entry): number {
  return a.step.id < b.step.id ? -1 : 1;
}
