import type { FindingId, RunId } from './ids.js';
import type { UnixNs } from './time.js';

export const RULES = [
  'stalled-run',
  'missing-consumer',
  'stopped-consumer',
  'incomplete-fanout',
  'dead-letter-backlog',
  'failed-run',
  'retry-storm',
  'poison-message',
  'duplicate-effect',
  'uncompensated-effect',
  'late-success',
  'deadline-missed',
  'unknown-edge',
  'contract-drift',
  'event-cycle',
  'event-storm',
  'unaccounted-messages',
  'coarse-key',
  'lost-context',
] as const;
export type Rule = (typeof RULES)[number];

export const VERDICTS = [
  'waiting-timer',
  'waiting-human',
  'waiting-external',
  'queue-lag',
  'consumer-absent',
  'dead-lettered',
  'retrying',
  'handler-in-flight',
  'handler-crashed',
  'key-mismatch',
  'never-sent',
  'telemetry-gap',
] as const;
export type Verdict = (typeof VERDICTS)[number];

export type Severity = 'critical' | 'warning' | 'info';

export interface FindingSubject {
  readonly kind: 'run' | 'destination' | 'edge' | 'key' | 'service';
  readonly id: string;
  readonly label: string;
}

export interface Evidence {
  readonly text: string;
  readonly value?: string | number;
  readonly link?: string;
}

/** Something that runs which are held up have more often than others that passed the same place. */
export interface Difference {
  /** `service.version`, `partition`, `tenant.id` … */
  readonly attribute: string;
  /** The service, destination or message that has it; null: the run. */
  readonly of: string | null;
  readonly value: string;
  readonly held: Share;
  readonly peers: Share;
  /** How many were tested together, and the rate of false discoveries at which this one holds. */
  readonly testCount: number;
  readonly chance: number;
}

export interface Share {
  readonly count: number;
  readonly of: number;
}

export interface NextStep {
  readonly text: string;
  readonly command?: string;
  readonly link?: string;
}

/**
 * What a rule says about a subject at an instant. Pure: the same steps and the same instant give the same
 * statement. The lifecycle (acknowledged, snoozed, closed) is laid over it by `FindingBook`.
 */
export interface Statement {
  readonly id: FindingId;
  readonly rule: Rule;
  readonly severity: Severity;
  /** The instant at which the statement became true (deadline + grace), not when somebody looked. */
  readonly sinceNs: UnixNs;
  readonly subject: FindingSubject;
  readonly workflow: string | null;
  /** Affected runs, newest first; at most a named limit, `runsAffected` is the true count. */
  readonly runIds: readonly RunId[];
  readonly runsAffected: number;
  /** The place, in a few words: `payment.captured → inventory`. */
  readonly where: string;
  readonly verdict: Verdict | null;
  readonly sentence: string;
  readonly evidence: readonly Evidence[];
  /** Absent where runs cannot be compared with others, or nothing differs. */
  readonly differs?: readonly Difference[];
  readonly next: readonly NextStep[];
  readonly owner: string | null;
  readonly confidence: number;
}

export type FindingState = 'open' | 'acknowledged' | 'closed';

export interface Finding extends Statement {
  readonly state: FindingState;
  readonly openedAtNs: UnixNs;
  readonly closedAtNs: UnixNs | null;
  readonly snoozedUntilNs: UnixNs | null;
  /** Snoozed until it affects so many runs; null: the count does not end the snooze. */
  readonly snoozedUntilRuns: number | null;
  /** Who acknowledged, snoozed or closed it, and what they said. */
  readonly note: string | null;
}
