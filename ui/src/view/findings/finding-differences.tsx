import type { FindingView } from '@throughline/model/api/findings';
import type { ReactElement } from 'react';
import page from '../../part/page.module.css';
import { formatShare, plural } from '../../theme/format.js';
import css from './finding-differences.module.css';

/** What runs that are held up have in common, beside runs that passed the same place. */
export function Differences({ finding }: { readonly finding: FindingView }): ReactElement | null {
  const { differs } = finding;
  const [first] = differs;
  if (first === undefined) return null;
  return (
    <section className={page['card']} aria-labelledby="differs">
      <div className={page['cardHead']}>
        <h2 id="differs">What differs</h2>
        <span className={css['how']}>
          of {plural(first.testCount, 'trait')} compared, corrected for their number
        </span>
      </div>
      <table className={css['differs']}>
        <thead>
          <tr>
            <th scope="col">Trait</th>
            <th scope="col">{plural(first.held.of, 'run')} held up</th>
            <th scope="col">{plural(first.peers.of, 'run')} that passed</th>
          </tr>
        </thead>
        <tbody>
          {differs.map(({ attribute, of, value, held, peers, chance }) => (
            <tr key={`${attribute} ${of ?? ''} ${value}`}>
              <th scope="row">
                <span className={page['muted']}>
                  {attribute}
                  {of !== null && ` of ${of}`}
                </span>
                <strong>{value}</strong>
              </th>
              <ShareBar {...held} tone="held" />
              <ShareBar {...peers} tone="peers" chance={chance} />
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function ShareBar(share: {
  readonly count: number;
  readonly of: number;
  readonly tone: 'held' | 'peers';
  readonly chance?: number;
}): ReactElement {
  const { count, of, tone, chance } = share;
  const part = of === 0 ? 0 : count / of;
  const title =
    chance === undefined ? undefined : `By chance: ${chance < 0.001 ? 'less than 0.001' : chance}`;
  return (
    <td title={title}>
      <span className="number">
        {formatShare(part)}{' '}
        <span className={page['muted']}>
          ({count} of {of})
        </span>
      </span>
      <svg className={css[tone]} viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        <rect width="100" height="4" />
        <rect width={100 * part} height="4" />
      </svg>
    </td>
  );
}
