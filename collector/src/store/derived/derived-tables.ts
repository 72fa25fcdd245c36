import type { RunId } from '@throughline/model/ids';
import type { Run } from '@throughline/model/run';
import type { Attributes } from '@throughline/model/step';
import type { Contribution } from '@throughline/model/traffic';
import type {
  ArchivedRun,
  DerivedTables,
  DestinationTraffic,
  EdgeTraffic,
  PlacedTrail,
  ServiceTraffic,
  TrafficTable,
  TrafficWindow,
} from '../read-store.js';
import { DestinationTable } from './destination-table.js';
import { EdgeTable } from './edge-table.js';
import { summarize } from './run-summary.js';
import { MemoryRunTable } from './run-table.js';
import { ServiceTable } from './service-table.js';

/** Empty tables, in memory: whoever opens the store fills them by replaying its facts. */
export function createDerivedTables(): DerivedTables {
  return new MemoryTables();
}

class MemoryTables implements DerivedTables, TrafficTable {
  readonly runs = new MemoryRunTable();
  readonly #edges = new EdgeTable();
  readonly #destinations = new DestinationTable();
  readonly #services = new ServiceTable();

  get traffic(): TrafficTable {
    return this;
  }

  put(run: Run, contribution: Contribution): void {
    const work = this.putting(run, contribution);
    while (work.next().done !== true);
  }

  *putting(run: Run, contribution: Contribution): Generator<undefined, void, undefined> {
    const summary = summarize(run);
    yield;
    this.runs.put(summary, attributesOf(run));
    yield;
    this.#edges.put(contribution);
    yield;
    this.#destinations.put(contribution);
    yield;
    this.#services.put(run, contribution);
  }

  remove(id: RunId): void {
    this.runs.remove(id);
    this.#edges.remove(id);
    this.#destinations.remove(id);
    this.#services.remove(id);
  }

  archived(id: RunId): ArchivedRun | undefined {
    return this.runs.archived(id);
  }

  edges(window: TrafficWindow): readonly EdgeTraffic[] {
    return this.#edges.edges(window);
  }

  destinations(): readonly DestinationTraffic[] {
    return this.#destinations.destinations();
  }

  deadLetters(): Iterable<PlacedTrail> {
    return this.#destinations.deadLetters();
  }

  services(): readonly ServiceTraffic[] {
    return this.#services.services();
  }
}

function attributesOf({ steps }: Run): readonly Attributes[] {
  return steps.map(({ step }) => step.attributes);
}
