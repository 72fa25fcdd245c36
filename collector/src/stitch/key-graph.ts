import type { CoarseKey } from '@throughline/model/coarse-key';
import type { RunId } from '@throughline/model/ids';
import { CORRELATION_KEY, type Key } from '@throughline/model/key';
import { LIMITS } from '../limits.js';
import { isPlaceholder } from './placeholder.js';
import { runIdOfKey } from './run-id.js';
import type { Epochs } from './epoch.js';
import type { Entry, TraceState } from './trace-state.js';

/** One `same` key value and what it touches. */
export interface KeyNode {
  readonly name: string;
  readonly type: string;
  readonly value: string;
  readonly id: RunId;
  readonly isPlaceholder: boolean;
  /** Keys met on one step, with the number of steps that say so. */
  readonly neighbours: Map<KeyNode, number>;
  /** How many of those are of which other type; placeholders do not count. */
  readonly partners: Map<string, number>;
  /** Traces with a step that carries the key, with the number of those steps. */
  readonly traces: Map<TraceState, number>;
  /** Kind of incoming request → traces of the key that such a request began. */
  readonly starts: Map<string, number>;
  readonly services: Map<string, number>;
  /** Where the key was seen last, for those who ask for a key that a better report took back. */
  lastTrace: TraceState;
  /** Steps that the key placed, themselves or through what they caused. */
  readonly members: Set<Entry>;
  /** How many of them may end a run, and bounds of the times: none ended earlier, none started later. */
  endCount: number;
  firstEndNs: bigint;
  lastStartNs: bigint;
  isCoarse: boolean;
  cluster: KeyCluster;
}

/** Keys that name one run (S6). Demoted keys are clusters of nobody. */
export interface KeyCluster {
  readonly keys: Set<KeyNode>;
  /** The key whose id the run has: the smallest by name, the same one whatever came first. */
  canonical: KeyNode;
  /** The runs that the keys name one after the other, where they were used again (S8); null: one run. */
  epochs: Epochs | null;
}

/**
 * The `same` keys of all steps and which of them meet on one step. The clusters depend on the set of steps
 * only: a step that goes (a pending snapshot that is replaced) takes its ties with it.
 */
export class KeyGraph {
  readonly #nodes = new Map<string, KeyNode>();
  readonly #partnersMax: number;
  /** Traces that must be placed anew because a cluster they know has changed. */
  readonly #touchedTraces = new Set<TraceState>();
  readonly #touchedNodes = new Set<KeyNode>();
  /** Keys whose clusters must be built from their ties again: once, however many steps come and go. */
  readonly #unsettled = new Set<KeyNode>();

  constructor(partnersMax: number) {
    this.#partnersMax = partnersMax;
  }

  node(type: string, value: string): KeyNode | undefined {
    return this.#nodes.get(keyName(type, value));
  }

  nodes(): Iterable<KeyNode> {
    return this.#nodes.values();
  }

