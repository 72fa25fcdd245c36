import type { RunId } from '@throughline/model/ids';
import { epochsOf, type EpochRules } from './epoch-division.js';
import type { Epoch, Epochs } from './epoch.js';
import { hasMembers, type Group } from './group.js';
import type { KeyCluster, KeyNode } from './key-node.js';
import type { Moves } from './moves.js';
import { readRunId } from './run-id.js';
import type { Home } from './trace-state.js';

/** What is told of runs: those to assemble anew, and ids of which those that were told name none of their own now. */
export interface Telling {
  readonly changed: Map<RunId, Group>;
  readonly gone: Set<RunId>;
}

/** Keeps the clusters divided into epochs (S8), and knows which epochs were told. */
export class EpochBook {
  readonly #rules: EpochRules;
  readonly #byRunId: ReadonlyMap<RunId, Home>;
  /** Key → ids of told epochs that are made of its id. */
  readonly #told = new Map<KeyNode, Set<RunId>>();

  constructor(rules: EpochRules, byRunId: ReadonlyMap<RunId, Home>) {
    this.#rules = rules;
    this.#byRunId = byRunId;
  }

  /** Works out the runs of a cluster and tells them all. */
  divide(cluster: KeyCluster, { changed, gone }: Telling): void {
    for (const id of this.#takeBack(cluster)) gone.add(id);
    const hadEpochs = cluster.epochs !== null;
    cluster.epochs = epochsOf(cluster, this.#rules);
    // Without epochs its first key names the run; with them the first of those that the first epoch bears.
    if (hadEpochs || cluster.epochs) for (const { id } of cluster.keys) gone.add(id);
    this.#record(cluster.epochs);
    if (cluster.epochs) for (const epoch of cluster.epochs.list) changed.set(epoch.id, epoch);
    else if (hasMembers(cluster)) changed.set(cluster.canonical.id, cluster);
  }

  /** The same where only some steps came, went or learned something: the other epochs are not told again. */
  divideAgain(cluster: KeyCluster, moves: Moves, { changed, gone }: Telling): void {
    const before = cluster.epochs;
    const all: Telling = { changed: new Map(), gone };
    this.divide(cluster, all);
    const after = cluster.epochs;
    const stirred = new Set([...moves.epochs].map(({ id }) => id));
    for (const entry of moves.partly.get(cluster) ?? []) {
      const epoch = after?.of(entry);
      if (epoch) stirred.add(epoch.id);
    }
    for (const [id, group] of all.changed) {
      const known = before?.named(id);
      const isNews = !known || !('beganAtMs' in group) || !isLike(known, group);
      if (isNews || stirred.has(id)) changed.set(id, group);
      else gone.delete(id);
    }
  }

  /** The key is no longer in memory. */
  forget(node: KeyNode): void {
    this.#told.delete(node);
  }

  #takeBack({ keys }: KeyCluster): RunId[] {
    if (this.#told.size === 0) return [];
    const ids: RunId[] = [];
    for (const node of keys) {
      ids.push(...(this.#told.get(node) ?? []));
      this.#told.delete(node);
    }
    return ids;
  }

  #record(epochs: Epochs | null): void {
    for (const { id } of epochs?.list ?? []) {
      const node = this.#byRunId.get(readRunId(id).plain);
      if (!node || !('cluster' in node)) continue;
      const ids = this.#told.get(node) ?? new Set();
      this.#told.set(node, ids.add(id));
    }
  }
}

function isLike(a: Epoch, b: Epoch): boolean {
  return (
    a.members.length === b.members.length &&
    a.members.every((entry, at) => entry === b.members[at]) &&
    a.aliases.join() === b.aliases.join()
  );
}
