import type { RunId } from '@throughline/model/ids';
import type { KeyCluster } from './key-graph.js';
import { TraceState, type Entry, type Home } from './trace-state.js';

/** What makes one run: the keys that name it, or the trace of a provisional run. */
export type Group = KeyCluster | TraceState;

export function groupOf(home: Home): Group {
  return home instanceof TraceState ? home : home.cluster;
}

export function runIdOf(group: Group): RunId {
  return group instanceof TraceState ? group.runId : group.canonical.id;
}

/** The group of these to which the step belongs; undefined when it belongs elsewhere. */
export function belongsTo(entry: Entry, group: Group): boolean {
  return entry.homes.some((home) => groupOf(home) === group);
}

/** The steps of a run, by start, then id. */
export function membersOf(group: Group): Entry[] {
  const members = new Set<Entry>();
  const homes: Iterable<Home> = group instanceof TraceState ? [group] : group.keys;
  for (const home of homes) for (const entry of home.members) members.add(entry);
  return [...members].sort(byStart);
}

export function byStart(a: Entry, b: Entry): number {
  if (a.step.startedAtNs !== b.step.startedAtNs) {
    return a.step.startedAtNs < b.step.startedAtNs ? -1 : 1;
  }
  return a.step.id < b.step.id ? -1 : 1;
}

export function hasMembers(group: Group): boolean {
  if (group instanceof TraceState) return group.members.size > 0;
  for (const node of group.keys) if (node.members.size > 0) return true;
  return false;
}
