import type { CoarseKey } from '@throughline/model/coarse-key';
import type { RunId, TraceId } from '@throughline/model/ids';
import type { Key } from '@throughline/model/key';
import type { Flow } from '@throughline/model/policy';
import type { Provenance, Run } from '@throughline/model/run';
import type { Step } from '@throughline/model/step';
import { assemble } from './assemble.js';
import {
  belongsTo,
  byStart,
  groupOf,
  hasMembers,
  membersOf,
  runIdOf,
  type Group,
} from './group.js';
import { KeyGraph } from './key-graph.js';
import { Kinship, type Kin } from './kinship.js';
import type { Member } from './member.js';
import { leave, Placement } from './placement.js';
import { Ties } from './ties.js';
import { Entry, TraceState, type Home } from './trace-state.js';

/** What became of each step that was added: same order as the argument. */
export type Arrival = 'stored' | 'duplicate' | 'replaced-pending';

export interface StitchOptions {
  /** Distinct values of another type that one key value may meet before it is held to be coarse (S6). */
  readonly keyPartnersMax: number;
  /** Declared flows: they name workflows and say which events end a run. */
  readonly flows: readonly Flow[];
}

/**
 * The set of steps and the runs they make. Pure: no I/O, no clock. The runs depend on the set of steps only,
 * never on order, batching or repetition of `add`.
 *
 * `add` is cheap and only files the steps; `takeChanges` places what is new; `run` assembles one run.
 */
export class Stitcher {
  readonly #options: StitchOptions;
  readonly #traces = new Map<TraceId, TraceState>();
  readonly #keys: KeyGraph;
  readonly #ties = new Ties(this.#traces);
  readonly #placement = new Placement(this.#ties);
  readonly #kinship: Kinship;
  readonly #changedTraces = new Set<TraceState>();
  readonly #moved = new Set<Home>();
  /** Ids that `takeChanges` has told and not taken back, with the kin that the run had then. */
  readonly #told = new Map<RunId, Kin>();
  readonly #byRunId = new Map<RunId, Home>();

  constructor(options: StitchOptions) {
    this.#options = options;
    this.#keys = new KeyGraph(options.keyPartnersMax);
    this.#kinship = new Kinship(this.#keys, this.#ties);
  }

