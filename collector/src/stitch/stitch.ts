import type { CoarseKey } from '@throughline/model/coarse-key';
import { traceOfStep, type RunId, type StepId, type TraceId } from '@throughline/model/ids';
import type { Run } from '@throughline/model/run';
import type { Step } from '@throughline/model/step';
import { LIMITS } from '../limits.js';
import { assembling } from './assemble.js';
import { EpochBook, type Telling } from './epoch-book.js';
import { Ends } from './ends.js';
import type { Family } from './families.js';
import {
  hasMembers,
  membersInSlices,
  membersOf,
  runIdOf,
  type Group,
  type Owner,
} from './group.js';
import { KeyGraph } from './key-graph.js';
import type { KeyCluster } from './key-node.js';
import { Kinship, type Kin } from './kinship.js';
import { causesWithin } from './lineage.js';
import { Membership } from './membership.js';
import { Moves } from './moves.js';
import type { StitchOptions } from './options-of.js';
import { leave, Placement } from './placement.js';
import { groupNamed } from './group-named.js';
import { aliasesOf, keysOf } from './run-names.js';
import { finished, mapped, type Sliced } from './sliced.js';
import { KEPT_ELSEWHERE, Residents } from './residents.js';
import { Ties } from './ties.js';
import { Entry, TraceState, type Home } from './trace-state.js';

/** What became of each step that was added: same order as the argument. */
export type Arrival = 'stored' | 'duplicate' | 'replaced-pending';

const NONE: ReadonlySet<number> = new Set();
/** A run of so many steps is kept once it was read: its pages are asked for one after the other. */
const KEPT_FROM_STEPS = 2_000;

/**
 * The set of steps and the runs they make. Pure: no I/O, no clock. The runs depend on the set of steps only,
 * never on order, batching or repetition of `add`.
 *
 * `add` is cheap and only files the steps; `takeChanges` places what is new; `run` assembles one run.
 */
export class Stitcher {
  readonly #options: StitchOptions;
  /** What is in memory, and what of it may leave. */
  readonly residents = new Residents();
  readonly #traces: Map<TraceId, TraceState>;
  readonly #keys: KeyGraph;
  readonly #ties: Ties;
  readonly #placement: Placement;
  readonly #kinship: Kinship;
  readonly #changedTraces = new Set<TraceState>();
  readonly #moves = new Moves();
  readonly #ends: Ends;
  readonly #epochs: EpochBook;
  /** Ids that `takeChanges` has told and not taken back, with the kin that the run had then. */
  readonly #told = new Map<RunId, Kin>();
  /** The run of many steps that was read last, for as long as it is the same. */
  #read: Run | null = null;
  /** Steps came or went since `takeChanges`. */
  #hasUntold = false;
  readonly #byRunId = new Map<RunId, Home>();

