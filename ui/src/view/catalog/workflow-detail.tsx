import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { WorkflowDetail as Detail } from '@throughline/model/api/catalog';
import type { ReactElement } from 'react';
import { workflowQuery } from '../../api/queries.js';
import page from '../../part/page.module.css';
import part from '../../part/part.module.css';
import { Answer } from '../../part/states.js';
import { formatDuration, formatShare, plural } from '../../theme/format.js';
import css from './catalog.module.css';
import { Documents } from './documents.js';
import { LearnedReactions } from './learned-reactions.js';

/** What runs of one workflow do, what is declared of them, and what was learned. */
export function WorkflowDetail({ name }: { readonly name: string }): ReactElement {
  const query = useQuery(workflowQuery(name));
  return (
    <Answer query={query}>
      {(detail) => (
        <div className={css['detail']}>
          <Variants detail={detail} />
          <Declared detail={detail} />
          <LearnedReactions detail={detail} />
          {detail.documents.length > 0 && (
            <section aria-label="Documents">
              <h3>Documents</h3>
              <Documents documents={detail.documents} />
            </section>
          )}
        </div>
      )}
    </Answer>
  );
}

const VARIANTS_SHOWN = 5;

function Variants({ detail }: { readonly detail: Detail }): ReactElement {
  return (
    <section aria-label="Variants">
      <h3>
        Variants <span className={page['dim']}>of {plural(detail.sampledRuns, 'run')}</span>
      </h3>
      {detail.variants.length === 0 && <p className={page['muted']}>No run yet.</p>}
      <ul className={css['variants']}>
        {detail.variants.slice(0, VARIANTS_SHOWN).map((variant) => (
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
    </section>
  );
}

function Declared({ detail }: { readonly detail: Detail }): ReactElement {
  const declared = detail.promises.filter(({ origin }) => origin !== 'learned');
  const { deadlineMs, ends, calendar } = detail;
  return (
    <section aria-label="Declared">
      <h3>Declared</h3>
      {declared.length === 0 && deadlineMs === null && (
        <p className={page['muted']}>
          Nothing: flows of the configuration and documents can declare what should follow.
        </p>
      )}
      <ul className={css['promises']}>
        {declared.map((promise) => (
          <li key={`${promise.after} ${promise.what} ${promise.by ?? ''}`}>
            After <strong>{promise.after}</strong>, {promise.by ?? 'somebody'}:{' '}
            <strong>{promise.what}</strong> within {formatDuration(promise.withinMs)}
            {promise.businessTime && ' of business time'}
          </li>
        ))}
        {deadlineMs !== null && (
          <li>
            The run ends
            {ends.length > 0 && (
              <>
                {' '}
                by <strong>{ends.map(({ event }) => event).join(' or ')}</strong>
              </>
            )}{' '}
            within {formatDuration(deadlineMs)}
          </li>
        )}
      </ul>
      {calendar !== null && (
        <p className={page['dim']}>
          Business time is {calendar.text} in {calendar.timezone}.
        </p>
      )}
    </section>
  );
}
