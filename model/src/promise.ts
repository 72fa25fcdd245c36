import type { RunId, StepId } from './ids.js';
import type { UnixNs } from './time.js';

export type PromiseOrigin = 'declared' | 'learned' | 'engine';
export type PromiseState = 'open' | 'kept' | 'overdue' | 'cancelled';

/** What should follow a step, by whom, by when, and who said so. */
export interface RunPromise {
  readonly runId: RunId;
  /** The step whose act opened the promise; null when the start of the run did. */
  readonly after: StepId | null;
  /** Name of what opened it, for people: `payment.captured`. */
  readonly afterName: string;
  /** What should follow: an event type, or `takes payment.captured`. */
  readonly what: string;
  /** The service that should act; null when nobody was named. */
  readonly by: string | null;
  readonly openedAtNs: UnixNs;
  readonly dueAtNs: UnixNs;
  /** Allowance for late spans on top of the deadline, in milliseconds. */
  readonly graceMs: number;
  /** The deadline in business time, where it is counted so: then it says more than the two instants. Milliseconds. */
  readonly businessMs?: number;
  /** Of a learned one: where it follows with certainty, as in `country = DE`. */
  readonly condition?: string;
  readonly origin: PromiseOrigin;
  /** Runs in which a learned reaction was seen; 0 for the other origins. */
  readonly sampleCount: number;
  readonly state: PromiseState;
  readonly keptAtNs: UnixNs | null;
}
