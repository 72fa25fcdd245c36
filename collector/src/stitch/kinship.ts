import type { RunId } from '@throughline/model/ids';
import {
  belongsTo,
  byStart,
  eachStepOf,
  groupOf,
  hasMembers,
  keysOfGroup,
  ownerOf,
  runIdOf,
  stepsOf,
  type Group,
} from './group.js';
import type { KeyGraph } from './key-graph.js';
import { keyName, type KeyCluster, type KeyNode } from './key-node.js';
import { startMs } from './run-id.js';
import { SmallSet } from './small-set.js';
import type { Ties } from './ties.js';
import { TraceState, type Entry } from './trace-state.js';

/** The runs around a run. */
export interface Kin {
  readonly parent: RunId | null;
  readonly children: readonly RunId[];
}

/**
 * Parent and child runs (S7): a `child-of` key says it outright; else the run whose step caused, across the
 * border, the earliest step of this one. Worked out from the steps when asked; what was worked out is kept until
 * the next step comes or goes, so that a run with ten thousand children is gone through once for all of them.
 */
export class Kinship {
  readonly #keys: KeyGraph;
  readonly #ties: Ties;
  /** `child-of` key → steps that carry it. */
  readonly #children = new Map<string, SmallSet<Entry>>();
  readonly #named = new Map<Group, Group | null>();
  readonly #declared = new Map<KeyCluster, ReadonlyMap<Group, ReadonlySet<Group>>>();

  constructor(keys: KeyGraph, ties: Ties) {
    this.#keys = keys;
    this.#ties = ties;
  }

  insert(entry: Entry): void {
    for (const name of childOfNames(entry)) {
      const entries = this.#children.get(name) ?? new SmallSet<Entry>();
      entries.add(entry);
      this.#children.set(name, entries);
    }
  }

  remove(entry: Entry): void {
    for (const name of childOfNames(entry)) {
      const entries = this.#children.get(name);
      entries?.delete(entry);
      if (entries?.size === 0) this.#children.delete(name);
    }
  }

  /** To be called when steps have other places than at the call before. */
  moved(): void {
    this.#named.clear();
    this.#declared.clear();
  }

  of(group: Group): Kin {
    const parent = this.#parentOf(group);
    return { parent: parent && runIdOf(parent), children: this.#childrenOf(group) };
  }

  /** Whether any step says that it belongs to a child of some run. */
  get hasDeclared(): boolean {
    return this.#children.size > 0;
  }

  /** Steps that say they belong to a child of the run that the key names. */
  declaredChildren(node: KeyNode): Iterable<Entry> {
    return this.#children.get(node.name) ?? [];
  }

  #childrenOf(group: Group): readonly RunId[] {
    const candidates = new Set<Group>(this.#declaredOf(group));
    const add = (effect: Entry): void => addHomes(effect, group, candidates);
    eachStepOf(group, (entry) => {
      if (!isWhollyIn(entry.trace, group))
        for (const child of entry.trace.childrenOf(entry)) add(child);
      this.#ties.eachTiedTo(entry, add);
    });
    candidates.delete(group);
    if (candidates.size === 0) return NO_RUNS;
    const children: RunId[] = [];
    for (const one of candidates) if (this.#parentOf(one) === group) children.push(runIdOf(one));
    return children.sort();
  }

  #declaredOf(group: Group): Iterable<Group> {
    if (this.#children.size === 0 || group instanceof TraceState) return [];
    const cluster = 'canonical' in group ? group : group.cluster;
    let declared = this.#declared.get(cluster);
    if (!declared) {
      declared = this.#declaredIn(cluster);
      this.#declared.set(cluster, declared);
    }
    return declared.get(group) ?? [];
  }

  #declaredIn(cluster: KeyCluster): ReadonlyMap<Group, ReadonlySet<Group>> {
    const declared = new Map<Group, Set<Group>>();
    for (const node of keysOfGroup(cluster)) {
      for (const entry of this.declaredChildren(node)) {
        const parent = epochAt(cluster, entry);
        const children = declared.get(parent) ?? new Set();
        declared.set(parent, children);
        for (const home of entry.homes) children.add(groupOf(home, entry));
      }
    }
    return declared;
  }

  #parentOf(group: Group): Group | null {
    const parent = this.#namedBy(group);
    if (!parent || this.#namedBy(parent) !== group) return parent;
    // Each caused something in the other: the one that began first is the parent.
    const [own, other] = [firstOf(group), firstOf(parent)];
    return own && other && byStart(other, own) < 0 ? parent : null;
  }

  #namedBy(group: Group): Group | null {
    const known = this.#named.get(group);
    if (known !== undefined) return known;
    const named = this.#declaredParent(group) ?? this.#causingRun(group);
    this.#named.set(group, named);
    return named;
  }

