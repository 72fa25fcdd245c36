import type { Evidence, Rule } from '@throughline/model/finding';
import type { RunId } from '@throughline/model/ids';
import type { UnixNs } from '@throughline/model/time';

/** What a rule noticed in one run. Marks of one rule and cause, over all runs, make one finding. */
export interface Mark {
  readonly rule: Rule;
  /** Equal for what has the same cause. */
  readonly cause: string;
  readonly runId: RunId;
  /** How people call the run. */
  readonly label: string;
  readonly workflow: string;
  readonly sinceNs: UnixNs;
  readonly service: string;
  /** The step or message it is about. */
  readonly what: string;
  /** The other place involved: a destination, a peer; null when there is none. */
  readonly where: string | null;
  readonly detail: string | null;
  readonly count: number;
  /** What besides the count speaks for it. */
  readonly evidence?: readonly Evidence[];
  /** 1 unless said. */
  readonly confidence?: number;
  /** Of what argues from absence: not believed before. */
  readonly ripeNs?: UnixNs;
}
