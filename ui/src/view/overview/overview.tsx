import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { StatsView } from '@throughline/model/api/catalog';
import type { FindingView } from '@throughline/model/api/findings';
import type { OverviewSnapshot } from '@throughline/model/socket-events';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { deadLettersQuery, findingsQuery, statsQuery, workflowsQuery } from '../../api/queries.js';
import { useLiveQueryData, useLiveView } from '../../live/use-live.js';
import { classNames } from '../../part/class-names.js';
import page from '../../part/page.module.css';
import { Answer } from '../../part/states.js';
import { Age } from '../../part/time.js';
import { StatusMark } from '../../part/status-mark.js';
import { usePageTitle } from '../../part/page-title.js';
import { ruleMark, ruleTitle } from '../../theme/status.js';
import { HeatStrip } from './heat-strip.js';
import { Headline } from './headline.js';
import { IngestHealth } from './ingest-health.js';
import css from './overview.module.css';
import { byUrgency } from '../../theme/urgency.js';
import { Tiles } from './tiles.js';
import { FirstUse } from './first-use.js';

const OPEN = { state: 'open' };
const NEWEST_MAX = 6;

export function Overview(): ReactElement {
  usePageTitle('Overview');
  const stats = useQuery(statsQuery);
  const findings = useQuery(findingsQuery(OPEN));
  const workflows = useQuery(workflowsQuery);
  const deadLetters = useQuery(deadLettersQuery);
  useLiveOverview();
  return (
    <div className={page['page']}>
      <Answer query={stats}>
        {(tally) =>
          tally.total.received === 0 && tally.runs === 0 ? (
            <FirstUse />
          ) : (
            <Answer query={findings}>
              {({ items }) => {
                const open = byUrgency(items);
                return (
                  <div className={css['stack']}>
                    <Headline
                      findings={open}
                      checkedAtMs={findings.dataUpdatedAt}
                      workflows={workflows.data?.items ?? []}
                    />
                    <Tiles
                      findings={open}
                      workflows={workflows.data?.items ?? []}
                      deadLetters={deadLetters.data?.items ?? []}
                    />
                    <section className={page['card']} aria-labelledby="heat">
                      <div className={page['cardHead']}>
                        <h2 id="heat">Workflows, last 24 hours</h2>
                        <Link to="/workflows">All workflows</Link>
                      </div>
                      <Answer query={workflows}>
                        {(answer) => <HeatStrip workflows={answer.items} />}
                      </Answer>
                    </section>
                    <div className={css['pair']}>
                      <Newest findings={items} />
                      <IngestHealth stats={tally} />
                    </div>
                  </div>
                );
              }}
            </Answer>
          )
        }
      </Answer>
    </div>
  );
}

function useLiveOverview(): void {
  const client = useQueryClient();
  useLiveView('overview', {}, (body) => {
    const snapshot = body as Partial<OverviewSnapshot> | undefined;
    if (snapshot?.stats) client.setQueryData<StatsView>(statsQuery.queryKey, snapshot.stats);
    if (snapshot?.openFindings) {
      const key = findingsQuery(OPEN).queryKey;
      client.setQueryData(key, { items: snapshot.openFindings, next: null });
    }
  });
  useLiveQueryData('dead-letters', {}, deadLettersQuery.queryKey);
}

function Newest({ findings }: { readonly findings: readonly FindingView[] }): ReactElement {
  const newest = [...findings]
    .sort((a, b) => b.openedAt.localeCompare(a.openedAt))
    .slice(0, NEWEST_MAX);
  return (
    <section className={page['card']} aria-labelledby="newest">
      <div className={page['cardHead']}>
        <h2 id="newest">Newest findings</h2>
        <Link to="/findings">All findings</Link>
      </div>
      {newest.length === 0 ? (
        <p className={classNames(page['cardBody'], page['muted'])}>No open findings.</p>
      ) : (
        <ul className={css['newest']}>
          {newest.map((finding) => (
            <FindingLine key={finding.id} finding={finding} />
          ))}
        </ul>
      )}
    </section>
  );
}

function FindingLine({ finding }: { readonly finding: FindingView }): ReactElement {
  return (
    <li>
      <Link to="/findings/$findingId" params={{ findingId: finding.id }} className={css['line']}>
        <StatusMark mark={ruleMark(finding.rule)} word={ruleTitle(finding.rule)} />
        <span className={css['where']}>{finding.where}</span>
        <span className={css['age']}>
          <Age at={finding.openedAt} />
        </span>
      </Link>
    </li>
  );
}
