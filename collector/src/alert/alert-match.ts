import type { AlertCause, AlertMatch } from '@throughline/model/alert';

/** Between the names in a finding's place: `payment.captured → inventory`, `capture card in payment`. */
const BETWEEN_NAMES = / → | in |, | and /;

/** What a route or a silence looks at. */
export type Matchable = Pick<AlertCause, 'rule' | 'workflow' | 'severity' | 'subject' | 'where'>;

export function matches(match: AlertMatch, finding: Matchable): boolean {
  return (
    (match.rule === null || match.rule === finding.rule) &&
    (match.workflow === null || match.workflow === finding.workflow) &&
    (match.severity === null || match.severity === finding.severity) &&
    (match.service === null || namesOf(finding).includes(match.service))
  );
}

function namesOf({ subject, where }: Matchable): readonly string[] {
  const subjectNames = subject.kind === 'service' ? [subject.label] : [];
  return [...subjectNames, ...where.split(BETWEEN_NAMES)];
}
