import type { RunId, SpanId, TraceId } from '@throughline/model/ids';
import type { Step } from '@throughline/model/step';
import { Counts } from './counts.js';
import type { KeyNode } from './key-node.js';
import type { Letter } from './letters.js';
import { preferred } from './preferred.js';
import { runIdOfTrace } from './run-id.js';
import { SignalReports } from './signal-reports.js';
import { SmallSet } from './small-set.js';
import type { Tie } from './ties.js';
import { TraceSteps } from './trace-steps.js';

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
  /** What it is tied to, as `Ties` worked out last; null: that may be another now. */
  tie: Tie | undefined | null = null;
  /** Its parent, as its trace found it last, and in which of its states. */
  parent: Entry | undefined;
  parentState = -1;
  /** Steps with a link to this one; null while there are none. */
  linkedBy: SmallSet<Entry> | null = null;
  /** What it sent or took, with all others who bear the same message id. */
  letter: Letter | null = null;
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
  /** The stored body that a restart has to read for it, as `Anchors` counts; 0: it is kept elsewhere. */
  anchorBodyId = 0;

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
    for (const key of this.keys) if (!key.isCoarse) return key;
    return undefined;
  }
}

/** The steps of one trace, in any order of arrival. */
export class TraceState {
  readonly id: TraceId;
  readonly runId: RunId;
  /** The newest stored body that a step of it, or of anything tied to it, came in, as far as was looked. */
  lastBodyId = 0;
  readonly entries = new TraceSteps();
  /** Steps of any trace that belong to the provisional run of this one. */
  readonly members = new SmallSet<Entry>();
  /** Kinds of incoming requests that began this trace, with the number of them. */
  readonly starts = new Counts<string>();
  /** Keys that its steps carry. */
  readonly keyNodes = new SmallSet<KeyNode>();
  /** Where steps go that neither a key nor a message nor an ancestor places (S3). */
  defaultHome: Home;
  /** `defaultHome` as the runs know it. */
  shownDefault: Home;
  /** Where all of its steps are, when that is one place; null when it is not, or when they are to be placed anew. */
  onlyHome: Home | null = null;
  /** Grows with every step that comes or goes. */
  #state = 0;

  constructor(id: TraceId) {
    this.id = id;
    this.runId = runIdOfTrace(id);
    this.defaultHome = this;
    this.shownDefault = this;
  }

  insert(entry: Entry): void {
    this.#changed();
    this.entries.add(entry);
  }

  remove(entry: Entry): void {
    this.#changed();
    this.entries.remove(entry);
  }

  /**
   * The cause that the step names as its parent. Of a span that client and server report under one id, the
   * server half is the child of the client half and the parent of everything below.
   */
  parentOf(entry: Entry): Entry | undefined {
    const { step } = entry;
    if (step.parentSpanId === null && !step.isSharedServerHalf) return undefined;
    if (entry.parentState !== this.#state) {
      entry.parent = this.#parentNow(entry);
      entry.parentState = this.#state;
    }
    return entry.parent;
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
    return this.entries.below(entry.step.spanId);
  }

  /** The entry of a span that a link names. Of two halves, the one that sent. */
  target(spanId: SpanId): Entry | undefined {
    const halves = this.entries.ofSpan(spanId);
    if (halves.length < 2) return halves[0];
    return halves.find((half) => half.step.role === 'send') ?? halves[0];
  }

  #changed(): void {
    this.#state += 1;
    this.onlyHome = null;
  }

  #parentNow(entry: Entry): Entry | undefined {
    const { step } = entry;
    if (step.isSharedServerHalf) {
      const client = this.entries
        .ofSpan(step.spanId)
        .find(({ step: half }) => !half.isSharedServerHalf);
      if (client && client !== entry) return client;
    }
    if (!step.parentSpanId) return undefined;
    const halves = this.entries.ofSpan(step.parentSpanId);
    const [only] = halves;
    if (halves.length < 2) return only === entry ? undefined : only;
    return nearestHalf(
      halves.filter((half) => half !== entry),
      step,
    );
  }
}

function nearestHalf(halves: readonly Entry[], child: Step): Entry | undefined {
  return (
    halves.find((half) => half.step.service === child.service && half.step.role === 'serve') ??
    halves.find((half) => half.step.isSharedServerHalf) ??
    halves[0]
  );
}