  #declaredParent(group: Group): Group | null {
    if (this.#children.size === 0) return null;
    let first: { readonly entry: Entry; readonly parent: Group } | null = null;
    for (const entry of stepsOf(group)) {
      if (first && byStart(first.entry, entry) < 0) continue;
      for (const key of entry.step.keys) {
        if (key.relation !== 'child-of') continue;
        const node = this.#keys.node(key.type, key.value);
        if (!node || node.isCoarse || !hasMembers(node.cluster)) continue;
        const parent = epochAt(node.cluster, entry);
        if (parent === group) continue;
        first = { entry, parent };
        break;
      }
    }
    return first && first.parent;
  }

  #causingRun(group: Group): Group | null {
    let first: Entry | undefined;
    let cause: Entry | undefined;
    eachStepOf(group, (entry) => {
      if (first && byStart(first, entry) < 0) return;
      const outside = this.#causeOutside(entry, group);
      if (outside) [first, cause] = [entry, outside];
    });
    const home = cause?.homes[0];
    return cause && home ? groupOf(home, cause) : null;
  }

  #causeOutside(entry: Entry, group: Group): Entry | undefined {
    // A batch is in this run for one of its links; the others say nothing about it.
    const targets = entry.homes.length > 1 ? undefined : this.#ties.tie(entry)?.targets;
    const outside = targets?.find((target) => !belongsTo(target, group) && target.homes.length > 0);
    if (outside) return outside;
    if (isWhollyIn(entry.trace, group)) return undefined;
    const parent = entry.trace.parentOf(entry);
    return parent && parent.homes.length > 0 && !belongsTo(parent, group) ? parent : undefined;
  }
}

const NO_RUNS: readonly RunId[] = [];

/** Nothing in the trace leads into another run, or out of one. */
function isWhollyIn({ onlyHome }: TraceState, group: Group): boolean {
  return onlyHome !== null && !('beganAtMs' in group) && ownerOf(onlyHome) === group;
}

/** A batch that is in this run, too, is no child of it: each of its runs led to a part of it. */
function addHomes(effect: Entry, group: Group, candidates: Set<Group>): void {
  if (effect.homes.length > 1 && belongsTo(effect, group)) return;
  for (const home of effect.homes) candidates.add(groupOf(home, effect));
}

function firstOf(group: Group): Entry | undefined {
  let first: Entry | undefined;
  for (const entry of stepsOf(group)) if (!first || byStart(entry, first) < 0) first = entry;
  return first;
}

/** Of a key that was used again, the run that had begun when the child's step did. */
function epochAt(cluster: KeyCluster, child: Entry): Group {
  const { epochs } = cluster;
  return epochs?.before(startMs(child)) ?? epochs?.list[0] ?? cluster;
}

const NO_NAMES: readonly string[] = [];

function childOfNames({ step }: Entry): readonly string[] {
  let names: string[] | null = null;
  for (const { type, value, relation } of step.keys) {
    if (relation === 'child-of') (names ??= []).push(keyName(type, value));
  }
  return names ?? NO_NAMES;
}
