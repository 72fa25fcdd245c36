import type { Pattern, RunStatus } from '@throughline/model/run';
import type { UnixNs } from '@throughline/model/time';
import type { RunFacets, RunSummary } from '../read-store.js';
import type { ArchivedWorkflow } from '../run-archive.js';
import type { BlockHead } from './block.js';

interface Totals {
  runs: number;
  readonly byStatus: Map<RunStatus, number>;
  readonly byPattern: Map<Pattern, number>;
  lastActivityAtNs: UnixNs;
}

/** How many runs have each value; a run counts once per value. */
export class ArchiveTotals {
  #runs = 0;
  readonly #workflows = new Map<string, Totals>();
  readonly #services = new Map<string, number>();
  readonly #destinations = new Map<string, number>();

  get runs(): number {
    return this.#runs;
  }

  add(run: RunSummary, by: 1 | -1): void {
    this.#runs += by;
    const totals = this.#workflows.get(run.workflow) ?? newTotals();
    this.#workflows.set(run.workflow, totals);
    totals.runs += by;
    if (run.lastActivityAtNs > totals.lastActivityAtNs) {
      totals.lastActivityAtNs = run.lastActivityAtNs;
    }
    count(totals.byStatus, run.status, by);
    if (run.pattern !== null) count(totals.byPattern, run.pattern, by);
    for (const service of run.services) count(this.#services, service, by);
    for (const destination of run.destinations) count(this.#destinations, destination, by);
    if (totals.runs === 0) this.#workflows.delete(run.workflow);
  }

  /** All runs of a block at once. */
  addBlock({ runCount, counts }: BlockHead, by: 1 | -1): void {
    this.#runs += by * runCount;
    for (const [name, { runs, status, pattern, last }] of Object.entries(counts.workflow)) {
      const totals = this.#workflows.get(name) ?? newTotals();
      this.#workflows.set(name, totals);
      totals.runs += by * runs;
      if (BigInt(last) > totals.lastActivityAtNs) totals.lastActivityAtNs = BigInt(last) as UnixNs;
      for (const [value, each] of Object.entries(status)) {
        count(totals.byStatus, value as RunStatus, by * each);
      }
      for (const [value, each] of Object.entries(pattern)) {
        count(totals.byPattern, value as Pattern, by * each);
      }
      if (totals.runs === 0) this.#workflows.delete(name);
    }
    for (const [name, each] of Object.entries(counts.service)) {
      count(this.#services, name, by * each);
    }
    for (const [name, each] of Object.entries(counts.destination)) {
      count(this.#destinations, name, by * each);
    }
  }

  workflows(): ReadonlyMap<string, ArchivedWorkflow> {
    return this.#workflows;
  }

  facets(): RunFacets {
    const status = new Map<RunStatus, number>();
    const pattern = new Map<Pattern, number>();
    for (const { byStatus, byPattern } of this.#workflows.values()) {
      for (const [value, runs] of byStatus) count(status, value, runs);
      for (const [value, runs] of byPattern) count(pattern, value, runs);
    }
    const workflow = new Map([...this.#workflows].map(([name, { runs }]) => [name, runs]));
    return {
      isComplete: true,
      total: this.#runs,
      workflow,
      status,
      pattern,
      service: this.#services,
      destination: this.#destinations,
    };
  }
}

function newTotals(): Totals {
  return {
    runs: 0,
    byStatus: new Map(),
    byPattern: new Map(),
    lastActivityAtNs: 0n as UnixNs,
  };
}

function count<K>(counts: Map<K, number>, value: K, by: number): void {
  const next = (counts.get(value) ?? 0) + by;
  if (next > 0) counts.set(value, next);
  else counts.delete(value);
}
