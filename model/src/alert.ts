import type { Rule, Severity } from './finding.js';

/**
 * Where an alert stands. *pending*: true, but not yet for as long as its route asks. *firing*: somebody is told.
 * *acknowledged*, *snoozed*, *silenced*: it still holds, and nobody is told again. *resolved*: no longer true.
 */
export const ALERT_STATES = [
  'pending',
  'firing',
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

/** Which findings are meant; null matches any. */
export interface AlertMatch {
  readonly rule: Rule | null;
  readonly workflow: string | null;
  /** The service that the finding is about, or that its place names. */
  readonly service: string | null;
  readonly severity: Severity | null;
}
