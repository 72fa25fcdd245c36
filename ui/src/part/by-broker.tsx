import type { BrokerFigures } from '@throughline/model/api/brokers';
import type { ReactElement } from 'react';
import { formatAge, formatCount, plural } from '../theme/format.js';
import page from './page.module.css';
import { StatusMark } from './status-mark.js';

/** `37, 2 unsettled, no consumer`: what the broker itself counts. */
export function figuresText({ waiting, unsettled, givenUp, consumers }: BrokerFigures): string {
  return [
    formatCount(waiting),
    ...(unsettled > 0 ? [`${formatCount(unsettled)} unsettled`] : []),
    ...(givenUp > 0 ? [`${formatCount(givenUp)} given up`] : []),
    ...(consumers === null
      ? []
      : [consumers === 0 ? 'no consumer' : plural(consumers, 'consumer')]),
  ].join(', ');
}

/** What the broker counts, beside what spans show. No data is said, and is not "nothing". */
export function ByBroker({
  figures,
}: {
  readonly figures: BrokerFigures | null;
}): ReactElement | null {
  if (figures === null) return null;
  const { state, reason, broker, polledAt, oldestAgeMs, isOldestExact } = figures;
  const age =
    oldestAgeMs === null
      ? ''
      : `, oldest ${isOldestExact ? '' : 'at least '}${formatAge(oldestAgeMs)}`;
  return (
    <div className={page['dim']} title={reason ?? `counted by ${broker}`}>
      {state === 'no-data' && <StatusMark mark="unknown" word="No data" />}
      {polledAt !== null && ` by the broker ${figuresText(figures)}${age}`}
    </div>
  );
}
