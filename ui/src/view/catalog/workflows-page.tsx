import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { WorkflowView } from '@throughline/model/api/catalog';
import { useState, type ReactElement } from 'react';
import { documentsQuery, workflowsQuery } from '../../api/queries.js';
import { Icon } from '../../part/icon.js';
import page from '../../part/page.module.css';
import { Answer } from '../../part/states.js';
import { StatusMark } from '../../part/status-mark.js';
import { Age, Duration } from '../../part/time.js';
import { usePageTitle } from '../../part/page-title.js';
import { formatCount, plural } from '../../theme/format.js';
import { runMark, STATUS_WORD } from '../../theme/status.js';
import type { RunItem } from '@throughline/model/api/runs';
import css from './catalog.module.css';
import { CatalogEmpty } from './catalog-table.js';
import { Documents } from './documents.js';
import { WorkflowDetail } from './workflow-detail.js';

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
      <DeclaredDocuments />
    </div>
  );
}

/** Every document of the configuration, also those that speak of no workflow. */
function DeclaredDocuments(): ReactElement | null {
  const { data } = useQuery(documentsQuery);
  if (data === undefined || data.items.length === 0) return null;
  return (
    <section className={`${page['card'] ?? ''} ${css['after'] ?? ''}`} aria-labelledby="documents">
      <div className={page['cardHead']}>
        <h2 id="documents">
          Declared documents{' '}
          <span className={page['dim']}>{plural(data.items.length, 'document')}</span>
        </h2>
      </div>
      <div className={page['cardBody']}>
        <Documents documents={data.items} />
      </div>
    </section>
  );
}

function Workflow({ workflow }: { readonly workflow: WorkflowView }): ReactElement {
  const [isOpen, setOpen] = useState(false);
  return (
    <section
      className={page['card']}
      data-open={isOpen || undefined}
      aria-labelledby={`wf-${workflow.name}`}
    >
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
        {isOpen && <WorkflowDetail name={workflow.name} />}
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
        {workflow.p50Ms === null ? (
          'none has ended yet'
        ) : (
          <>
            half of them <Duration ms={workflow.p50Ms} />, 95 of 100{' '}
            <Duration ms={workflow.p95Ms} />
          </>
        )}
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