  /** Records the keys of one step. @returns their nodes. */
  link(keys: readonly Key[], trace: TraceState, service: string): readonly KeyNode[] {
    const nodes = distinct(keys).map((key) => this.#nodeOf(key, trace));
    for (const node of nodes) {
      if (!node.traces.has(trace)) this.#meetTrace(node, trace, 1);
      count(node.traces, trace, 1);
      count(node.services, service, 1);
      node.lastTrace = trace;
    }
    for (const [a, b] of pairs(nodes)) this.#tie(a, b);
    for (const node of nodes) this.#judge(node);
    return nodes;
  }

  /** Takes back what `link` recorded for a step that was replaced. */
  unlink(nodes: readonly KeyNode[], trace: TraceState, service: string): void {
    for (const node of nodes) {
      count(node.traces, trace, -1);
      count(node.services, service, -1);
      if (!node.traces.has(trace)) this.#meetTrace(node, trace, -1);
    }
    for (const [a, b] of pairs(nodes)) {
      meet(a, b, -1);
      meet(b, a, -1);
      if (!a.neighbours.has(b)) this.#unsettled.add(a).add(b);
    }
    for (const node of nodes) {
      this.#judge(node);
      if (node.traces.size === 0) this.#unsettled.add(node);
    }
  }

  /** A request of this kind began, or after all did not begin, the trace. */
  start(kind: string, trace: TraceState, by: 1 | -1): void {
    const had = trace.starts.has(kind);
    count(trace.starts, kind, by);
    if (had === trace.starts.has(kind)) return;
    for (const node of trace.keyNodes) {
      count(node.starts, kind, by);
      this.#judge(node);
    }
  }

  /** Forgets keys that no step carries any more. @returns what was forgotten. */
  prune(): KeyNode[] {
    this.#recluster();
    const unused = [...this.#nodes.values()].filter(({ traces }) => traces.size === 0);
    for (const node of unused) this.#nodes.delete(node.name);
    return unused;
  }

  /** Traces that must be placed anew and keys whose run may have another id, since the last call. */
  takeTouched(): { traces: ReadonlySet<TraceState>; nodes: ReadonlySet<KeyNode> } {
    this.#recluster();
    const touched = { traces: new Set(this.#touchedTraces), nodes: new Set(this.#touchedNodes) };
    this.#touchedTraces.clear();
    this.#touchedNodes.clear();
    return touched;
  }

  coarse(): CoarseKey[] {
    return [...this.#nodes.values()]
      .filter((node) => node.isCoarse && node.traces.size > 0)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(describe);
  }

  #nodeOf(key: Key, lastTrace: TraceState): KeyNode {
    const name = keyName(key.type, key.value);
    const known = this.#nodes.get(name);
    if (known) return known;
    const node = {
      name,
      type: key.type,
      value: key.value,
      id: runIdOfKey(key.type, key.value),
      isPlaceholder: isPlaceholder(key.value),
      neighbours: new Map(),
      partners: new Map(),
      traces: new Map(),
      starts: new Map(),
      services: new Map(),
      lastTrace,
      members: new Set(),
      endCount: 0,
      firstEndNs: 0n,
      lastStartNs: 0n,
      isCoarse: false,
    } as KeyNode;
    node.cluster = { keys: new Set([node]), canonical: node, epochs: null };
    this.#nodes.set(name, node);
    return node;
  }

  #meetTrace(node: KeyNode, trace: TraceState, by: 1 | -1): void {
    if (by === 1) trace.keyNodes.add(node);
    else trace.keyNodes.delete(node);
    for (const kind of trace.starts.keys()) count(node.starts, kind, by);
  }

  #tie(a: KeyNode, b: KeyNode): void {
    meet(a, b, 1);
    meet(b, a, 1);
    if (a.isCoarse || b.isCoarse || a.cluster === b.cluster) return;
    const [large, small] =
      a.cluster.keys.size >= b.cluster.keys.size ? [a.cluster, b.cluster] : [b.cluster, a.cluster];
    this.#touchedNodes.add(large.canonical);
    large.epochs = null;
    for (const node of small.keys) {
      large.keys.add(node);
      node.cluster = large;
      this.#touch(node);
      if (node.name < large.canonical.name) large.canonical = node;
    }
  }

  /**
   * A key is coarse when its value says nothing; when it met more values of one other type than one run can
   * have (a tenant id that lies beside a thousand order numbers); or when it is a correlation id with which the
   * same request came in again and again (a constant). A pure function of the steps.
   */
  #judge(node: KeyNode): void {
    const isCoarse = node.isPlaceholder || most(coarseCounts(node)).count > this.#partnersMax;
    if (isCoarse === node.isCoarse) return;
    node.isCoarse = isCoarse;
    this.#unsettled.add(node);
    for (const neighbour of node.neighbours.keys()) this.#unsettled.add(neighbour);
  }

  /** Builds the clusters around the unsettled keys from their ties again. */
  #recluster(): void {
    const region = new Set<KeyNode>(this.#unsettled);
    const clusters = new Set<KeyCluster>();
    for (const node of this.#unsettled) clusters.add(node.cluster);
    for (const { keys } of clusters) for (const node of keys) region.add(node);
    this.#unsettled.clear();
    const placed = new Set<KeyNode>();
    for (const start of region) {
      if (placed.has(start)) continue;
      const cluster: KeyCluster = { keys: new Set(), canonical: start, epochs: null };
      const queue = [start];
      for (let node = queue.pop(); node; node = queue.pop()) {
        if (cluster.keys.has(node)) continue;
        cluster.keys.add(node);
        placed.add(node);
        this.#touch(node);
        node.cluster = cluster;
        if (node.name < cluster.canonical.name) cluster.canonical = node;
        if (node.isCoarse) continue;
        for (const next of node.neighbours.keys()) {
          if (!next.isCoarse && !cluster.keys.has(next)) queue.push(next);
        }
      }
    }
  }

  #touch(node: KeyNode): void {
    this.#touchedNodes.add(node);
    for (const trace of node.traces.keys()) this.#touchedTraces.add(trace);
  }
}

function keyName(type: string, value: string): string {
  return `${type}\u0000${value}`;
}

function distinct(keys: readonly Key[]): Key[] {
  const seen = new Map<string, Key>();
  for (const key of keys) if (key.relation === 'same') seen.set(keyName(key.type, key.value), key);
  return [...seen.values()];
}

/**
 * Which keys of one step are tied: those of the same type in a chain, so that an attribute with a thousand values
 * costs a thousand ties; and each with each of another type, as many as are counted.
 */
function* pairs(nodes: readonly KeyNode[]): Iterable<[KeyNode, KeyNode]> {
  if (nodes.length < 2) return;
  const lastOfType = new Map<string, KeyNode>();
  for (const node of nodes) {
    const before = lastOfType.get(node.type);
    if (before) yield [before, node];
    lastOfType.set(node.type, node);
  }
  let left: number = LIMITS.stepKeyTiesMax;
  for (const [index, a] of nodes.entries()) {
    for (let at = index + 1; at < nodes.length; at += 1) {
      const b = nodes[at];
      if (!b || b.type === a.type) continue;
      yield [a, b];
      left -= 1;
      if (left === 0) return;
    }
  }
}

function meet(node: KeyNode, partner: KeyNode, by: 1 | -1): void {
  const had = node.neighbours.has(partner);
  count(node.neighbours, partner, by);
  const has = node.neighbours.has(partner);
  if (had === has || partner.type === node.type || partner.isPlaceholder) return;
  count(node.partners, partner.type, has ? 1 : -1);
}

function count<K>(tally: Map<K, number>, key: K, by: 1 | -1): void {
  const next = (tally.get(key) ?? 0) + by;
  if (next > 0) tally.set(key, next);
  else tally.delete(key);
}

function coarseCounts(node: KeyNode): ReadonlyMap<string, number> {
  return node.type === CORRELATION_KEY
    ? new Map([...node.partners, ...node.starts])
    : node.partners;
}

/** The largest count; of equal ones the first by name. */
function most(counts: ReadonlyMap<string, number>): { name: string | null; count: number } {
  let largest: { name: string | null; count: number } = { name: null, count: 0 };
  for (const [name, seen] of counts) {
    const isFirst = seen === largest.count && largest.name !== null && name < largest.name;
    if (seen > largest.count || isFirst) largest = { name, count: seen };
  }
  return largest;
}

function describe(node: KeyNode): CoarseKey {
  const { type, value, services } = node;
  const who = { type, value, services: [...services.keys()].sort() };
  if (node.isPlaceholder)
    return { ...who, reason: 'placeholder', partnerType: null, partnerCount: 0 };
  const { name, count: seen } = most(coarseCounts(node));
  const isByPartners = name !== null && node.partners.get(name) === seen;
  return {
    ...who,
    reason: isByPartners ? 'partners' : 'starts',
    partnerType: isByPartners ? name : null,
    partnerCount: seen,
  };
}
