import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { asProblem, type ApiProblem } from '../../api/problem.js';
import { runFacetsQuery, runsQuery, type Params, type RunFacets } from '../../api/queries.js';
import { Button } from '../../part/button.js';
import { Icon } from '../../part/icon.js';
import page from '../../part/page.module.css';
import part from '../../part/part.module.css';
import { Fault, Notice, Skeleton } from '../../part/states.js';
import { usePageTitle } from '../../part/page-title.js';
import { formatCount, plural } from '../../theme/format.js';
import { setPreferences, usePreferences } from '../../theme/preferences.js';
import type { RunsParams } from '../../url/params.js';
import {
  filterText,
  formatTerm,
  parseTerms,
  withoutTerm,
  type RunFilter,
} from '../../url/run-query.js';
import { Facets } from './facets.js';
import { useFreshRuns, type FreshRuns } from './fresh-runs.js';
import { QueryBar } from './query-bar.js';
import { RunTable } from './run-table.js';
import css from './runs.module.css';

const route = getRouteApi('/runs');

/** What the list asks the server for: the address without what only this page understands. */
function listParams({ sort, ...filter }: RunsParams): Params {
  return { ...filter, sort: sort ?? '-startedAt' } as Params;
}

export function RunsPage(): ReactElement {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const params = listParams(search);
  const { sort: _, ...filterParams } = params;
  const runs = useInfiniteQuery(runsQuery(params));
  const facets = useQuery(runFacetsQuery(filterParams)).data;
  const fresh = useFreshRuns(params);
  const { isDense } = usePreferences();
  const rows = runs.data?.pages.flatMap(({ items }) => items);
  const setFilter = (filter: RunFilter) =>
    void navigate({
      search: ({ from, to, sort }) => ({
        ...filter,
        ...(from && { from }),
        ...(to && { to }),
        ...(sort && { sort }),
      }),
    });
  const problem = runs.error === null ? undefined : asProblem(runs.error);
  const isQueryWrong = problem !== undefined && (problem.status === 400 || problem.status === 422);
  return (
    <div className={css['page']}>
      <div className={css['top']}>
        <Heading facets={facets} />
        <QueryBar
          filter={search}
          setFilter={setFilter}
          problem={isQueryWrong ? problem : undefined}
        />
        <Chips search={search} setFilter={setFilter} />
      </div>
      <div className={css['columns']}>
        <Facets facets={facets} filter={search} setFilter={setFilter} />
        <div className={css['results']} data-stale={runs.isPlaceholderData || undefined}>
          <FreshPill fresh={fresh} />
          {rows === undefined ? (
            <Missing
              problem={problem}
              isQueryWrong={isQueryWrong}
              retry={() => void runs.refetch()}
            />
          ) : rows.length === 0 ? (
            <NoRuns search={search} setFilter={setFilter} />
          ) : (
            <RunTable
              rows={rows}
              search={search}
              isDense={isDense}
              more={() => {
                if (runs.hasNextPage && !runs.isFetchingNextPage) void runs.fetchNextPage();
              }}
              sortBy={(sort) => void navigate({ search: (old) => ({ ...old, sort }) })}
            />
          )}
        </div>
      </div>
    </div>
  );
}

interface MissingProps {
  readonly problem: ApiProblem | undefined;
  readonly isQueryWrong: boolean;
  readonly retry: () => void;
}

/** In place of rows: loading, or what failed. A query that cannot be read is explained at the query bar. */
function Missing({ problem, isQueryWrong, retry }: MissingProps): ReactElement {
  if (isQueryWrong) {
    return (
      <Notice title="The query cannot be read" icon="filter">
        <p>The place is underlined above. Nothing was searched.</p>
      </Notice>
    );
  }
  if (problem !== undefined) return <Fault problem={problem} retry={retry} />;
  return (
    <div className={css['loading']}>
      <Skeleton rows={10} />
    </div>
  );
}

