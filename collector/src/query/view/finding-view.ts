import type { AlertRule } from '@throughline/model/alert';
import type { FindingView } from '@throughline/model/api/findings';
import type { Finding } from '@throughline/model/finding';
import { formatInstant } from '@throughline/model/time';
import { instantOrNull } from './instants.js';

/** Of a finding, or of what is told in the shape of one. */
export function findingView<R extends AlertRule>(
  finding: Omit<Finding, 'id' | 'rule'> & { readonly id: string; readonly rule: R },
): Omit<FindingView, 'rule'> & { rule: R } {
  return {
    id: finding.id,
    rule: finding.rule,
    severity: finding.severity,
    state: finding.state,
    openedAt: formatInstant(finding.openedAtNs),
    closedAt: instantOrNull(finding.closedAtNs),
    snoozedUntil: instantOrNull(finding.snoozedUntilNs),
    snoozedUntilRuns: finding.snoozedUntilRuns,
    subject: { ...finding.subject },
    workflow: finding.workflow,
    runsAffected: finding.runsAffected,
    runIds: [...finding.runIds],
    where: finding.where,
    verdict: finding.verdict,
    sentence: finding.sentence,
    evidence: finding.evidence.map((one) => ({ ...one })),
    differs: (finding.differs ?? []).map((one) => ({ ...one })),
    next: finding.next.map((one) => ({ ...one })),
    owner: finding.owner,
    confidence: finding.confidence,
    note: finding.note,
  };
}
