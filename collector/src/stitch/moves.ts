import type { Epoch } from './epoch.js';
import type { KeyCluster } from './key-node.js';
import { TraceState, type Entry, type Home } from './trace-state.js';

/** What has to be told again: homes that other steps are in now, or whose steps know other things. */
export class Moves {
  readonly homes = new Set<Home>();
  /** Of clusters with epochs, those of which only some epochs are concerned: the steps that say which. */
  readonly partly = new Map<KeyCluster, Set<Entry>>();
  /** Epochs, as they were, that a step was in. */
  readonly epochs = new Set<Epoch>();

  /** The homes of the step, or only the epoch that it is in. */
  stir(entry: Entry): void {
    for (const home of entry.homes) {
      if (home instanceof TraceState || home.cluster.epochs === null) this.homes.add(home);
      else this.#stirEpoch(home.cluster, entry);
    }
  }

  /** The run that bears the id of the trace among its own: that of the home, or the epochs that its steps are in. */
  traceOf(trace: TraceState, home: Home): void {
    if (home instanceof TraceState || home.cluster.epochs === null) this.homes.add(home);
    else for (const entry of trace.entries.values()) this.#stirEpoch(home.cluster, entry);
  }

  clear(): void {
    this.homes.clear();
    this.partly.clear();
    this.epochs.clear();
  }

  #stirEpoch(cluster: KeyCluster, entry: Entry): void {
    const entries = this.partly.get(cluster) ?? new Set();
    this.partly.set(cluster, entries.add(entry));
    const epoch = cluster.epochs?.of(entry);
    if (epoch) this.epochs.add(epoch);
  }
}
