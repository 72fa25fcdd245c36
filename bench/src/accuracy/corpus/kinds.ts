import type { Rule, Verdict } from '@throughline/model/finding';

/** What can befall a flow. `healthy` is none of them. */
export const KINDS = [
  'missing-consumer',
  'lost-branch',
  'duplicate-effect',
  'out-of-order',
  'retry-storm',
  'dead-lettered',
  'stuck-saga',
  'hung-handler',
  'crashed-handler',
  'slow-hop',
  'queue-lag',
  'human-wait',
  'key-mismatch',
  'telemetry-loss',
  'orphan',
  'cycle',
] as const;
export type Kind = (typeof KINDS)[number];
export type Label = Kind | 'healthy';

/** What a detector should say of a flow. */
export interface Expected {
  /** Any of these is the right finding; none: whatever is said is a false alarm. */
  readonly rules: readonly Rule[];
  /** What else is true of such a flow; neither asked for nor held against anybody. */
  readonly also: readonly Rule[];
  /** The right verdicts where the finding has one; null: the rule says it all. */
  readonly verdicts: readonly Verdict[] | null;
}

const SILENT: Expected = { rules: [], also: [], verdicts: null };

/** The truth, by the words of the design: which rules and which verdict belong to which fault. */
export const EXPECTED: Readonly<Record<Label, Expected>> = {
  healthy: SILENT,
  'human-wait': SILENT,
  'telemetry-loss': SILENT,
  orphan: SILENT,
  'missing-consumer': {
    rules: ['missing-consumer', 'stopped-consumer', 'stalled-run'],
    also: ['incomplete-fanout', 'deadline-missed', 'unaccounted-messages'],
    verdicts: ['consumer-absent'],
  },
  'lost-branch': {
    rules: ['incomplete-fanout', 'stalled-run'],
    also: ['unaccounted-messages'],
    verdicts: ['telemetry-gap'],
  },
  'duplicate-effect': { rules: ['duplicate-effect'], also: ['event-storm'], verdicts: null },
  'out-of-order': {
    rules: ['late-success'],
    also: ['duplicate-effect', 'failed-run'],
    verdicts: null,
  },
  'retry-storm': {
    rules: ['retry-storm', 'poison-message'],
    also: ['stalled-run', 'deadline-missed', 'failed-run'],
    verdicts: ['retrying', 'handler-in-flight'],
  },
  'dead-lettered': {
    rules: ['dead-letter-backlog', 'stalled-run'],
    also: ['failed-run', 'incomplete-fanout'],
    verdicts: ['dead-lettered'],
  },
  'stuck-saga': {
    rules: ['uncompensated-effect', 'stalled-run'],
    also: ['failed-run', 'deadline-missed'],
    verdicts: ['handler-crashed', 'handler-in-flight', 'never-sent', 'retrying'],
  },
  'hung-handler': {
    rules: ['stalled-run'],
    also: ['deadline-missed', 'incomplete-fanout'],
    verdicts: ['handler-in-flight', 'waiting-external'],
  },
  'crashed-handler': {
    rules: ['stalled-run'],
    also: ['deadline-missed', 'incomplete-fanout'],
    verdicts: ['handler-crashed'],
  },
  'slow-hop': {
    rules: ['stalled-run', 'deadline-missed'],
    also: ['incomplete-fanout'],
    verdicts: ['handler-in-flight', 'waiting-external'],
  },
  'queue-lag': {
    rules: ['stalled-run', 'deadline-missed'],
    also: ['incomplete-fanout'],
    verdicts: ['queue-lag'],
  },
  'key-mismatch': {
    rules: ['stalled-run'],
    also: ['incomplete-fanout', 'unaccounted-messages'],
    verdicts: ['key-mismatch'],
  },
  cycle: { rules: ['event-cycle'], also: ['event-storm', 'duplicate-effect'], verdicts: null },
};
