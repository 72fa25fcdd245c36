import type { CoarseKey } from '@throughline/model/coarse-key';
import { CORRELATION_KEY, type Key } from '@throughline/model/key';
import { LIMITS } from '../limits.js';
import { KeyNode, keyName, type KeyCluster } from './key-node.js';
import { SmallSet } from './small-set.js';
import type { TraceState } from './trace-state.js';

/**
 * The `same` keys of all steps and which of them meet on one step. The clusters depend on the set of steps
 * only: a step that goes (a pending snapshot that is replaced) takes its ties with it.
 */
export class KeyGraph {
  /** Type → value → key. */
  readonly #nodes = new Map<string, Map<string, KeyNode>>();
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
    return this.#nodes.get(type)?.get(value);
  }

  /** Records the keys of one step. @returns their nodes. */
  link(keys: readonly Key[], trace: TraceState, service: string): readonly KeyNode[] {
    const nodes = this.#nodesOf(keys, trace);
    for (const node of nodes) {
      if (!node.traces.has(trace)) this.#meetTrace(node, trace, 1);
      node.traces.add(trace, 1);
      node.services.add(service, 1);
      node.lastTrace = trace;
    }
    if (nodes.length > 1) for (const [a, b] of pairs(nodes)) this.#tie(a, b);
    for (const node of nodes) this.#judge(node);
    return nodes;
  }

  /** Takes back what `link` recorded for a step that was replaced. */
  unlink(nodes: readonly KeyNode[], trace: TraceState, service: string): void {
    for (const node of nodes) {
      node.traces.add(trace, -1);
      node.services.add(service, -1);
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
    trace.starts.add(kind, by);
    if (had === trace.starts.has(kind)) return;
    for (const node of trace.keyNodes) {
      node.starts.add(kind, by);
      this.#judge(node);
    }
  }

  /** Forgets keys that no step carries any more. @returns what was forgotten. */
  prune(): KeyNode[] {
    this.#recluster();
    const unused: KeyNode[] = [];
    for (const node of this.#all()) if (node.traces.size === 0) unused.push(node);
    for (const node of unused) this.#forget(node);
    return unused;
  }

  /**
   * The traces leave memory, and with them the keys that only they carry. A coarse key that others carry, too, stays as
   * coarse as it was: what it met does not become untrue. @returns the keys that are gone.
   */
  leave(nodes: Iterable<KeyNode>, traces: ReadonlySet<TraceState>): KeyNode[] {
    const leaving = [...nodes];
    for (const node of leaving) for (const trace of traces) node.traces.delete(trace);
    const gone = leaving.filter(({ traces: left }) => left.size === 0);
    for (const node of gone) {
      this.#forget(node);
      this.#touchedNodes.delete(node);
      this.#unsettled.delete(node);
      for (const neighbour of node.neighbours.keys()) neighbour.neighbours.delete(node);
    }
    for (const node of leaving) {
      const [other] = node.traces.keys();
      if (other && traces.has(node.lastTrace)) node.lastTrace = other;
    }
    for (const trace of traces) this.#touchedTraces.delete(trace);
    return gone;
  }

  #forget({ type, value }: KeyNode): void {
    const ofType = this.#nodes.get(type);
    ofType?.delete(value);
    if (ofType?.size === 0) this.#nodes.delete(type);
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
    const coarse: KeyNode[] = [];
    for (const node of this.#all()) if (node.isCoarse && node.traces.size > 0) coarse.push(node);
    return coarse.sort((a, b) => (a.name < b.name ? -1 : 1)).map(describe);
  }

  *#all(): Iterable<KeyNode> {
    for (const ofType of this.#nodes.values()) yield* ofType.values();
  }

  #nodesOf(keys: readonly Key[], trace: TraceState): readonly KeyNode[] {
    const distinct = distinctKeys(keys);
    const [first] = distinct;
    if (first === undefined) return NO_NODES;
    if (distinct.length === 1) return this.#nodeOf(first, trace).alone;
    return distinct.map((key) => this.#nodeOf(key, trace));
  }

  #nodeOf(key: Key, lastTrace: TraceState): KeyNode {
    let ofType = this.#nodes.get(key.type);
    if (ofType === undefined) this.#nodes.set(key.type, (ofType = new Map<string, KeyNode>()));
    const known = ofType.get(key.value);
    if (known !== undefined) return known;
    const node = new KeyNode(key, lastTrace);
    ofType.set(key.value, node);
    return node;
  }

  #meetTrace(node: KeyNode, trace: TraceState, by: 1 | -1): void {
    if (by === 1) trace.keyNodes.add(node);
    else trace.keyNodes.delete(node);
    for (const kind of trace.starts.keys()) node.starts.add(kind, by);
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
    const isCoarse = node.isPlaceholder || meetsMoreThan(node, this.#partnersMax);
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
      const cluster: KeyCluster = { keys: new SmallSet(), canonical: start, epochs: null };
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

const NO_NODES: readonly KeyNode[] = [];

/** The `same` keys, each once. */
function distinctKeys(keys: readonly Key[]): readonly Key[] {
  if (keys.length === 0 || (keys.length === 1 && keys[0]?.relation === 'same')) return keys;
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
  node.neighbours.add(partner, by);
  const has = node.neighbours.has(partner);
  if (had === has || partner.type === node.type || partner.isPlaceholder) return;
  node.partners.add(partner.type, has ? 1 : -1);
}

function meetsMoreThan(node: KeyNode, max: number): boolean {
  if (node.partners.size === 0 && node.starts.size === 0) return false;
  return most(coarseCounts(node)).count > max;
}

function coarseCounts(node: KeyNode): ReadonlyMap<string, number> {
  return node.type === CORRELATION_KEY
    ? new Map([...node.partners.all(), ...node.starts.all()])
    : node.partners.all();
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
