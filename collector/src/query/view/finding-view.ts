import type { FindingView } from '@throughline/model/api/findings';
import type { Finding } from '@throughline/model/finding';
import { formatInstant } from '@throughline/model/time';
import { instantOrNull } from './instants.js';

export function findingView(finding: Finding): FindingView {
  return {
    id: finding.id,
    rule: finding.rule,
    severity: finding.severity,
    state: finding.state,
    openedAt: formatInstant(finding.openedAtNs),
    closedAt: instantOrNull(finding.closedAtNs),
    snoozedUntil: instantOrNull(finding.snoozedUntilNs),
    subject: { ...finding.subject },
    workflow: finding.workflow,
    runsAffected: finding.runsAffected,
    runIds: [...finding.runIds],
    where: finding.where,
    verdict: finding.verdict,
    sentence: finding.sentence,
    evidence: finding.evidence.map((one) => ({ ...one })),
    next: finding.next.map((one) => ({ ...one })),
    owner: finding.owner,
    confidence: finding.confidence,
    note: finding.note,
  };
}
