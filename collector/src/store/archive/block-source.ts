import type { RunSort } from '../read-store.js';
import type { FamilyPlace, StoredFamily } from '../run-archive.js';
import type { BlockHead } from './block.js';

/** The blocks of an archive, as lists read them. */
export interface BlockSource {
  readonly heads: ReadonlyMap<number, BlockHead>;
  families(blockId: number): readonly StoredFamily[];
  /** The values of an order, over the runs of a block, ascending. */
  values(blockId: number, sort: RunSort): BigInt64Array;
  /** Places of families with the name, the youngest first, at most so many; now and then one more. */
  named(name: string, max: number): readonly FamilyPlace[];
  /** In memory, or gone: not to be shown. */
  isHidden(place: FamilyPlace): boolean;
}

/** Names under which runs are looked for: their ids, and the values of their keys. */
export function namesToFind(families: StoredFamily): string[] {
  const names = new Set<string>();
  for (const { summary } of families.runs) {
    for (const id of [summary.id, ...summary.aliases]) names.add(idName(id));
    for (const { value } of summary.keys) names.add(valueName(value));
  }
  return [...names];
}

export function idName(id: string): string {
  return `r${id}`;
}

export function valueName(value: string): string {
  return `v${value}`;
}

export function traceName(id: string): string {
  return `t${id}`;
}
