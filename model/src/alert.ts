import { RULES, type Finding, type Severity } from './finding.js';

/**
 * Where an alert stands. *pending*: true, but not yet for as long as its route asks. *firing*: somebody is told.
 * *acknowledged*, *snoozed*, *silenced*: it still holds, and nobody is told again. *no-data*, *error*: whether all is
 * well cannot be said, and somebody is told that. *resolved*: no longer true.
 */
export const ALERT_STATES = [
  'pending',
  'firing',
  'no-data',
  'error',
  'acknowledged',
  'snoozed',
  'silenced',
  'resolved',
] as const;
export type AlertState = (typeof ALERT_STATES)[number];

export const RECEIVER_KINDS = [
  'webhook',
  'slack',
  'pagerduty',
  'email',
  'alertmanager',
  'stdout',
] as const;
export type ReceiverKind = (typeof RECEIVER_KINDS)[number];

/**
 * What is told besides findings. `no-data`: nothing has come from what is watched, so nothing can be said of it.
 * `error`: telling itself fails.
 */
export const CONDITIONS = ['no-data', 'error'] as const;
export type Condition = (typeof CONDITIONS)[number];

export const ALERT_RULES = [...RULES, ...CONDITIONS] as const;
export type AlertRule = (typeof ALERT_RULES)[number];

/** Why somebody is told: a finding, or a condition in the shape of one. */
export type AlertCause = Omit<Finding, 'id' | 'rule'> & {
  readonly id: string;
  readonly rule: AlertRule;
  /** Who is not told of it: a receiver cannot be told that it does not take anything. */
  readonly exceptReceiver?: string;
};

/** By what a route may group its alerts. */
export const GROUP_KEYS = ['rule', 'workflow', 'severity', 'owner', 'where'] as const;
export type GroupKey = (typeof GROUP_KEYS)[number];

/** Which findings are meant; null matches any. */
export interface AlertMatch {
  readonly rule: AlertRule | null;
  readonly workflow: string | null;
  /** The service that the finding is about, or that its place names. */
  readonly service: string | null;
  readonly severity: Severity | null;
}
