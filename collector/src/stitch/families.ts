import type { RunId, TraceId } from '@throughline/model/ids';
import type { KeyGraph } from './key-graph.js';
import type { KeyNode } from './key-node.js';
import type { Kinship } from './kinship.js';
import { groupOf, ownerOf, runIdOf } from './group.js';
import { tiesOfStep } from './step-ties.js';
import type { Ties } from './ties.js';
import { TraceState, type Entry, type Home } from './trace-state.js';

/**
 * Traces that are tied to each other, by whatever means, and to nothing else in memory. What is left is the same without
 * them, and they are the same without what is left: so runs can leave memory, and come back, a family at a time.
 */
export interface Family {
  readonly traces: ReadonlySet<TraceState>;
  /** Keys that its steps carry, coarse ones among them. */
  readonly nodes: ReadonlySet<KeyNode>;
  /** The newest stored body that one of its steps came in. */
  readonly lastBodyId: number;
  readonly stepCount: number;
}

/** What has to be known of a family to find it, to show it, and to stitch it again. */
export interface FamilyRecord {
  readonly runIds: readonly RunId[];
  readonly traceIds: readonly TraceId[];
  /** The stored bodies that hold its spans, ascending. */
  readonly bodyIds: readonly number[];
  /** As `tiesOfStep`, of all steps, without coarse keys: they tie nothing. */
  readonly ties: readonly string[];
}

export interface FamilyTies {
  readonly ties: Ties;
  readonly keys: KeyGraph;
  readonly kinship: Kinship;
}

/** Everything that can be reached from a trace. Costs what is reached. */
export function familyOf(start: TraceState, around: FamilyTies): Family {
  const walk = new Walk(around);
  walk.meet(start);
  return walk.family();
}

export function recordOf({ traces }: Family): FamilyRecord {
  const runIds = new Set<RunId>();
  const bodyIds = new Set<number>();
  const ties = new Set<string>();
  for (const trace of traces) {
    for (const entry of trace.entries.values()) {
      for (const id of runIdsOf(entry)) runIds.add(id);
      for (const id of entry.bodyIds) bodyIds.add(id);
      bodyIds.add(entry.firstBodyId);
      for (const tie of tiesOfStep(entry.step)) ties.add(tie);
      for (const { isCoarse, name } of entry.keys) if (isCoarse) ties.delete(`k${name}`);
    }
  }
  return {
    runIds: [...runIds],
    traceIds: [...traces].map(({ id }) => id),
    bodyIds: [...bodyIds].sort((a, b) => a - b),
    ties: [...ties],
  };
}

/** The runs that the step is in. */
export function runIdsOf(entry: Entry): RunId[] {
  return entry.homes.map((home) => runIdOf(groupOf(home, entry)));
}

class Walk {
  readonly #around: FamilyTies;
  readonly #traces = new Set<TraceState>();
  readonly #nodes = new Set<KeyNode>();
  readonly #open: TraceState[] = [];

  constructor(around: FamilyTies) {
    this.#around = around;
  }

  meet(trace: TraceState): void {
    if (this.#traces.has(trace)) return;
    this.#traces.add(trace);
    this.#open.push(trace);
  }

  family(): Family {
    let lastBodyId = 0;
    let stepCount = 0;
    for (let trace = this.#open.pop(); trace; trace = this.#open.pop()) {
      lastBodyId = Math.max(lastBodyId, trace.lastBodyId);
      stepCount += trace.entries.size;
      for (const { trace: other } of trace.members) this.meet(other);
      for (const entry of trace.entries.values()) this.#meetAround(entry);
    }
    return { traces: this.#traces, nodes: this.#nodes, lastBodyId, stepCount };
  }

  #meetAround(entry: Entry): void {
    const { ties, keys } = this.#around;
    for (const home of entry.homes) this.#meetHome(home);
    for (const node of entry.keys) this.#meetNode(node);
    for (const { trace } of ties.reach(entry)) this.meet(trace);
    for (const { type, value, relation } of entry.step.keys) {
      const parent = relation === 'child-of' ? keys.node(type, value) : undefined;
      if (parent) this.#meetNode(parent);
    }
  }

  #meetHome(home: Home): void {
    const owner = ownerOf(home);
    if (owner instanceof TraceState) this.meet(owner);
    else for (const node of owner.keys) this.#meetNode(node);
  }

  #meetNode(node: KeyNode): void {
    if (this.#nodes.has(node)) return;
    this.#nodes.add(node);
    if (node.isCoarse) return;
    for (const trace of node.traces.keys()) this.meet(trace);
    for (const { trace } of node.members) this.meet(trace);
    for (const each of node.cluster.keys) this.#meetNode(each);
    for (const child of this.#around.kinship.declaredChildren(node)) this.meet(child.trace);
  }
}
