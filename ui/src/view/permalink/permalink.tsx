import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, Navigate } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { someRunsQuery } from '../../api/queries.js';
import page from '../../part/page.module.css';
import part from '../../part/part.module.css';
import { usePageTitle } from '../../part/page-title.js';
import { RunLine } from '../../part/run-line.js';
import { Answer, Notice } from '../../part/states.js';
import { plural } from '../../theme/format.js';

const byKey = getRouteApi('/k/$key');
const byTrace = getRouteApi('/t/$traceId');
const CHOICES_MAX = '50';

export function KeyPermalink(): ReactElement {
  const { key } = byKey.useParams();
  return <Permalink query={key} name={key} />;
}

export function TracePermalink(): ReactElement {
  const { traceId } = byTrace.useParams();
  return <Permalink query={`trace:${traceId}`} name={`trace ${traceId}`} />;
}

/** A business key or trace leads to its run; where several have it, to a choice; where none, to what may be wrong. */
function Permalink({
  query,
  name,
}: {
  readonly query: string;
  readonly name: string;
}): ReactElement {
  usePageTitle(`Runs with ${name}`);
  const runs = useQuery(someRunsQuery({ key: query, limit: CHOICES_MAX, sort: '-startedAt' }));
  return (
    <div className={page['page']}>
      <Answer query={runs}>
        {({ items }) => {
          const [only] = items;
          if (only !== undefined && items.length === 1) {
            return <Navigate to="/runs/$runId" params={{ runId: only.id }} replace />;
          }
          if (items.length === 0) return <Unknown name={name} />;
          return (
            <>
              <div className={page['header']}>
                <div>
                  <h1>
                    {plural(items.length, 'run')} with {name}
                  </h1>
                  <p className={page['lead']}>
                    The newest comes first. A key may be used again, or belong to runs of several
                    workflows.
                  </p>
                </div>
              </div>
              <ul className={`${page['card'] ?? ''} ${page['cardBody'] ?? ''}`}>
                {items.map((run) => (
                  <li key={run.id}>
                    <RunLine run={run} />
                  </li>
                ))}
              </ul>
            </>
          );
        }}
      </Answer>
    </div>
  );
}

function Unknown({ name }: { readonly name: string }): ReactElement {
  return (
    <Notice
      title={`No run has ${name}`}
      isPage
      icon="search"
      actions={
        <>
          <Link to="/runs" search={{ q: name }} className={part['button']}>
            Search in all runs
          </Link>
          <Link to="/setup" className={part['button']}>
            Check the keys
          </Link>
        </>
      }
    >
      <p>
        Either nothing with this key has arrived yet, or no service sends it as a key. Keys are
        configured under correlation.keys.
      </p>
    </Notice>
  );
}
