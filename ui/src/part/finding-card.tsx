import { Link } from '@tanstack/react-router';
import type { FindingView } from '@throughline/model/api/findings';
import type { ReactElement } from 'react';
import { ruleMark, ruleTitle, STATUS_TONE } from '../theme/status.js';
import css from './lines.module.css';
import { classNames } from './class-names.js';
import { StatusMark, toneClass } from './status-mark.js';

/** A finding in a narrow place: what, and the sentence that the API gives. */
export function FindingCard({ finding }: { readonly finding: FindingView }): ReactElement {
  const mark = ruleMark(finding.rule);
  return (
    <Link
      to="/findings/$findingId"
      params={{ findingId: finding.id }}
      className={classNames(css['finding'], toneClass(STATUS_TONE[mark]))}
    >
      <StatusMark mark={mark} word={ruleTitle(finding.rule)} />
      <span>{finding.sentence}</span>
    </Link>
  );
}
