import type { RunId } from '@throughline/model/ids';
import { NS_PER_MS } from '@throughline/model/time';
import type { Step } from '@throughline/model/step';
import { CausalGroups } from './causal-groups.js';
import type { EndWatch, Ends } from './ends.js';
import { Epochs } from './epoch.js';
import { byStart, membersOfKeys } from './group.js';
import type { KeyCluster, KeyNode } from './key-node.js';
import { runIdOfEpoch } from './run-id.js';
import type { Entry, Home } from './trace-state.js';

export interface EpochRules {
  readonly ends: Ends;
  /** A run that has ended must have been silent for longer before its key begins another. */
  readonly silenceMs: number;
  /** Steps of a cluster that led to another one of its steps; steps outside do no harm. */
  readonly causesIn: (cluster: KeyCluster) => (entry: Entry) => Iterable<Entry>;
}

/**
 * Divides the steps of a cluster into epochs (S8), as a function of the set of them. By start, they form stretches
 * with more than the limit of silence between them. A stretch whose first step begins something (nothing before led
 * to it, and it is no compensation and no repeated delivery) is a new epoch when every epoch before it has ended. Else
 * it goes on with the youngest that has not ended or that its first step continues. What was caused by a step of an
 * epoch belongs to that epoch, whenever it happens.
 *
 * @returns null for one run without any such boundary.
 */
export function epochsOf(cluster: KeyCluster, rules: EpochRules): Epochs | null {
  if (!mayHaveEpochs(cluster, rules)) return null;
  const members = membersOfKeys(cluster);
  const untimed = members.filter(({ step }) => step.startedAtNs <= 0n);
  const timed = members.slice(untimed.length);
  const stretches = stretchesOf(timed, BigInt(rules.silenceMs) * NS_PER_MS);
  if (stretches.length < 2) return null;
  const groups = new CausalGroups([...timed, ...untimed], rules.causesIn(cluster));
  const sweep = new Sweep(cluster, groups, rules.ends);
  for (const stretch of stretches) sweep.pass(stretch);
  for (const entry of untimed) sweep.put(entry, null);
  return sweep.result();
}

/** A look at what is known without going through the steps: nearly every run is done with here. */
function mayHaveEpochs({ keys }: KeyCluster, { silenceMs }: EpochRules): boolean {
  let firstEndNs: bigint | null = null;
  let lastStartNs = 0n;
  for (const node of keys) {
    if (node.lastStartNs > lastStartNs) lastStartNs = node.lastStartNs;
    if (node.endCount === 0) continue;
    if (firstEndNs === null || node.firstEndNs < firstEndNs) firstEndNs = node.firstEndNs;
  }
  return firstEndNs !== null && lastStartNs - firstEndNs > BigInt(silenceMs) * NS_PER_MS;
}

function stretchesOf(timed: readonly Entry[], silenceNs: bigint): Entry[][] {
  const stretches: Entry[][] = [];
  let lastNs = 0n;
  for (const entry of timed) {
    const { startedAtNs, endedAtNs } = entry.step;
    const stretch = stretches.at(-1);
    if (stretch && startedAtNs - lastNs <= silenceNs) stretch.push(entry);
    else stretches.push([entry]);
    if (endedAtNs > lastNs) lastNs = endedAtNs;
    if (startedAtNs > lastNs) lastNs = startedAtNs;
  }
  return stretches;
}

interface Use {
  readonly id: RunId | null;
  readonly members: Entry[];
  readonly formerIds: RunId[];
  readonly watch: EndWatch;
}

class Sweep {
  readonly #cluster: KeyCluster;
  readonly #groups: CausalGroups;
  readonly #ends: Ends;
  readonly #uses: Use[] = [];
  readonly #useOf = new Map<Entry, Use>();

  constructor(cluster: KeyCluster, groups: CausalGroups, ends: Ends) {
    this.#cluster = cluster;
    this.#groups = groups;
    this.#ends = ends;
  }

  pass(stretch: readonly Entry[]): void {
    const [lead] = stretch;
    if (!lead) return;
    const continued = this.#useOf.get(this.#groups.firstOf(lead));
    const open = this.#uses.findLast((use) => use === continued || !use.watch.hasEnded);
    const use = this.#nextUse(lead, open, continued);
    for (const entry of stretch) this.put(entry, use);
  }

  /** @param use the one for a step that no step before led to; null for the first of all. */
  put(entry: Entry, use: Use | null): void {
    const first = this.#groups.firstOf(entry);
    const own = this.#useOf.get(first) ?? use ?? this.#uses[0];
    if (!own) return;
    this.#useOf.set(first, own);
    own.members.push(entry);
    own.watch.see(entry.step);
  }

  /** @returns null when it is one run that never could have been two. */
  result(): Epochs | null {
    const [only] = this.#uses;
    if (this.#uses.length === 1 && only?.formerIds.length === 0) return null;
    return new Epochs(
      this.#cluster,
      this.#uses.map(({ id, formerIds, members }) => {
        return { id, use: { members: members.sort(byStart), formerIds } };
      }),
    );
  }

  #nextUse(lead: Entry, open: Use | undefined, continued: Use | undefined): Use {
    const youngest = this.#uses.at(-1);
    const hadAllEnded = this.#uses.every(({ watch }) => watch.hasEnded);
    if (youngest && !(hadAllEnded && mayBegin(lead.step))) return open ?? youngest;
    const id = youngest ? runIdOfEpoch(keyOf(lead, this.#cluster), lead) : null;
    if (open && continued && id !== null) {
      open.formerIds.push(id);
      return open;
    }
    const use: Use = { id, members: [], formerIds: [], watch: this.#ends.watch() };
    this.#uses.push(use);
    return use;
  }
}

/** The first key by name, of those of the cluster, by which the step is in it. */
function keyOf(lead: Entry, cluster: KeyCluster): RunId {
  const isOfCluster = (home: Home): home is KeyNode => {
    return 'cluster' in home && home.cluster === cluster;
  };
  const nodes = lead.homes.filter(isOfCluster);
  return nodes.reduce((a, b) => (a.name < b.name ? a : b), nodes[0] ?? cluster.canonical).id;
}

/** Undoing, acknowledging and delivering again belong to what was before. */
function mayBegin({ role, declaredKind, compensates, attempt, message }: Step): boolean {
  if (role === 'settle' || declaredKind === 'compensation' || compensates !== null) return false;
  if ((attempt ?? 1) > 1 || (message?.delivery ?? 1) > 1) return false;
  return message === null || (message.deadLetter === null && !message.isDeadLetterDestination);
}
