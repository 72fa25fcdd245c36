/** A directed graph before any geometry: what `layOut` and `rankFlow` start from. */
export interface Node {
  readonly id: string;
  /** Where a cycle is cut: a node with a lower rank begins it. 0 unless said. */
  readonly startRank?: number;
}

export interface Link {
  readonly from: string;
  readonly to: string;
}

export interface SizedNode extends Node {
  readonly width: number;
  readonly height: number;
  /** Room for a text below the node that no line should cross. */
  readonly below?: number;
  /** How far it reaches over the columns to its right, as a spine that others hang from. */
  readonly stretch?: { readonly width: number; readonly columns: number };
}

/** Where the middle of a node is. `layer` is its column; cause is left of effect wherever there is no cycle. */
export interface Place {
  readonly layer: number;
  readonly x: number;
  readonly y: number;
}

export type Places = ReadonlyMap<string, Place>;

export interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Links between known nodes, each once, without those that lead back to their own node; in a fixed order. */
export function cleanLinks(nodes: readonly Node[], links: readonly Link[]): Link[] {
  const known = new Set(nodes.map(({ id }) => id));
  const seen = new Map<string, Link>();
  for (const { from, to } of links) {
    if (from === to || !known.has(from) || !known.has(to)) continue;
    seen.set(`${from}\u0000${to}`, { from, to });
  }
  return [...seen.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, link]) => link);
}

export function multimap<T>(list: readonly T[], keyOf: (entry: T) => string): Map<string, T[]> {
  const map = new Map<string, T[]>();
  for (const entry of list) {
    const key = keyOf(entry);
    const entries = map.get(key);
    if (entries) entries.push(entry);
    else map.set(key, [entry]);
  }
  return map;
}
