import { createHash } from 'node:crypto';
import type { AlertCause, Condition } from '@throughline/model/alert';
import type { Evidence, FindingSubject, NextStep } from '@throughline/model/finding';
import type { UnixNs } from '@throughline/model/time';

export interface ConditionFacts {
  readonly rule: Condition;
  readonly subject: FindingSubject;
  readonly workflow: string | null;
  readonly sinceNs: UnixNs;
  readonly where: string;
  readonly sentence: string;
  readonly evidence: readonly Evidence[];
  readonly next: readonly NextStep[];
  readonly owner: string | null;
  readonly exceptReceiver?: string;
}

/** That all is well cannot be said: no finding, yet somebody is told in the same way. */
export function condition({ exceptReceiver, ...facts }: ConditionFacts): AlertCause {
  return {
    ...facts,
    id: conditionId(facts.rule, facts.subject.id),
    severity: 'critical',
    runIds: [],
    runsAffected: 0,
    verdict: null,
    confidence: 1,
    state: 'open',
    openedAtNs: facts.sinceNs,
    closedAtNs: null,
    snoozedUntilNs: null,
    snoozedUntilRuns: null,
    note: null,
    ...(exceptReceiver === undefined ? {} : { exceptReceiver }),
  };
}

/** The same for the same subject, restarts included. */
export function conditionId(rule: Condition, subjectId: string): string {
  const hash = createHash('sha256').update(subjectId).digest('hex').slice(0, 22);
  return `${rule === 'no-data' ? 'n' : 'e'}_${hash}`;
}
