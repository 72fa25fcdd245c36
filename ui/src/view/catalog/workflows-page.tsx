import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { WorkflowView } from '@throughline/model/api/catalog';
import { useState, type ReactElement } from 'react';
import { workflowQuery, workflowsQuery } from '../../api/queries.js';
import { Icon } from '../../part/icon.js';
import page from '../../part/page.module.css';
import part from '../../part/part.module.css';
import { Answer } from '../../part/states.js';
import { StatusMark } from '../../part/status-mark.js';
import { Age, Duration } from '../../part/time.js';
import { usePageTitle } from '../../part/page-title.js';
import { formatCount, formatDuration, formatShare, plural } from '../../theme/format.js';
import { runMark, STATUS_WORD } from '../../theme/status.js';
import type { RunItem } from '@throughline/model/api/runs';
import css from './catalog.module.css';
import { CatalogEmpty } from './catalog-table.js';

export function WorkflowsPage(): ReactElement {
  usePageTitle('Workflows');
  const query = useQuery(workflowsQuery);
  return (
    <div className={page['page']}>
      <div className={page['header']}>
        <div>
          <h1>Workflows</h1>
          <p className={page['lead']}>
            What runs usually do: their pattern, variants, lengths, and what is expected of them.
          </p>
        </div>
      </div>
      <Answer query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <CatalogEmpty what="workflow" />
          ) : (
            <div className={css['cards']}>
              {items.map((workflow) => (
                <Workflow key={workflow.name} workflow={workflow} />
              ))}
            </div>
          )
        }
      </Answer>
    </div>
  );
}

function Workflow({ workflow }: { readonly workflow: WorkflowView }): ReactElement {
  const [isOpen, setOpen] = useState(false);
  return (
    <section className={page['card']} aria-labelledby={`wf-${workflow.name}`}>
      <div className={page['cardHead']}>
        <h2 id={`wf-${workflow.name}`}>
          {workflow.name} {!workflow.declared && <span className={page['dim']}>not declared</span>}
        </h2>
        <Link to="/runs" search={{ workflow: workflow.name }}>
          {plural(workflow.runs, 'run')}
        </Link>
      </div>
      <div className={page['cardBody']}>
        <Marks workflow={workflow} />
        <Facts workflow={workflow} />
        <button
          type="button"
          className={css['more']}
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          <Icon name={isOpen ? 'down' : 'chevron'} size={13} />
          Variants and expectations
        </button>
        {isOpen && <Detail name={workflow.name} />}
      </div>
    </section>
  );
}

function Marks({ workflow }: { readonly workflow: WorkflowView }): ReactElement {
  return (
    <p className={css['marks']}>
      {Object.entries(workflow.byStatus)
        .filter(([, count]) => count > 0)
        .map(([status, count]) => {
          const mark = runMark({ status: status as RunItem['status'], findings: [] });
          return (
            <Link key={status} to="/runs" search={{ workflow: workflow.name, status }}>
              <StatusMark
                mark={mark}
                word={`${formatCount(count)} ${STATUS_WORD[mark].toLowerCase()}`}
              />
            </Link>
          );
        })}
      {workflow.stalled > 0 && (
        <Link to="/runs" search={{ workflow: workflow.name, finding: 'stalled-run' }}>
          <StatusMark mark="stalled" word={`${formatCount(workflow.stalled)} stalled`} />
        </Link>
      )}
    </p>
  );
}

function Facts({ workflow }: { readonly workflow: WorkflowView }): ReactElement {
  const patterns = workflow.patterns
    .map(({ pattern, count }) => `${pattern} ${formatCount(count)}`)
    .join(', ');
  return (
    <dl className={page['facts']}>
      <dt>Pattern</dt>
      <dd>{patterns === '' ? 'no run with two steps yet' : patterns}</dd>
      <dt>Takes</dt>
      <dd>
        half of them <Duration ms={workflow.p50Ms} />, 95 of 100 <Duration ms={workflow.p95Ms} />
      </dd>
      <dt>Last activity</dt>
      <dd>
        {workflow.lastActivityAt === null ? (
          'none yet'
        ) : (
          <>
            <Age at={workflow.lastActivityAt} /> ago
          </>
        )}
      </dd>
    </dl>
  );
}

function Detail({ name }: { readonly name: string }): ReactElement {
  const query = useQuery(workflowQuery(name));
  return (
    <Answer query={query}>
      {(detail) => (
        <div className={css['detail']}>
          <h3>
            Variants <span className={page['dim']}>of {plural(detail.sampledRuns, 'run')}</span>
          </h3>
          <ul className={css['variants']}>
            {detail.variants.slice(0, 5).map((variant) => (
              <li key={variant.sampleRunId}>
                <span className="number">{formatShare(variant.share)}</span>
                <span>{variant.steps.join(' → ')}</span>
                <Link
                  to="/runs/$runId"
                  params={{ runId: variant.sampleRunId }}
                  className={part['chip']}
                >
                  Sample
                </Link>
              </li>
            ))}
          </ul>
          <h3>Expectations</h3>
          {detail.promises.length === 0 ? (
            <p className={page['muted']}>
              None declared or learned: runs of this workflow cannot be late.
            </p>
          ) : (
            <ul className={css['promises']}>
              {detail.promises.map((promise) => (
                <li key={`${promise.after} ${promise.what} ${promise.by ?? ''}`}>
                  After <strong>{promise.after}</strong>, {promise.by ?? 'somebody'}:{' '}
                  <strong>{promise.what}</strong> within {formatDuration(promise.withinMs)}
                  <span className={page['dim']}>
                    {' '}
                    {promise.origin}
                    {promise.origin === 'learned' && ` from ${plural(promise.sampleCount, 'run')}`}
                  </span>
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
    </Answer>
  );
}
