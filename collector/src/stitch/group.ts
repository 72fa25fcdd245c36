import type { RunId } from '@throughline/model/ids';
import type { Epoch } from './epoch.js';
import type { KeyCluster } from './key-node.js';
import { eachOf, sorted, type Sliced } from './sliced.js';
import { TraceState, type Entry, type Home } from './trace-state.js';

/** What the placing of steps tells apart: the keys that name one run, or the trace of a provisional run. */
export type Owner = KeyCluster | TraceState;

/** What makes one run: its keys, one epoch of them where they were used again (S8), or a provisional run's trace. */
export type Group = Owner | Epoch;

export function ownerOf(home: Home): Owner {
  return home instanceof TraceState ? home : home.cluster;
}

/** The run that a step of the home is in. */
export function groupOf(home: Home, entry: Entry): Group {
  if (home instanceof TraceState) return home;
  const { cluster } = home;
  return cluster.epochs?.of(entry) ?? cluster;
}

export function runIdOf(group: Group): RunId {
  if (group instanceof TraceState) return group.runId;
  return 'canonical' in group ? group.canonical.id : group.id;
}

/** The step belongs to the run; it may belong to others, too. */
export function belongsTo(entry: Entry, group: Group): boolean {
  const { homes } = entry;
  if (homes.length <= FEW) {
    for (const home of homes) if (groupOf(home, entry) === group) return true;
    return false;
  }
  // A batch of thousands is asked by each of thousands of runs.
  if (group instanceof TraceState) return entry.isAtHome(group);
  const isNamed = [...keysOfGroup(group)].some((node) => entry.isAtHome(node));
  return isNamed && ('canonical' in group || group.has(entry));
}

const FEW = 4;
/** So many are sorted at a stretch. */
const FEW_STEPS = 256;

export function keysOfGroup(group: Group): Iterable<Extract<Home, { readonly name: string }>> {
  if (group instanceof TraceState) return [];
  return 'canonical' in group ? group.keys : group.cluster.keys;
}

/** The steps of a run, in any order; some twice when they are there under two keys. */
export function* stepsOf(group: Group): Iterable<Entry> {
  if (!('canonical' in group)) yield* group.members;
  else for (const node of group.keys) yield* node.members;
}

/** The same without an iterator of its own, for those who ask of run after run. */
export function eachStepOf(group: Group, act: (entry: Entry) => void): void {
  if (group instanceof TraceState) for (const entry of group.members.values()) act(entry);
  else if (!('canonical' in group)) for (const entry of group.members) act(entry);
  else for (const node of group.keys) for (const entry of node.members.values()) act(entry);
}

/** The steps of a run, by start, then id. */
export function membersOf(group: Group): readonly Entry[] {
  if (group instanceof TraceState) return [...group.members].sort(byStart);
  return 'canonical' in group ? membersOfKeys(group) : group.members;
}

/** The same, a slice at a time. */
export function* membersInSlices(group: Group): Sliced<readonly Entry[]> {
  if ('beganAtMs' in group) return group.members;
  const sets =
    'canonical' in group ? [...group.keys.values()].map(({ members }) => members) : [group.members];
  const [only] = sets;
  // Under one key no step is twice.
  if (only && sets.length === 1 && only.size <= FEW_STEPS) return [...only.values()].sort(byStart);
  const members = new Set<Entry>();
  yield* eachOf(stepsOf(group), (entry) => members.add(entry));
  return yield* sorted([...members], byStart);
}

/** The steps of all epochs of a cluster, by start, then id. */
export function membersOfKeys(cluster: KeyCluster): Entry[] {
  const members = new Set<Entry>();
  for (const home of cluster.keys) for (const entry of home.members) members.add(entry);
  return [...members].sort(byStart);
}

export function byStart(a: Entry, b: Entry): number {
  if (a.step.startedAtNs !== b.step.startedAtNs) {
    return a.step.startedAtNs < b.step.startedAtNs ? -1 : 1;
  }
  return a.step.id < b.step.id ? -1 : 1;
}

export function hasMembers(owner: Owner): boolean {
  if (owner instanceof TraceState) return owner.members.size > 0;
  for (const node of owner.keys) if (node.members.size > 0) return true;
  return false;
}