  constructor(options: StitchOptions) {
    this.#options = options;
    this.#traces = this.residents.traces;
    this.#keys = new KeyGraph(options.keyPartnersMax);
    this.#ties = new Ties(this.#traces, options.messageSendersMax ?? LIMITS.messageSendersMax);
    this.#placement = new Placement(this.#ties);
    this.#kinship = new Kinship(this.#keys, this.#ties);
    this.residents.tiedBy({ ties: this.#ties, keys: this.#keys, kinship: this.#kinship });
    this.#ends = new Ends(options.flows);
    const silenceMs = options.epochSilenceMs ?? LIMITS.epochSilenceMs;
    const causesIn = (cluster: KeyCluster): ((entry: Entry) => Entry[]) =>
      causesWithin(cluster, this.#ties);
    this.#epochs = new EpochBook({ silenceMs, ends: this.#ends, causesIn }, this.#byRunId);
  }

  /** @param bodyId the stored body that the steps came in; numbers only grow. */
  add(steps: readonly Step[], bodyId: number): readonly Arrival[] {
    this.#hasUntold = true;
    const arrivals = steps.map((step) => this.#file(step, bodyId, bodyId));
    // Who was whose kin is asked for anew: other steps have other places.
    this.#kinship.moved();
    return arrivals;
  }

  /** Adds steps of a family that had left memory, and that is still kept where it was meanwhile. */
  restore(steps: readonly Step[], bodyId: number): void {
    this.#hasUntold = true;
    for (const step of steps) this.#file(step, bodyId, KEPT_ELSEWHERE);
    this.#kinship.moved();
  }

  /** Whether `takeChanges` has anything to tell: nothing may leave before. */
  get hasUntold(): boolean {
    return this.#hasUntold;
  }

  /** Lets the family go, without a word in `takeChanges`. Not while there is anything to tell. */
  leave({ traces, nodes }: Family, runIds: readonly RunId[]): void {
    for (const trace of traces) {
      for (const entry of trace.entries.values()) {
        this.residents.left(entry);
        this.#ties.remove(entry);
        this.#kinship.remove(entry);
      }
      this.residents.forget(trace);
      this.#byRunId.delete(trace.runId);
    }
    for (const node of this.#keys.leave(nodes, traces)) {
      this.#byRunId.delete(node.id);
      this.#epochs.forget(node);
    }
    for (const id of runIds) this.#told.delete(id);
    if (this.#read && runIds.includes(this.#read.id)) this.#read = null;
    this.#kinship.moved();
  }

  /** Forgets the steps that no body from this one on, and none that is kept, has reported: what a rebuild would not find. */
  forget(beforeBodyId: number, kept: ReadonlySet<number> = NONE): void {
    this.#hasUntold = true;
    for (const trace of this.#traces.values()) {
      for (const entry of trace.entries.values()) {
        if (entry.bodyId >= beforeBodyId || kept.has(entry.bodyId)) {
          if (entry.reports?.forget(beforeBodyId, kept)) this.#show(entry, entry.reports.step);
          continue;
        }
        this.#remove(entry);
        this.residents.left(entry);
        entry.keys = [];
      }
      if (trace.entries.size > 0 || trace.members.size > 0) continue;
      this.residents.forget(trace);
      this.#byRunId.delete(trace.runId);
    }
    for (const node of this.#keys.prune()) this.#byRunId.delete(node.id);
    this.#kinship.moved();
  }

  /** The stored body that reported the step first; null when nobody did. */
  firstBodyIdOf(id: StepId): number | null {
    return this.#traces.get(traceOfStep(id))?.entries.named(id)?.firstBodyId ?? null;
  }

  /** The stored bodies that hold the spans of a run, ascending. */
  bodyIds(idOrAlias: string): readonly number[] {
    const group = groupNamed(this.#byRunId, idOrAlias);
    const ids = new Set(group ? membersOf(group).flatMap(({ bodyIds }) => bodyIds) : []);
    return [...ids].sort((a, b) => a - b);
  }

  /** Runs that must be assembled anew since the last call, and ids that no longer name a run of their own. */
  takeChanges(): { readonly changed: readonly RunId[]; readonly gone: readonly RunId[] } {
    const telling: Telling = { changed: new Map(), gone: new Set() };
    const { changed, gone } = telling;
    this.#placeChanges();
    const clusters = new Set<KeyCluster>();
    for (const home of this.#moves.homes) {
      const own = home instanceof TraceState ? home.runId : home.id;
      // Nearly every trace comes and goes as a home without ever having been told.
      if (this.#told.has(own)) gone.add(own);
      if (!(home instanceof TraceState)) clusters.add(home.cluster);
      else if (hasMembers(home)) changed.set(home.runId, home);
    }
    for (const cluster of clusters) this.#epochs.divide(cluster, telling);
    for (const cluster of this.#moves.partly.keys()) {
      const isPast = cluster.canonical.cluster !== cluster || cluster.epochs === null;
      if (!isPast && !clusters.has(cluster))
        this.#epochs.divideAgain(cluster, this.#moves, telling);
    }
    this.#moves.clear();
    for (const id of gone) if (changed.has(id) || !this.#told.has(id)) gone.delete(id);
    this.#kinship.moved();
    this.#spreadToKin(telling);
    for (const id of gone) this.#told.delete(id);
    this.#hasUntold = false;
    if (this.#read && (changed.has(this.#read.id) || gone.has(this.#read.id))) this.#read = null;
    return { changed: [...changed.keys()], gone: [...gone] };
  }

  /** Assembles the run of an id or alias from its steps; undefined when nobody ever was called so. */
  run(idOrAlias: string): Run | undefined {
    const group = groupNamed(this.#byRunId, idOrAlias);
    if (this.#read !== null && !this.#hasUntold && group && runIdOf(group) === this.#read.id) {
      return this.#read;
    }
    const run = finished(this.assembling(idOrAlias));
    if (run && run.steps.length >= KEPT_FROM_STEPS && !this.#hasUntold) this.#read = run;
    return run;
  }

  /**
   * The same, a slice at a time. When steps of the run come or go meanwhile, it may show some of them and not others:
   * `takeChanges` tells.
   */
  *assembling(idOrAlias: string): Sliced<Run | undefined> {
    const group = groupNamed(this.#byRunId, idOrAlias);
    if (!group) return undefined;
    const id = runIdOf(group);
    const members = yield* membersInSlices(group);
    const membership = new Membership(this.#ties, group);
    return yield* assembling({
      id,
      aliases: yield* aliasesOf(group, members),
      isProvisional: group instanceof TraceState,
      members: yield* mapped(members, (entry) => membership.memberOf(entry)),
      keys: yield* keysOf(members),
      ...(this.#told.get(id) ?? this.#kinship.of(group)),
      flows: this.#options.flows,
    });
  }

  /** Ids of all runs that `takeChanges` has told. */
  ids(): Iterable<RunId> {
    return this.#told.keys();
  }

  coarseKeys(): readonly CoarseKey[] {
    return this.#keys.coarse();
  }

  #file(step: Step, bodyId: number, anchorBodyId: number): Arrival {
    const trace = this.#traceOf(step.traceId);
    const known = trace.entries.twinOf(step);
    if (!known) {
      const entry = new Entry(step, trace, bodyId);
      this.residents.came(entry, anchorBodyId);
      this.#insert(entry);
      return 'stored';
    }
    const kept = known.with(step, bodyId);
    if (kept === known.step) return 'duplicate';
    this.residents.changed(known, anchorBodyId);
    const wasPending = known.step.isPending;
    this.#show(known, kept);
    return wasPending ? 'replaced-pending' : 'duplicate';
  }

  #show(entry: Entry, step: Step): void {
    this.#remove(entry);
    entry.step = step;
    entry.isFresh = true;
    this.#insert(entry);
  }

  #insert(entry: Entry): void {
    const { step, trace } = entry;
    trace.insert(entry);
    const start = startOf(step);
    if (start !== null) this.#keys.start(start, trace, 1);
    entry.mayEnd = this.#ends.mayEnd(step);
    entry.keys = this.#keys.link(step.keys, trace, step.service);
    for (const node of entry.keys)
      if (node.traces.get(trace) === 1) this.#byRunId.set(node.id, node);
    this.#ties.insert(entry);
    this.#kinship.insert(entry);
    this.#changedTraces.add(trace);
  }

  #remove(entry: Entry): void {
    // Whoever was tied to the old report must be placed anew, too.
    this.#ties.eachTiedTo(entry, (other) => this.#changedTraces.add(other.trace));
    const stir = (other: Entry): void => this.#moves.stir(other);
    this.#ties.eachCause(entry, stir);
    this.#ties.eachAround(entry, stir);
    this.#ties.remove(entry);
    this.#kinship.remove(entry);
    this.#keys.unlink(entry.keys, entry.trace, entry.step.service);
    const start = startOf(entry.step);
    if (start !== null) this.#keys.start(start, entry.trace, -1);
    entry.trace.remove(entry);
    leave(entry, this.#moves);
  }

  #traceOf(id: TraceId): TraceState {
    const known = this.#traces.get(id);
    if (known) return known;
    const trace = new TraceState(id);
    this.#traces.set(id, trace);
    this.#byRunId.set(trace.runId, trace);
    return trace;
  }

  /** Gives every step its place; `#moves` says what that concerns. */
  #placeChanges(): void {
    const touched = this.#keys.takeTouched();
    for (const trace of touched.traces) this.#changedTraces.add(trace);
    for (const entry of this.#ties.takeStirred()) {
      if (this.#traces.get(entry.trace.id) !== entry.trace) continue;
      this.#changedTraces.add(entry.trace);
      this.#moves.stir(entry);
    }
    this.#placement.place(this.#changedTraces, this.#moves);
    this.#changedTraces.clear();
    const { homes } = this.#moves;
    for (const node of touched.nodes) homes.add(node);
    if (!this.#kinship.hasDeclared) return;
    for (const node of [...homes]) {
      if (node instanceof TraceState) continue;
      for (const entry of this.#kinship.declaredChildren(node)) this.#moves.stir(entry);
    }
  }

  /** Parent and child runs show each other's ids: a run is told anew when those around it are others. */
  #spreadToKin({ changed, gone }: Telling): void {
    const queue = new Set(changed.keys());
    const ask = ({ parent, children }: Kin): void => {
      if (parent) queue.add(parent);
      for (const id of children) queue.add(id);
    };
    for (const id of gone) {
      const kin = this.#told.get(id);
      if (kin) ask(kin);
    }
    for (const id of queue) {
      const group = changed.get(id) ?? groupNamed(this.#byRunId, id);
      if (!group || runIdOf(group) !== id || !hasMembers(ownedBy(group))) continue;
      const before = this.#told.get(id);
      const kin = this.#kinship.of(group);
      if (before && sameKin(before, kin)) continue;
      changed.set(id, group);
      this.#told.set(id, kin);
      ask(kin);
      if (before) ask(before);
    }
  }
}

/** The kind of request that came in from outside and began its trace; null for any other step. */
function startOf(step: Step): string | null {
  const isStart = step.role === 'serve' && step.parentSpanId === null && step.links.length === 0;
  return isStart ? `${step.service} ${step.name}` : null;
}

function sameKin(a: Kin, b: Kin): boolean {
  if (a.parent !== b.parent || a.children.length !== b.children.length) return false;
  return a.children.every((id, at) => id === b.children[at]);
}

function ownedBy(group: Group): Owner {
  return 'beganAtMs' in group ? group.cluster : group;
}
