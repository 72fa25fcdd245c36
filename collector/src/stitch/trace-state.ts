import type { RunId, SpanId, StepId, TraceId } from '@throughline/model/ids';
import type { Step } from '@throughline/model/step';
import type { KeyNode } from './key-graph.js';
import { preferred } from './preferred.js';
import { runIdOfTrace } from './run-id.js';
import { SignalReports } from './signal-reports.js';
import type { Tie } from './ties.js';

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
  #homeSet: ReadonlySet<Home> | null = null;
  #homeSetOf: readonly Home[] | null = null;
  /** What it is tied to, as `Ties` worked out last, and in which of its states. */
  tie: Tie | undefined;
  tieState = -1;
  /** It says that a run ends, in the words of `Ends`. */
  mayEnd = false;
  /** New or replaced since its trace was placed. */
  isFresh = true;
  /** The last stored body that reported the span. */
  bodyId: number;
  /** What the step is made of, once a signal from a log has reported it. */
  reports: SignalReports | null = null;
  /** The first stored body that reported the span. */
  readonly firstBodyId: number;

  constructor(step: Step, trace: TraceState, bodyId: number) {
    this.firstBodyId = bodyId;
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

  /** Whether it has that home; cheap even for a batch with thousands of them. */
  isAtHome(home: Home): boolean {
    if (this.#homeSetOf !== this.homes) {
      this.#homeSetOf = this.homes;
      this.#homeSet = new Set(this.homes);
    }
    return this.#homeSet?.has(home) ?? false;
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
  readonly #bySpan = new Map<SpanId, readonly Entry[]>();
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
    const halves = this.#bySpan.get(step.spanId);
    const others = halves?.filter((half) => half !== entry) ?? [];
    this.#bySpan.set(step.spanId, others.length === 0 ? [entry] : [...others, entry].sort(byId));
    if (step.parentSpanId) {
      const siblings = this.#byParent.get(step.parentSpanId);
      if (siblings) siblings.add(entry);
      else this.#byParent.set(step.parentSpanId, new Set([entry]));
    }
  }

  remove(entry: Entry): void {
    const { step } = entry;
    this.entries.delete(step.id);
    const halves = (this.#bySpan.get(step.spanId) ?? []).filter((half) => half !== entry);
    if (halves.length > 0) this.#bySpan.set(step.spanId, halves);
    else this.#bySpan.delete(step.spanId);
    if (!step.parentSpanId) return;
    const siblings = this.#byParent.get(step.parentSpanId);
    siblings?.delete(entry);
    if (siblings?.size === 0) this.#byParent.delete(step.parentSpanId);
  }

  /**
   * The cause that the step names as its parent. Of a span that client and server report under one id, the
   * server half is the child of the client half and the parent of everything below.
   */
  parentOf(entry: Entry): Entry | undefined {
    const { step } = entry;
    if (step.isSharedServerHalf) {
      const client = this.#bySpan
        .get(step.spanId)
        ?.find(({ step: half }) => !half.isSharedServerHalf);
      if (client && client !== entry) return client;
    }
    if (!step.parentSpanId) return undefined;
    const halves = this.#bySpan.get(step.parentSpanId);
    const [only] = halves ?? [];
    if (!halves || halves.length === 1) return only === entry ? undefined : only;
    return this.#nearestHalf(
      halves.filter((half) => half !== entry),
      step,
    );
  }

  /** The one that started first. */
  get firstEntry(): Entry | undefined {
    let first: Entry | undefined;
    for (const entry of this.entries.values()) {
      const isEarlier = !first || entry.step.startedAtNs < first.step.startedAtNs;
      const isEqual = first?.step.startedAtNs === entry.step.startedAtNs;
      if (isEarlier || (isEqual && first && entry.step.id < first.step.id)) first = entry;
    }
    return first;
  }

  childrenOf(entry: Entry): Iterable<Entry> {
    return this.#byParent.get(entry.step.spanId) ?? [];
  }

  /** The entry of a span that a link names. Of two halves, the one that sent. */
  target(spanId: SpanId): Entry | undefined {
    const halves = this.#bySpan.get(spanId);
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
