import { NS_PER_MS, msFromNs, type UnixNs } from '@throughline/model/time';
import type { Pattern, RunStatus } from '@throughline/model/run';
import type { BucketRequest, RunSummary, StartBucket, WorkflowSummary } from '../read-store.js';
import { LatencyHistogram, latencyBucket } from './latency-histogram.js';
import { compareInstants, SortedList } from './sorted-list.js';
import { bump } from './tally-map.js';

/** The runs of one workflow, counted. */
export class WorkflowTally {
  readonly #byStatus = new Map<RunStatus, number>();
  readonly #byPattern = new Map<Pattern, number>();
  readonly #durations = new LatencyHistogram();
  readonly #starts = new SortedList<bigint>(compareInstants);
  readonly #failedStarts = new SortedList<bigint>(compareInstants);
  readonly #lastActivities = new SortedList<bigint>(compareInstants);

  get runs(): number {
    return this.#starts.size;
  }

  add(run: RunSummary): void {
    this.#count(run, 1);
    this.#starts.add(run.startedAtNs);
    this.#lastActivities.add(run.lastActivityAtNs);
    if (run.status === 'failed') this.#failedStarts.add(run.startedAtNs);
  }

  delete(run: RunSummary): void {
    this.#count(run, -1);
    this.#starts.delete(run.startedAtNs);
    this.#lastActivities.delete(run.lastActivityAtNs);
    if (run.status === 'failed') this.#failedStarts.delete(run.startedAtNs);
  }

  summary(name: string): WorkflowSummary {
    return {
      name,
      runs: this.runs,
      byStatus: new Map(this.#byStatus),
      byPattern: new Map(this.#byPattern),
      p50Ms: this.#durations.quantileMs(0.5),
      p95Ms: this.#durations.quantileMs(0.95),
      lastActivityAtNs: (this.#lastActivities.last ?? null) as UnixNs | null,
    };
  }

  /** A bucket holds its first instant and not its end. */
  starts({ toNs, bucketMs, count }: BucketRequest): StartBucket[] {
    const bucketNs = BigInt(bucketMs) * NS_PER_MS;
    return Array.from({ length: count }, (_, index) => {
      const atNs = toNs - BigInt(count - index) * bucketNs;
      const within = (list: SortedList<bigint>): number =>
        list.countUpTo(atNs + bucketNs - 1n) - list.countUpTo(atNs - 1n);
      return {
        atNs: atNs as UnixNs,
        runs: within(this.#starts),
        failed: within(this.#failedStarts),
      };
    });
  }

  #count(run: RunSummary, by: 1 | -1): void {
    bump(this.#byStatus, run.status, by);
    if (run.pattern !== null) bump(this.#byPattern, run.pattern, by);
    if (run.endedAtNs !== null) this.#durations.add(latencyBucket(msFromNs(run.durationNs)), by);
  }
}