  /** @param bodyId the stored body that the steps came in; numbers only grow. */
  add(steps: readonly Step[], bodyId: number): readonly Arrival[] {
    return steps.map((step) => this.#file(step, bodyId));
  }

  /** Forgets the steps that no body from this one on has reported: what a rebuild would not find. */
  forget(beforeBodyId: number): void {
    for (const trace of this.#traces.values()) {
      for (const entry of trace.entries.values()) {
        if (entry.bodyId >= beforeBodyId) {
          if (entry.reports?.forget(beforeBodyId)) this.#show(entry, entry.reports.step);
          continue;
        }
        this.#remove(entry);
        entry.keys = [];
      }
      if (trace.entries.size > 0 || trace.members.size > 0) continue;
      this.#traces.delete(trace.id);
      this.#byRunId.delete(trace.runId);
    }
    for (const node of this.#keys.prune()) this.#byRunId.delete(node.id);
  }

  /** The stored bodies that hold the spans of a run, ascending. */
  bodyIds(idOrAlias: string): readonly number[] {
    const named = this.#byRunId.get(idOrAlias as RunId);
    const group = named && this.#groupNow(named);
    const ids = new Set(group ? membersOf(group).flatMap(({ bodyIds }) => bodyIds) : []);
    return [...ids].sort((a, b) => a - b);
  }

  /** Runs that must be assembled anew since the last call, and ids that no longer name a run of their own. */
  takeChanges(): { readonly changed: readonly RunId[]; readonly gone: readonly RunId[] } {
    const changed = new Set<RunId>();
    const gone = new Set<RunId>();
    for (const home of this.#placeChanges()) {
      const own = home instanceof TraceState ? home.runId : home.id;
      if (this.#told.has(own)) gone.add(own);
      const group = groupOf(home);
      if (hasMembers(group)) changed.add(runIdOf(group));
    }
    for (const id of changed) gone.delete(id);
    this.#spreadToKin(changed, gone);
    for (const id of gone) this.#told.delete(id);
    return { changed: [...changed], gone: [...gone] };
  }

  /** Assembles the run of an id or alias from its steps; undefined when nobody ever was called so. */
  run(idOrAlias: string): Run | undefined {
    const named = this.#byRunId.get(idOrAlias as RunId);
    const group = named && this.#groupNow(named);
    if (!group) return undefined;
    const members = membersOf(group);
    return assemble({
      id: runIdOf(group),
      aliases: aliasesOf(group, members),
      isProvisional: group instanceof TraceState,
      members: members.map((entry) => this.#memberOf(entry, group)),
      keys: keysOf(members),
      ...this.#kinship.of(group),
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

  #file(step: Step, bodyId: number): Arrival {
    const trace = this.#traceOf(step.traceId);
    const known = trace.entries.get(step.id);
    if (!known) {
      this.#insert(new Entry(step, trace, bodyId));
      return 'stored';
    }
    const kept = known.with(step, bodyId);
    if (kept === known.step) return 'duplicate';
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
    entry.keys = this.#keys.link(step.keys, trace, step.service);
    for (const node of entry.keys) this.#byRunId.set(node.id, node);
    this.#ties.insert(entry);
    this.#kinship.insert(entry);
    this.#changedTraces.add(trace);
  }

  #remove(entry: Entry): void {
    // Whoever was tied to the old report must be placed anew, too.
    for (const other of this.#ties.tiedTo(entry)) this.#changedTraces.add(other.trace);
    for (const other of [...this.#ties.causesOf(entry), ...this.#ties.around(entry)]) {
      for (const home of other.homes) this.#moved.add(home);
    }
    this.#ties.remove(entry);
    this.#kinship.remove(entry);
    this.#keys.unlink(entry.keys, entry.trace, entry.step.service);
    const start = startOf(entry.step);
    if (start !== null) this.#keys.start(start, entry.trace, -1);
    entry.trace.remove(entry);
    leave(entry, this.#moved);
  }

  #traceOf(id: TraceId): TraceState {
    const known = this.#traces.get(id);
    if (known) return known;
    const trace = new TraceState(id);
    this.#traces.set(id, trace);
    this.#byRunId.set(trace.runId, trace);
    return trace;
  }

  /** @returns homes whose run has other steps, another id or another kin now. */
  #placeChanges(): Set<Home> {
    const touched = this.#keys.takeTouched();
    for (const trace of touched.traces) this.#changedTraces.add(trace);
    const homes = this.#placement.place(this.#changedTraces);
    for (const home of this.#moved) homes.add(home);
    this.#changedTraces.clear();
    this.#moved.clear();
    for (const node of touched.nodes) homes.add(node);
    for (const node of [...homes]) {
      if (node instanceof TraceState) continue;
      for (const entry of this.#kinship.declaredChildren(node)) {
        for (const home of entry.homes) homes.add(home);
      }
    }
    return homes;
  }

  /** Parent and child runs show each other's ids: a run is told anew when those around it are others. */
  #spreadToKin(changed: Set<RunId>, gone: ReadonlySet<RunId>): void {
    const relativesOf = ({ parent, children }: Kin): RunId[] =>
      parent ? [parent, ...children] : [...children];
    const queue = [...changed];
    for (const id of gone) {
      const kin = this.#told.get(id);
      if (kin) queue.push(...relativesOf(kin));
    }
    for (const id of queue) {
      const home = this.#byRunId.get(id);
      const group = home && groupOf(home);
      if (!group || !hasMembers(group) || runIdOf(group) !== id) continue;
      const before = this.#told.get(id);
      const kin = this.#kinship.of(group);
      if (before && sameKin(before, kin)) continue;
      changed.add(id);
      this.#told.set(id, kin);
      queue.push(...relativesOf(kin), ...(before ? relativesOf(before) : []));
    }
  }

  /** Where the steps that an id once named are now: an alias of the run that holds them (S9). */
  #groupNow(home: Home): Group | undefined {
    if (hasMembers(groupOf(home))) return groupOf(home);
    const entries =
      home instanceof TraceState
        ? [...home.entries.values()]
        : [...home.lastTrace.entries.values()];
    const first = entries.sort(byStart)[0]?.homes[0];
    return first && groupOf(first);
  }

  #takingsOutside(send: Entry, group: Group): Step[] {
    const effects = [...send.trace.childrenOf(send), ...this.#ties.tiedTo(send)];
    const outside = effects.filter(({ step, homes }) => {
      return step.role === 'take' && homes.every((home) => groupOf(home) !== group);
    });
    return [...new Set(outside)].sort(byStart).map(({ step }) => step);
  }

  #memberOf(entry: Entry, group: Group): Member {
    const { step, trace } = entry;
    const path = new Set([entry]);
    const parent = trace.parentOf(entry);
    let ancestor = parent;
    const isDirect = ancestor !== undefined && belongsTo(ancestor, group);
    while (ancestor && !path.has(ancestor) && !belongsTo(ancestor, group)) {
      path.add(ancestor);
      ancestor = trace.parentOf(ancestor);
    }
    const tie = this.#ties.tie(entry);
    const targets = (tie?.targets ?? []).filter((target) => belongsTo(target, group));
    return {
      step,
      why: provenance(entry),
      ancestor: ancestor && !path.has(ancestor) ? ancestor.step.id : null,
      isChild: isDirect,
      tiedTo: targets.map((target) => target.step.id),
      tiedBy: tie?.by ?? null,
      causedFrom: parent && !belongsTo(parent, group) ? parent.step.service : null,
      isAnsweredElsewhere: step.role === 'call' && isAnsweredOutside(entry, group),
      takenElsewhere: step.role === 'send' ? this.#takingsOutside(entry, group) : [],
      isSentElsewhere:
        step.role === 'take' && isSentOutside([...(tie?.targets ?? []), parent], group),
    };
  }
}

/** Some send led to it, and all that did are in other runs. */
function isSentOutside(causes: readonly (Entry | undefined)[], group: Group): boolean {
  const sends = causes.filter((cause): cause is Entry => cause?.step.role === 'send');
  return sends.length > 0 && !sends.some((send) => belongsTo(send, group));
}

function isAnsweredOutside(call: Entry, group: Group): boolean {
  for (const child of call.trace.childrenOf(call)) {
    if (child.step.role === 'serve' && !belongsTo(child, group)) return true;
  }
  return false;
}

/** The kind of request that came in from outside and began its trace; null for any other step. */
function startOf(step: Step): string | null {
  const isStart = step.role === 'serve' && step.parentSpanId === null && step.links.length === 0;
  return isStart ? `${step.service} ${step.name}` : null;
}

function sameKin(a: Kin, b: Kin): boolean {
  return a.parent === b.parent && a.children.join() === b.children.join();
}

function provenance(entry: Entry): Provenance {
  const { via, ownKey, trace } = entry;
  switch (via.by) {
    case 'key':
      if (!ownKey) return { by: 'trace', of: trace.id };
      return { by: 'key', key: { type: ownKey.type, value: ownKey.value, relation: 'same' } };
    case 'link':
    case 'message-id':
    case 'parent':
      return { by: via.by, of: via.target.step.id };
    case 'trace':
      return { by: 'trace', of: trace.id };
  }
}

function aliasesOf(group: Group, members: readonly Entry[]): RunId[] {
  const aliases = new Set<RunId>();
  if (!(group instanceof TraceState)) for (const node of group.keys) aliases.add(node.id);
  for (const { trace } of members) {
    if (trace.members.size === 0 && groupOf(trace.defaultHome) === group) aliases.add(trace.runId);
  }
  aliases.delete(runIdOf(group));
  return [...aliases].sort();
}

/** The keys of a run: `same` keys that name it, and what its steps say of other relations. */
function keysOf(members: readonly Entry[]): Key[] {
  const keys = new Map<string, Key>();
  for (const entry of members) {
    const coarse = new Set(entry.keys.filter((node) => node.isCoarse).map((node) => node.name));
    for (const key of entry.step.keys) {
      const isDemoted = key.relation === 'same' && coarse.has(`${key.type}\u0000${key.value}`);
      const shown: Key = isDemoted ? { ...key, relation: 'touches' } : key;
      keys.set(`${shown.relation}\u0000${key.type}\u0000${key.value}`, shown);
    }
  }
  const rank = { same: '0', 'child-of': '1', touches: '2' } as const;
  const order = (key: Key): string => `${rank[key.relation]}${key.type}\u0000${key.value}`;
  return [...keys.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}