/** `1,204`, or `1,204+` where more may match than were counted. */
function totalOf({ total, isComplete }: RunFacets): string {
  return `${formatCount(total)}${isComplete ? '' : '+'}`;
}

function Heading({ facets }: { readonly facets: RunFacets | undefined }): ReactElement {
  usePageTitle('Runs');
  const { isDense } = usePreferences();
  return (
    <div className={page['header']}>
      <h1>
        Runs <span className={css['total']}>{facets === undefined ? '' : totalOf(facets)}</span>
      </h1>
      <div className={page['actions']}>
        <Button
          kind="quiet"
          icon="list"
          aria-pressed={isDense}
          onClick={() => setPreferences({ isDense: !isDense })}
        >
          {isDense ? 'Comfortable rows' : 'Compact rows'}
        </Button>
      </div>
    </div>
  );
}

/** New runs wait here until somebody wants them: no row moves under a pointer. */
function FreshPill({ fresh }: { readonly fresh: FreshRuns }): ReactElement {
  return (
    <>
      {fresh.count > 0 && (
        <button type="button" className={css['fresh']} onClick={fresh.show}>
          <Icon name="up" size={14} />
          {plural(fresh.count, 'new run')}
        </button>
      )}
      <span className="visually-hidden" role="status">
        {fresh.count > 0 ? `${plural(fresh.count, 'new run')} to show` : ''}
      </span>
    </>
  );
}

interface ChipsProps {
  readonly search: RunsParams;
  readonly setFilter: (filter: RunFilter) => void;
}

/** The other face of the query: each term with a way to take it off. */
function Chips({ search, setFilter }: ChipsProps): ReactElement | null {
  const navigate = route.useNavigate();
  const clearTimes = () => void navigate({ search: ({ from: _from, to: _to, ...rest }) => rest });
  const terms = parseTerms(filterText(search));
  const hasTimes = search.from !== undefined || search.to !== undefined;
  if (terms.length === 0 && !hasTimes) return null;
  return (
    <ul className={css['chips']} aria-label="Filters">
      {terms.map((term, index) => (
        <li key={`${String(index)} ${formatTerm(term)}`}>
          <button
            type="button"
            className={part['chip']}
            onClick={() => setFilter(withoutTerm(search, index))}
          >
            {term.field !== null && <span className={page['dim']}>{term.field}</span>}
            {term.operator !== ':' && term.operator}
            {term.value}
            <Icon name="close" size={12} />
            <span className="visually-hidden">Remove this filter</span>
          </button>
        </li>
      ))}
      {hasTimes && (
        <li>
          <button type="button" className={part['chip']} onClick={clearTimes}>
            <span className={page['dim']}>time</span>
            {search.from ?? '…'} – {search.to ?? 'now'}
            <Icon name="close" size={12} />
            <span className="visually-hidden">Remove this filter</span>
          </button>
        </li>
      )}
      {terms.length > 1 && (
        <li>
          <Button kind="quiet" isSmall onClick={() => setFilter({})}>
            Clear all
          </Button>
        </li>
      )}
    </ul>
  );
}

/** Nothing matches: every filter with one click to take it off; or nothing was ever received. */
function NoRuns({ search, setFilter }: ChipsProps): ReactElement {
  const terms = parseTerms(filterText(search));
  if (terms.length === 0 && search.from === undefined && search.to === undefined) {
    return (
      <Notice
        title="No run yet"
        icon="runs"
        actions={
          <Link to="/setup" className={part['button']} data-kind="primary">
            Connect a service
          </Link>
        }
      >
        <p>A run appears here with the first span of its first step.</p>
      </Notice>
    );
  }
  return (
    <Notice
      title="No run matches"
      icon="filter"
      actions={terms.map((term, index) => (
        <Button key={formatTerm(term)} onClick={() => setFilter(withoutTerm(search, index))}>
          Without {formatTerm(term)}
        </Button>
      ))}
    >
      <p>Take a filter off, or look at all runs.</p>
    </Notice>
  );
}
