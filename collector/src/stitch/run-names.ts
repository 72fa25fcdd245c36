import type { RunId } from '@throughline/model/ids';
import type { Key } from '@throughline/model/key';
import { eachOf, type Sliced } from './sliced.js';
import { ownerOf, runIdOf, type Group } from './group.js';
import { TraceState, type Entry } from './trace-state.js';

/** Ids that lead to the run as well: of its other keys, of traces that add to it as a whole, of what merged into it. */
export function* aliasesOf(group: Group, members: readonly Entry[]): Sliced<RunId[]> {
  const aliases = new Set<RunId>();
  if ('canonical' in group) for (const node of group.keys) aliases.add(node.id);
  else if (!(group instanceof TraceState)) for (const id of group.aliases) aliases.add(id);
  const traces = new Set<TraceState>();
  yield* eachOf(members, ({ trace }) => traces.add(trace));
  yield* eachOf(traces, (trace) => {
    if (isWhollyOf(trace, group)) aliases.add(trace.runId);
  });
  aliases.delete(runIdOf(group));
  return [...aliases].sort();
}

function isWhollyOf(trace: TraceState, group: Group): boolean {
  if (trace.members.size > 0) return false;
  if (group instanceof TraceState || 'canonical' in group) {
    return ownerOf(trace.defaultHome) === group;
  }
  if (ownerOf(trace.defaultHome) !== group.cluster) return false;
  const { epochs } = group.cluster;
  for (const entry of trace.entries.values()) {
    const epoch = epochs?.of(entry);
    if (epoch && epoch !== group) return false;
  }
  return true;
}

/** The keys of a run: `same` keys that name it, and what its steps say of other relations. */
export function* keysOf(members: readonly Entry[]): Sliced<Key[]> {
  const keys = new Map<string, Key>();
  let last: Key | undefined;
  yield* eachOf(members, (entry) => {
    for (const key of entry.step.keys) {
      // Most steps of a run have the key of the step before.
      if (last !== undefined && isSameKey(last, key)) continue;
      last = key;
      const isDemoted = key.relation === 'same' && isCoarse(entry, key);
      const shown: Key = isDemoted ? { ...key, relation: 'touches' } : key;
      const name = `${shown.relation}\u0000${key.type}\u0000${key.value}`;
      if (!keys.has(name)) keys.set(name, shown);
    }
  });
  const rank = { same: '0', 'child-of': '1', touches: '2' } as const;
  const order = (key: Key): string => `${rank[key.relation]}${key.type}\u0000${key.value}`;
  return [...keys.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

function isSameKey(a: Key, b: Key): boolean {
  return a.value === b.value && a.type === b.type && a.relation === b.relation;
}

function isCoarse({ keys }: Entry, { type, value }: Key): boolean {
  return keys.some((node) => node.isCoarse && node.type === type && node.value === value);
}
