import type { RunId } from '@throughline/model/ids';
import type { KeyCluster, KeyNode } from './key-node.js';
import { startMs } from './run-id.js';
import type { Entry } from './trace-state.js';

/** What the steps say of one use of the keys of a cluster. */
export interface Use {
  /** By start, then id. At least one. */
  readonly members: readonly Entry[];
  /** Ids of later uses that turned out to be part of this one. */
  readonly formerIds: readonly RunId[];
}

/** One use of keys that were used again after their run had ended and fallen silent (S8): a run by itself. */
export class Epoch {
  readonly cluster: KeyCluster;
  readonly id: RunId;
  readonly members: readonly Entry[];
  readonly beganAtMs: number;
  /** Ids by which keys that are first met here, and former epochs of it, are asked for. */
  readonly aliases: readonly RunId[];

  constructor({ cluster, id, members, aliases }: Omit<Epoch, 'beganAtMs' | 'has'>) {
    this.cluster = cluster;
    this.id = id;
    this.members = members;
    this.aliases = aliases;
    const first = members.find(({ step }) => step.startedAtNs > 0n);
    this.beganAtMs = first ? startMs(first) : 0;
  }

  has(entry: Entry): boolean {
    return this.cluster.epochs?.of(entry) === this;
  }
}

/** The epochs of a cluster, by start. A run that was never split, and never could have been, has none. */
export class Epochs {
  readonly list: readonly Epoch[];
  readonly #of = new Map<Entry, Epoch>();
  readonly #firstWith = new Map<KeyNode, Epoch>();

  constructor(
    cluster: KeyCluster,
    uses: readonly { readonly id: RunId | null; readonly use: Use }[],
  ) {
    const keysFirstMet = this.#keysFirstMet(
      cluster,
      uses.map(({ use }) => use),
    );
    this.list = uses.map(({ id, use }, at) => {
      const keys = keysFirstMet[at] ?? [];
      const first = keys.reduce<KeyNode>(
        (a, b) => (a.name < b.name ? a : b),
        keys[0] ?? cluster.canonical,
      );
      const own = id ?? first.id;
      const aliases = [...keys.map((node) => node.id), ...use.formerIds].filter(
        (one) => one !== own,
      );
      const epoch = new Epoch({ cluster, id: own, members: use.members, aliases });
      for (const node of keys) this.#firstWith.set(node, epoch);
      for (const entry of use.members) this.#of.set(entry, epoch);
      return epoch;
    });
  }

  of(entry: Entry): Epoch | undefined {
    return this.#of.get(entry);
  }

  named(id: RunId): Epoch | undefined {
    return this.list.find((epoch) => epoch.id === id);
  }

  /** The run that a key names: the first that bore it. */
  firstWith(node: KeyNode): Epoch | undefined {
    return this.#firstWith.get(node) ?? this.list[0];
  }

  /** The run that began with a step of that millisecond; should it begin otherwise by now, the one that step is in. */
  beganAt(ms: number): Epoch | undefined {
    const exact = this.list.find(({ beganAtMs }) => beganAtMs === ms);
    if (exact) return exact;
    const holder = this.list.find(({ members }) => members.some((one) => startMs(one) === ms));
    return holder ?? this.before(ms) ?? this.list[0];
  }

  /** The youngest that had begun by then. */
  before(ms: number): Epoch | undefined {
    return this.list.findLast(({ beganAtMs }) => beganAtMs <= ms);
  }

  /** For each use the keys of the cluster that no use before it bears; those that none bears count for the first. */
  #keysFirstMet(cluster: KeyCluster, uses: readonly Use[]): KeyNode[][] {
    const left = new Set(cluster.keys);
    const met = uses.map(({ members }) => {
      const found: KeyNode[] = [];
      for (const { keys } of members)
        for (const node of keys) if (left.delete(node)) found.push(node);
      return found;
    });
    met[0]?.push(...left);
    return met;
  }
}
