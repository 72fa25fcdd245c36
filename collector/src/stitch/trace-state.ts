import type { RunId, SpanId, StepId, TraceId } from '@throughline/model/ids';
import type { Step, StepLink } from '@throughline/model/step';
import type { KeyNode } from './key-graph.js';
import { preferred } from './preferred.js';
import { runIdOfTrace } from './run-id.js';
import { SignalReports } from './signal-reports.js';

/** What a step belongs to: the run that a key names, or the provisional run of a trace. */
export type Home = KeyNode | TraceState;

/** How a step came to its home; the runs read it as provenance (S10). */
export type Via =
  | { readonly by: 'key' }
  | { readonly by: 'link' | 'message-id'; readonly target: Entry }
  | { readonly by: 'parent'; readonly target: Entry }
  | { readonly by: 'trace' };

/** A step in the set, with what was worked out about it. `homes` has several entries for a batch only. */
export class Entry {
  step: Step;
  readonly trace: TraceState;
  keys: readonly KeyNode[] = [];
  homes: readonly Home[] = [];
  via: Via = { by: 'trace' };
  /** New or replaced since its trace was placed. */
  isFresh = true;
  /** The last stored body that reported the span. */
  bodyId: number;
  /** What the step is made of, once a signal from a log has reported it. */
  reports: SignalReports | null = null;

  constructor(step: Step, trace: TraceState, bodyId: number) {
    this.step = step;
    this.trace = trace;
    this.bodyId = bodyId;
    if (step.signal !== undefined) this.step = this.#reported(step, bodyId).step;
  }

  /** The step once this report is known, too: the very same when that changes nothing. */
  with(step: Step, bodyId: number): Step {
    if (this.reports === null && step.signal !== undefined) this.#reported(this.step, this.bodyId);
    this.bodyId = Math.max(this.bodyId, bodyId);
    if (this.reports === null) return preferred(this.step, step);
    return this.reports.add(step, bodyId) ? this.reports.step : this.step;
  }

  /** The stored bodies that hold what the step is made of. */
  get bodyIds(): readonly number[] {
    return this.reports?.bodyIds ?? [this.bodyId];
  }

  #reported(step: Step, bodyId: number): SignalReports {
    this.reports = new SignalReports();
    this.reports.add(step, bodyId);
    return this.reports;
  }

  /** The key that places this step by itself, if one does. */
  get ownKey(): KeyNode | undefined {
    return this.keys.find((key) => !key.isCoarse);
  }
}

/** The steps of one trace, in any order of arrival. */
export class TraceState {
  readonly id: TraceId;
  readonly runId: RunId;
  readonly entries = new Map<StepId, Entry>();
  /** Steps of any trace that belong to the provisional run of this one. */
  readonly members = new Set<Entry>();
  /** Kinds of incoming requests that began this trace, with the number of them. */
  readonly starts = new Map<string, number>();
  /** Keys that its steps carry. */
  readonly keyNodes = new Set<KeyNode>();
  readonly #bySpan = new Map<SpanId, Entry[]>();
  readonly #byParent = new Map<SpanId, Set<Entry>>();
  /** Where steps go that neither a key nor a message nor an ancestor places (S3). */
  defaultHome: Home;
  /** `defaultHome` as the runs know it. */
  shownDefault: Home;

  constructor(id: TraceId) {
    this.id = id;
    this.runId = runIdOfTrace(id);
    this.defaultHome = this;
    this.shownDefault = this;
  }

  insert(entry: Entry): void {
    const { step } = entry;
    this.entries.set(step.id, entry);
    const halves = this.#bySpan.get(step.spanId) ?? [];
    this.#bySpan.set(step.spanId, [...halves.filter((half) => half !== entry), entry].sort(byId));
    if (step.parentSpanId) {
      const siblings = this.#byParent.get(step.parentSpanId) ?? new Set();
      this.#byParent.set(step.parentSpanId, siblings.add(entry));
    }
  }

  remove(entry: Entry): void {
    const { step } = entry;
    this.entries.delete(step.id);
    const halves = (this.#bySpan.get(step.spanId) ?? []).filter((half) => half !== entry);
    if (halves.length > 0) this.#bySpan.set(step.spanId, halves);
    else this.#bySpan.delete(step.spanId);
    if (step.parentSpanId) this.#byParent.get(step.parentSpanId)?.delete(entry);
  }

  /**
   * The cause that the step names as its parent. Of a span that client and server report under one id, the
   * server half is the child of the client half and the parent of everything below.
   */
  parentOf(entry: Entry): Entry | undefined {
    const { step } = entry;
    if (step.isSharedServerHalf) {
      const client = this.#bySpan.get(step.spanId)?.find((half) => !half.step.isSharedServerHalf);
      if (client && client !== entry) return client;
    }
    if (!step.parentSpanId) return undefined;
    const halves = this.#bySpan.get(step.parentSpanId)?.filter((half) => half !== entry);
    if (!halves || halves.length === 0) return undefined;
    return this.#nearestHalf(halves, step);
  }

  childrenOf(entry: Entry): Iterable<Entry> {
    return this.#byParent.get(entry.step.spanId) ?? [];
  }

  /** The entry of a span that a link names. Of two halves, the one that sent. */
  target(link: StepLink): Entry | undefined {
    const halves = this.#bySpan.get(link.spanId);
    return halves?.find((half) => half.step.role === 'send') ?? halves?.[0];
  }

  #nearestHalf(halves: readonly Entry[], child: Step): Entry | undefined {
    return (
      halves.find((half) => half.step.service === child.service && half.step.role === 'serve') ??
      halves.find((half) => half.step.isSharedServerHalf) ??
      halves[0]
    );
  }
}

function byId(a: Entry, b: Entry): number {
  return a.step.id < b.step.id ? -1 : 1;
}
