import type { RunId } from '@throughline/model/ids';
import {
  belongsTo,
  byStart,
  groupOf,
  hasMembers,
  membersOf,
  runIdOf,
  type Group,
} from './group.js';
import type { KeyGraph, KeyNode } from './key-graph.js';
import type { Ties } from './ties.js';
import type { Entry } from './trace-state.js';

/** The runs around a run. */
export interface Kin {
  readonly parent: RunId | null;
  readonly children: readonly RunId[];
}

/**
 * Parent and child runs (S7): a `child-of` key says it outright; else the run whose step caused, across the
 * border, the earliest step of this one. Worked out from the steps when asked, so that it never goes stale.
 */
export class Kinship {
  readonly #keys: KeyGraph;
  readonly #ties: Ties;
  /** `child-of` key → steps that carry it. */
  readonly #children = new Map<string, Set<Entry>>();

  constructor(keys: KeyGraph, ties: Ties) {
    this.#keys = keys;
    this.#ties = ties;
  }

  insert(entry: Entry): void {
    for (const name of childOfNames(entry)) {
      const entries = this.#children.get(name);
      if (entries) entries.add(entry);
      else this.#children.set(name, new Set([entry]));
    }
  }

  remove(entry: Entry): void {
    for (const name of childOfNames(entry)) this.#children.get(name)?.delete(entry);
  }

  of(group: Group): Kin {
    const parent = this.#parentOf(group);
    return { parent: parent && runIdOf(parent), children: this.#childrenOf(group) };
  }

  /** Steps that say they belong to a child of the run that the key names. */
  declaredChildren(node: KeyNode): Iterable<Entry> {
    return this.#children.get(node.name) ?? [];
  }

  #childrenOf(group: Group): RunId[] {
    const candidates = new Set<Group>();
    for (const entry of membersOf(group)) {
      for (const effect of this.#effectsOf(entry)) {
        for (const home of effect.homes) candidates.add(groupOf(home));
      }
    }
    for (const node of 'keys' in group ? group.keys : []) {
      for (const entry of this.declaredChildren(node)) {
        for (const home of entry.homes) candidates.add(groupOf(home));
      }
    }
    candidates.delete(group);
    return [...candidates]
      .filter((candidate) => this.#parentOf(candidate) === group)
      .map(runIdOf)
      .sort();
  }

  #parentOf(group: Group): Group | null {
    const parent = this.#named(group);
    if (!parent || this.#named(parent) !== group) return parent;
    // Each caused something in the other: the one that began first is the parent.
    const [own, other] = [membersOf(group)[0], membersOf(parent)[0]];
    return own && other && byStart(other, own) < 0 ? parent : null;
  }

  #named(group: Group): Group | null {
    const members = membersOf(group);
    for (const entry of members) {
      for (const key of entry.step.keys) {
        if (key.relation !== 'child-of') continue;
        const node = this.#keys.node(key.type, key.value);
        if (!node || node.isCoarse || node.cluster === group) continue;
        if (hasMembers(node.cluster)) return node.cluster;
      }
    }
    for (const entry of members) {
      const cause = this.#ties.causesOf(entry).find((other) => !belongsTo(other, group));
      const home = cause?.homes[0];
      if (home) return groupOf(home);
    }
    return null;
  }

  #effectsOf(entry: Entry): Entry[] {
    return [...entry.trace.childrenOf(entry), ...this.#ties.tiedTo(entry)];
  }
}

function childOfNames(entry: Entry): string[] {
  return entry.step.keys
    .filter((key) => key.relation === 'child-of')
    .map((key) => `${key.type}\u0000${key.value}`);
}
