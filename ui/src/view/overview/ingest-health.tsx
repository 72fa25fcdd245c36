import type { StatsView } from '@throughline/model/api/catalog';
import type { ReactElement } from 'react';
import page from '../../part/page.module.css';
import { StatusMark } from '../../part/status-mark.js';
import { Age } from '../../part/time.js';
import { formatCount } from '../../theme/format.js';
import css from './overview.module.css';

function sum(reasons: Readonly<Record<string, number>>): number {
  return Object.values(reasons).reduce((total, count) => total + count, 0);
}

function Reasons({
  name,
  reasons,
}: {
  readonly name: string;
  readonly reasons: Readonly<Record<string, number>>;
}): ReactElement {
  const list = Object.entries(reasons).filter(([, count]) => count > 0);
  return (
    <>
      <dt>{name}</dt>
      <dd className="number">
        {formatCount(sum(reasons))}
        {list.length > 0 && (
          <span className={page['dim']}>
            {' '}
            ({list.map(([reason, count]) => `${reason} ${formatCount(count)}`).join(', ')})
          </span>
        )}
      </dd>
    </>
  );
}

/** Where every span went: received is stored, duplicate, rejected or dropped, and nothing else. */
export function IngestHealth({ stats }: { readonly stats: StatsView }): ReactElement {
  const lost = sum(stats.rejected) + sum(stats.dropped);
  return (
    <section className={page['card']} aria-labelledby="ingest">
      <div className={page['cardHead']}>
        <h2 id="ingest">Ingest</h2>
        {lost === 0 ? (
          <StatusMark mark="completed" word="Every span accounted for" />
        ) : (
          <StatusMark mark="failed" word={`${formatCount(lost)} not stored`} />
        )}
      </div>
      <div className={page['cardBody']}>
        <p className={css['rate']}>
          <strong className="number">{formatCount(Math.round(stats.spansPerSecond))}</strong> spans
          per second
        </p>
        <dl className={page['facts']}>
          <dt>Received</dt>
          <dd className="number">{formatCount(stats.received)}</dd>
          <dt>Stored</dt>
          <dd className="number">{formatCount(stats.stored)}</dd>
          <dt>Duplicates</dt>
          <dd className="number">{formatCount(stats.duplicate)}</dd>
          <Reasons name="Rejected" reasons={stats.rejected} />
          <Reasons name="Dropped" reasons={stats.dropped} />
          <dt>Last span</dt>
          <dd>
            {stats.lastReceivedAt === null ? (
              'none yet'
            ) : (
              <>
                <Age at={stats.lastReceivedAt} /> ago
              </>
            )}
          </dd>
        </dl>
      </div>
    </section>
  );
}
