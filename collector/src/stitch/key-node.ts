import type { RunId } from '@throughline/model/ids';
import type { Key } from '@throughline/model/key';
import type { Provenance } from '@throughline/model/run';
import { Counts } from './counts.js';
import type { Epochs } from './epoch.js';
import { isPlaceholder } from './placeholder.js';
import { runIdOfKey } from './run-id.js';
import { SmallSet } from './small-set.js';
import type { Entry, TraceState } from './trace-state.js';

/** One `same` key value and what it touches. */
export class KeyNode {
  readonly name: string;
  readonly type: string;
  readonly value: string;
  readonly id: RunId;
  readonly isPlaceholder: boolean;
  /** Keys met on one step, with the number of steps that say so. */
  readonly neighbours = new Counts<KeyNode>();
  /** How many of those are of which other type; placeholders do not count. */
  readonly partners = new Counts<string>();
  /** Traces with a step that carries the key, with the number of those steps. */
  readonly traces = new Counts<TraceState>();
  /** Kind of incoming request → traces of the key that such a request began. */
  readonly starts = new Counts<string>();
  readonly services = new Counts<string>();
  /** Where the key was seen last, for those who ask for a key that a better report took back. */
  lastTrace: TraceState;
  /** Steps that the key placed, themselves or through what they caused. */
  readonly members = new SmallSet<Entry>();
  /** How many of them may end a run, and bounds of the times: none ended earlier, none started later. */
  endCount = 0;
  firstEndNs = 0n;
  lastStartNs = 0n;
  isCoarse = false;
  cluster: KeyCluster;
  /** A list of nothing but this key: what most of its steps have in common is kept once. */
  readonly alone: readonly [KeyNode];
  /** Why its own steps are in the run. */
  readonly why: Provenance;

  constructor({ type, value }: Key, lastTrace: TraceState) {
    this.name = keyName(type, value);
    this.type = type;
    this.value = value;
    this.id = runIdOfKey(type, value);
    this.isPlaceholder = isPlaceholder(value);
    this.lastTrace = lastTrace;
    this.alone = [this];
    this.why = { by: 'key', key: { type, value, relation: 'same' } };
    this.cluster = { keys: new SmallSet(), canonical: this, epochs: null };
    this.cluster.keys.add(this);
  }
}

/** Keys that name one run (S6). Demoted keys are clusters of nobody. */
export interface KeyCluster {
  readonly keys: SmallSet<KeyNode>;
  /** The key whose id the run has: the smallest by name, the same one whatever came first. */
  canonical: KeyNode;
  /** The runs that the keys name one after the other, where they were used again (S8); null: one run. */
  epochs: Epochs | null;
}

export function keyName(type: string, value: string): string {
  return `${type}\u0000${value}`;
}
