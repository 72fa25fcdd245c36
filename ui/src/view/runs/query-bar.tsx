import { useState, type SubmitEvent, type ReactElement } from 'react';
import type { ApiProblem } from '../../api/problem.js';
import { Icon } from '../../part/icon.js';
import { filterOf, filterText, type RunFilter } from '../../url/run-query.js';
import css from './runs.module.css';

interface QueryBarProps {
  readonly filter: RunFilter;
  readonly setFilter: (filter: RunFilter) => void;
  readonly problem: ApiProblem | undefined;
}

/** The query as text. Enter applies it; what the server cannot read is pointed at below. */
export function QueryBar({ filter, setFilter, problem }: QueryBarProps): ReactElement {
  const applied = filterText(filter);
  const [draft, setDraft] = useState(applied);
  const [basis, setBasis] = useState(applied);
  if (basis !== applied) {
    setBasis(applied);
    setDraft(applied);
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setFilter(filterOf(draft));
  };
  return (
    <form onSubmit={submit} className={css['query']}>
      <Icon name="filter" size={15} />
      <input
        type="text"
        value={draft}
        spellCheck={false}
        autoComplete="off"
        aria-label="Query"
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : 'query-problem'}
        placeholder="status:active workflow:checkout key:8123 name:pay* duration>=2s attr.tenant=acme"
        onChange={(event) => setDraft(event.target.value)}
      />
      {problem !== undefined && (
        <div id="query-problem" role="alert" className={css['problem']}>
          <Pointer text={filter.q ?? ''} problem={problem} />
          <p>{problem.detail === '' ? problem.message : problem.detail}</p>
          {problem.remedy !== undefined && <p>{problem.remedy}</p>}
        </div>
      )}
    </form>
  );
}

function Pointer({
  text,
  problem,
}: {
  readonly text: string;
  readonly problem: ApiProblem;
}): ReactElement | null {
  if (problem.at === undefined || text === '') return null;
  const { offset, length } = problem.at;
  return (
    <code>
      {text.slice(0, offset)}
      <mark>{text.slice(offset, offset + Math.max(1, length)) || ' '}</mark>
      {text.slice(offset + Math.max(1, length))}
    </code>
  );
}
