import type { RunItem } from '@throughline/model/api/runs';
import type { ReactElement, ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import { findingsQuery, type RunFacets } from '../../api/queries.js';
import { Icon } from '../../part/icon.js';
import { StatusMark } from '../../part/status-mark.js';
import { formatCount } from '../../theme/format.js';
import { ruleMark, ruleTitle, runMark } from '../../theme/status.js';
import type { ParamField, RunFilter } from '../../url/run-query.js';
import css from './runs.module.css';

const SHOWN_MAX = 8;

interface FacetsProps {
  readonly facets: RunFacets | undefined;
  readonly filter: RunFilter;
  readonly setFilter: (filter: RunFilter) => void;
}

/** What the runs under the filter are, with counts; a click adds or takes off a term of the query. */
export function Facets({ facets, filter, setFilter }: FacetsProps): ReactElement {
  const findings = useQuery(findingsQuery({ state: 'open' })).data?.items ?? [];
  const rules = new Map<string, number>();
  for (const { rule, runsAffected } of findings)
    rules.set(rule, (rules.get(rule) ?? 0) + runsAffected);
  const toggle = (field: ParamField, value: string) => {
    const { [field]: current, ...rest } = filter;
    setFilter(current === value ? rest : { ...rest, [field]: value });
  };
  const group = (
    field: ParamField,
    counts: Readonly<Record<string, number>> | undefined,
    label: (value: string) => ReactNode,
  ) => (
    <FacetGroup
      title={field.charAt(0).toUpperCase() + field.slice(1)}
      chosen={filter[field]}
      counts={counts ?? {}}
      label={label}
      toggle={(value) => toggle(field, value)}
    />
  );
  return (
    <details className={css['facets']} open={window.innerWidth >= 1024}>
      <summary>
        <Icon name="filter" size={14} /> Facets
      </summary>
      <div className={css['facetGroups']}>
        {group('status', facets?.status, (value) => (
          <StatusMark mark={runMark({ status: value as RunItem['status'], findings: [] })} />
        ))}
        {group('finding', Object.fromEntries(rules), (value) => (
          <StatusMark mark={ruleMark(value)} word={ruleTitle(value)} />
        ))}
        {group('workflow', facets?.workflow, (value) => value)}
        {group('pattern', facets?.pattern, (value) => value)}
        {group('service', facets?.service, (value) => value)}
      </div>
    </details>
  );
}

interface FacetGroupProps {
  readonly title: string;
  readonly chosen: string | undefined;
  readonly counts: Readonly<Record<string, number>>;
  readonly label: (value: string) => ReactNode;
  readonly toggle: (value: string) => void;
}

function FacetGroup({
  title,
  chosen,
  counts,
  label,
  toggle,
}: FacetGroupProps): ReactElement | null {
  const values = Object.entries(counts).filter(([value, count]) => count > 0 || value === chosen);
  if (chosen !== undefined && !values.some(([value]) => value === chosen)) values.push([chosen, 0]);
  if (values.length === 0) return null;
  // By name, so that no value changes places while counts change.
  values.sort(([a], [b]) => (a < b ? -1 : 1));
  return (
    <fieldset className={css['facet']}>
      <legend>{title}</legend>
      <ul>
        {values.slice(0, SHOWN_MAX).map(([value, count]) => (
          <li key={value}>
            <button type="button" aria-pressed={value === chosen} onClick={() => toggle(value)}>
              <span className={css['facetValue']}>{label(value)}</span>
              <span className={css['facetCount']}>{formatCount(count)}</span>
            </button>
          </li>
        ))}
      </ul>
      {values.length > SHOWN_MAX && (
        <p className={css['facetMore']}>and {values.length - SHOWN_MAX} more: use the query bar</p>
      )}
    </fieldset>
  );
}
