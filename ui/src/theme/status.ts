import type { FindingView } from '@throughline/model/api/findings';
import type { RunItem, StepView } from '@throughline/model/api/runs';

export type Tone = 'ok' | 'running' | 'stalled' | 'failed' | 'dead' | 'neutral';

/** The one status vocabulary: a tone is never shown without its shape and its word. */
export type StatusMarkName =
  | 'completed'
  | 'running'
  | 'stalled'
  | 'failed'
  | 'dead-lettered'
  | 'missing'
  | 'compensated'
  | 'cancelled'
  | 'unknown';

export const STATUS_TONE: Record<StatusMarkName, Tone> = {
  completed: 'ok',
  running: 'running',
  stalled: 'stalled',
  failed: 'failed',
  'dead-lettered': 'dead',
  missing: 'neutral',
  compensated: 'neutral',
  cancelled: 'neutral',
  unknown: 'neutral',
};

export const STATUS_WORD: Record<StatusMarkName, string> = {
  completed: 'Completed',
  running: 'Running',
  stalled: 'Stalled',
  failed: 'Failed',
  'dead-lettered': 'Dead-lettered',
  missing: 'Missing',
  compensated: 'Compensated',
  cancelled: 'Cancelled',
  unknown: 'Unknown',
};

const RUN_STATUS: Record<RunItem['status'], StatusMarkName> = {
  active: 'running',
  completed: 'completed',
  failed: 'failed',
  compensated: 'compensated',
  cancelled: 'cancelled',
};

const STALLING_RULES = new Set(['stalled-run', 'deadline-missed', 'incomplete-fanout']);

/** "Stalled" is a finding on an active run, never a status that a run has by itself. */
export function runMark(run: Pick<RunItem, 'status' | 'findings'>): StatusMarkName {
  const isStalled = run.findings.some((finding) => STALLING_RULES.has(finding.rule));
  return run.status === 'active' && isStalled ? 'stalled' : RUN_STATUS[run.status];
}

export function stepMark(step: Pick<StepView, 'status' | 'skippedReason'>): StatusMarkName {
  if (step.skippedReason !== null) return 'cancelled';
  if (step.status === 'pending') return 'running';
  return step.status === 'error' ? 'failed' : 'completed';
}

const RULE_MARK: Partial<Record<FindingView['rule'], StatusMarkName>> = {
  'stalled-run': 'stalled',
  'deadline-missed': 'stalled',
  'incomplete-fanout': 'stalled',
  'stopped-consumer': 'stalled',
  'missing-consumer': 'missing',
  'unaccounted-messages': 'missing',
  'dead-letter-backlog': 'dead-lettered',
  'poison-message': 'dead-lettered',
  'failed-run': 'failed',
  'retry-storm': 'failed',
  'uncompensated-effect': 'failed',
  'late-success': 'failed',
  'duplicate-effect': 'failed',
  'event-cycle': 'failed',
  'event-storm': 'failed',
};

export function ruleMark(rule: string): StatusMarkName {
  return RULE_MARK[rule as FindingView['rule']] ?? 'unknown';
}

/** `dead-letter-backlog` → `Dead-letter backlog`. */
export function ruleTitle(rule: string): string {
  const text = rule.replaceAll('-', ' ').replace('dead letter', 'dead-letter');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
