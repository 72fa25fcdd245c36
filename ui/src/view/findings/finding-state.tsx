import type { FindingView } from '@throughline/model/api/findings';
import type { ReactElement } from 'react';
import { Icon } from '../../part/icon.js';
import part from '../../part/part.module.css';
import { useSharedNow } from '../../part/time.js';
import { formatAge, instantMs, plural } from '../../theme/format.js';

const WORDS = { open: 'Open', acknowledged: 'Acknowledged', closed: 'Closed' } as const;
const SEVERITY_WORDS = { critical: 'Critical', warning: 'Warning', info: 'Info' } as const;

/** Severity and state in words; a snooze says how long it still lasts. */
export function FindingState({ finding }: { readonly finding: FindingView }): ReactElement {
  const nowMs = useSharedNow();
  const restMs = finding.snoozedUntil === null ? 0 : instantMs(finding.snoozedUntil) - nowMs;
  const { snoozedUntilRuns } = finding;
  const isOver = finding.snoozedUntil !== null && restMs <= 0;
  const isSnoozed = restMs > 0 || (snoozedUntilRuns !== null && !isOver);
  const ends = [
    ...(restMs > 0 ? [`${formatAge(restMs)} left`] : []),
    ...(snoozedUntilRuns === null ? [] : [`until ${plural(snoozedUntilRuns, 'run')}`]),
  ].join(', or ');
  const word = isSnoozed ? `Snoozed, ${ends}` : WORDS[finding.state];
  return (
    <span className={part['chip']}>
      {finding.state === 'acknowledged' && <Icon name="check" size={13} />}
      {isSnoozed && <Icon name="snooze" size={13} />}
      {finding.state === 'open' && !isSnoozed ? SEVERITY_WORDS[finding.severity] : word}
    </span>
  );
}
