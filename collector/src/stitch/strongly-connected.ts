/**
 * Strongly connected components, each after the components it depends on (Tarjan 1972), without recursion:
 * a chain of a hundred thousand traces is no reason to run out of stack.
 */
export function stronglyConnected<V>(
  vertices: Iterable<V>,
  dependencies: (vertex: V) => readonly V[],
): V[][] {
  const search = new Search(dependencies);
  for (const vertex of vertices) search.visit(vertex);
  return search.components;
}

interface Visit<V> {
  readonly vertex: V;
  readonly index: number;
  low: number;
  isOpen: boolean;
  readonly dependencies: readonly V[];
  next: number;
}

class Search<V> {
  readonly components: V[][] = [];
  readonly #visits = new Map<V, Visit<V>>();
  readonly #open: Visit<V>[] = [];
  readonly #dependencies: (vertex: V) => readonly V[];

  constructor(dependencies: (vertex: V) => readonly V[]) {
    this.#dependencies = dependencies;
  }

  visit(start: V): void {
    if (this.#visits.has(start)) return;
    const path = [this.#enter(start)];
    for (let current = path.at(-1); current; current = path.at(-1)) {
      const dependency = current.dependencies[current.next];
      if (dependency === undefined) {
        path.pop();
        this.#leave(current, path.at(-1));
        continue;
      }
      current.next += 1;
      const seen = this.#visits.get(dependency);
      if (!seen) path.push(this.#enter(dependency));
      else if (seen.isOpen) current.low = Math.min(current.low, seen.index);
    }
  }

  #enter(vertex: V): Visit<V> {
    const index = this.#visits.size;
    const visit: Visit<V> = {
      vertex,
      index,
      low: index,
      isOpen: true,
      dependencies: this.#dependencies(vertex),
      next: 0,
    };
    this.#visits.set(vertex, visit);
    this.#open.push(visit);
    return visit;
  }

  #leave(visit: Visit<V>, caller: Visit<V> | undefined): void {
    if (caller) caller.low = Math.min(caller.low, visit.low);
    if (visit.low !== visit.index) return;
    const component: V[] = [];
    for (let member = this.#open.pop(); member; member = this.#open.pop()) {
      member.isOpen = false;
      component.push(member.vertex);
      if (member === visit) break;
    }
    this.components.push(component);
  }
}
