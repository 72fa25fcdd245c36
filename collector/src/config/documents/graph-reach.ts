import type { GraphNode, StepGraph } from './step-graph.js';

/** At least one of the targets follows, in so long. */
export interface Clause {
  readonly targets: readonly string[];
  /** What the document says, in milliseconds; Infinity: any time. */
  readonly ms: number;
  /** Steps on the way whose time the document does not say. */
  readonly unsaid: number;
}

/** What certainly follows what in a graph: only paths that cannot be avoided count. */
export class GraphReach {
  readonly #nodes: ReadonlyMap<string, GraphNode>;

  constructor({ nodes }: Pick<StepGraph, 'nodes'>) {
    this.#nodes = nodes;
  }

  /** What follows once the node is done, up to the next steps that show. */
  after(node: GraphNode): readonly Clause[] {
    return this.#onward(node, new Set());
  }

  /** What follows when the node is reached: itself, when it shows. */
  from(id: string): readonly Clause[] {
    return this.#from(id, new Set());
  }

  #from(id: string, seen: ReadonlySet<string>): readonly Clause[] {
    const node = this.#nodes.get(id);
    // A circle in which no step shows says nothing.
    if (node === undefined || seen.has(id)) return [];
    const inside = new Set([...seen, id]);
    if (node.names.length > 0) return this.#interrupted(node, shown(node), inside);
    const wait = { ms: node.takes ?? 0, unsaid: node.takes === null ? 1 : 0 };
    return this.#onward(node, inside)
      .map((clause) => later(clause, wait))
      .flatMap((clause) => (node.takes === 0 ? [clause] : this.#interrupted(node, clause, inside)));
  }

  #onward(node: GraphNode, seen: ReadonlySet<string>): readonly Clause[] {
    if (node.isOpen === true) return [];
    const branches = node.next.map((id) => this.#from(id, seen));
    const clauses = node.follow === 'all' ? branches.flat() : either(branches, node.follow);
    if (node.joins !== true) return clauses;
    const wait = this.#branchesInto(node);
    return clauses.map((clause) => later(clause, wait));
  }

  /** Where the node may be broken off, what then follows is an answer as well. */
  #interrupted(node: GraphNode, clause: Clause, seen: ReadonlySet<string>): Clause[] {
    let all = clause;
    for (const { to, afterMs } of node.interrupts) {
      // A run that fails needs no next step: its end cancels what was promised.
      if (this.#onlyFails(to, new Set())) continue;
      const [handled] = this.#from(to, seen);
      if (handled === undefined) return [];
      const start = { ms: afterMs ?? clause.ms, unsaid: afterMs === null ? clause.unsaid : 0 };
      all = longer(all, later(handled, start));
    }
    return [all];
  }

  #onlyFails(id: string, seen: ReadonlySet<string>): boolean {
    const node = this.#nodes.get(id);
    if (node === undefined || node.names.length > 0 || seen.has(id)) return false;
    if (node.next.length === 0) return node.end === 'failed';
    return node.next.every((next) => this.#onlyFails(next, new Set([...seen, id])));
  }

  /** The time of everything in the branches that a join waits for: no branch takes longer than all of them. */
  #branchesInto(join: GraphNode): { ms: number; unsaid: number } {
    const sources = [...this.#nodes.values()].filter(({ next }) => next.includes(join.id));
    const before = sources.map(({ id }) => this.#ancestors(id));
    const own = new Set(before.flatMap((ids) => [...ids]));
    for (const id of own) if (before.every((ids) => ids.has(id))) own.delete(id);
    const inside = new Set([join.id, ...before.flatMap((ids) => [...ids])]);
    let ms = 0;
    let unsaid = 0;
    for (const id of own) {
      const node = this.#nodes.get(id);
      if (node === undefined) continue;
      const ways = [...node.next, ...node.interrupts.map(({ to }) => to)];
      const leaves = ways.some((to) => !inside.has(to) && !this.#onlyFails(to, new Set()));
      // A branch that may lead elsewhere, or in a circle, need not ever come.
      if (node.isOpen === true || leaves || ways.some((to) => this.#ancestors(id).has(to))) {
        return { ms: Infinity, unsaid };
      }
      ms += node.names.length > 0 ? shown(node).ms : (node.takes ?? 0);
      if (node.takes === null) unsaid += 1;
    }
    return { ms, unsaid };
  }

  #ancestors(id: string): ReadonlySet<string> {
    const found = new Set([id]);
    for (const each of found) {
      for (const node of this.#nodes.values()) {
        const leads = node.next.includes(each) || node.interrupts.some(({ to }) => to === each);
        if (leads) found.add(node.id);
      }
    }
    return found;
  }
}

/** The step itself; a timer at it is its deadline. */
function shown({ id, takes, interrupts }: GraphNode): Clause {
  const timers = interrupts.flatMap(({ afterMs }) => afterMs ?? []);
  const ms = Math.min(takes ?? Infinity, ...timers);
  if (takes === null && timers.length === 0) return { targets: [id], ms: 0, unsaid: 1 };
  return { targets: [id], ms, unsaid: 0 };
}

function either(branches: readonly (readonly Clause[])[], follow: 'any' | 'race'): Clause[] {
  const heads = branches.flatMap(([head]) => head ?? []);
  const [first, ...rest] = heads;
  // Where one branch shows nothing, nothing is certain.
  if (first === undefined || heads.length < branches.length) return [];
  const all = rest.reduce(longer, first);
  if (follow === 'any') return [all];
  const quickest = heads.reduce((a, b) => (b.ms < a.ms ? b : a));
  return [{ ...quickest, targets: all.targets }];
}

function longer(a: Clause, b: Clause): Clause {
  const targets = [...new Set([...a.targets, ...b.targets])];
  return { targets, ms: Math.max(a.ms, b.ms), unsaid: Math.max(a.unsaid, b.unsaid) };
}

function later(clause: Clause, by: { readonly ms: number; readonly unsaid: number }): Clause {
  return { ...clause, ms: clause.ms + by.ms, unsaid: clause.unsaid + by.unsaid };
}
