import type { AlertMatch } from '@throughline/model/alert';
import type { Finding } from '@throughline/model/finding';

/** Between the names in a finding's place: `payment.captured → inventory`, `capture card in payment`. */
const BETWEEN_NAMES = / → | in |, | and /;

export function matches(match: AlertMatch, finding: Finding): boolean {
  return (
    (match.rule === null || match.rule === finding.rule) &&
    (match.workflow === null || match.workflow === finding.workflow) &&
    (match.severity === null || match.severity === finding.severity) &&
    (match.service === null || namesOf(finding).includes(match.service))
  );
}

function namesOf({ subject, where }: Finding): readonly string[] {
  const subjectNames = subject.kind === 'service' ? [subject.label] : [];
  return [...subjectNames, ...where.split(BETWEEN_NAMES)];
}
