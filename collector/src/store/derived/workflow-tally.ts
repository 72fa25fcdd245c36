import { NS_PER_MS, msFromNs, type UnixNs } from '@throughline/model/time';
import type { Pattern, RunStatus } from '@throughline/model/run';
import type { BucketRequest, RunSummary, StartBucket, WorkflowSummary } from '../read-store.js';
import { LatencyHistogram, latencyBucket } from './latency-histogram.js';
import { instantList, type SortedList } from './sorted-list.js';
import { bump } from './tally-map.js';

/** The runs of one workflow, counted. */
export class WorkflowTally {
  readonly #byStatus = new Map<RunStatus, number>();
  readonly #byPattern = new Map<Pattern, number>();
  readonly #durations = new LatencyHistogram();
  readonly #starts = instantList();
  readonly #failedStarts = instantList();
  readonly #lastActivities = instantList();

  get runs(): number {
    return this.#starts.size;
  }

  /** A run that grows keeps most of what it counts for: only what differs is moved. */
  replace(before: RunSummary | undefined, after: RunSummary | undefined): void {
    moveInstant(this.#starts, before?.startedAtNs, after?.startedAtNs);
    moveInstant(this.#lastActivities, before?.lastActivityAtNs, after?.lastActivityAtNs);
    moveInstant(this.#failedStarts, failedStart(before), failedStart(after));
    if (before !== undefined) this.#count(before, -1);
    if (after !== undefined) this.#count(after, 1);
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

function failedStart(run: RunSummary | undefined): bigint | undefined {
  return run?.status === 'failed' ? run.startedAtNs : undefined;
}

function moveInstant(
  list: SortedList<bigint>,
  from: bigint | undefined,
  to: bigint | undefined,
): void {
  if (from === to) return;
  if (from !== undefined) list.delete(from);
  if (to !== undefined) list.add(to);
}
