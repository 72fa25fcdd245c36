import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { FindingView } from '@throughline/model/api/findings';
import type { ReactElement } from 'react';
import { findingsQuery, type Params } from '../../api/queries.js';
import { multimap } from '../../graph/graph.js';
import { useLiveQueryData } from '../../live/use-live.js';
import { Button } from '../../part/button.js';
import { classNames } from '../../part/class-names.js';
import { Icon, StatusIcon } from '../../part/icon.js';
import page from '../../part/page.module.css';
import part from '../../part/part.module.css';
import { Segments } from '../../part/segments.js';
import { Answer, Notice } from '../../part/states.js';
import { toneClass } from '../../part/status-mark.js';
import { Age } from '../../part/time.js';
import { usePageTitle } from '../../part/page-title.js';
import { plural } from '../../theme/format.js';
import { ruleMark, ruleTitle, STATUS_TONE } from '../../theme/status.js';
import type { FindingGroup, FindingsParams } from '../../url/params.js';
import css from './findings.module.css';
import { FindingState } from './finding-state.js';

const route = getRouteApi('/findings');
const SEVERITIES = ['critical', 'warning', 'info'];
const STATES = ['open', 'acknowledged', 'closed'];

function listParams({ state = 'open', rule, workflow }: FindingsParams): Params {
  return {
    ...(state !== 'all' && { state }),
    ...(rule && { rule }),
    ...(workflow && { workflow }),
  };
}

export function FindingsPage(): ReactElement {
  usePageTitle('Findings');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const params = listParams(search);
  const query = useQuery(findingsQuery(params));
  useLiveQueryData('findings', params, findingsQuery(params).queryKey);
  const change = (next: FindingsParams) =>
    void navigate({ search: (old) => ({ ...old, ...next }) });
  const group = search.group ?? 'rule';
  return (
    <div className={page['page']}>
      <div className={page['header']}>
        <div>
          <h1>Findings</h1>
          <p className={page['lead']}>
            What a rule found, with its evidence and what to do next. One cause is one finding,
            however many runs it holds up.
          </p>
        </div>
        <Choices search={search} change={change} />
      </div>
      <Filters search={search} />
      <Answer query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <NoFindings
              search={search}
              showAll={() => void navigate({ search: { state: 'all' } })}
            />
          ) : (
            <Groups items={items} group={group} />
          )
        }
      </Answer>
    </div>
  );
}

interface ChoicesProps {
  readonly search: FindingsParams;
  readonly change: (next: FindingsParams) => void;
}

function Choices({ search, change }: ChoicesProps): ReactElement {
  return (
    <div className={page['actions']}>
      <Segments
        label="State"
        value={search.state ?? 'open'}
        options={[
          { value: 'open', label: 'Open' },
          { value: 'acknowledged', label: 'Acknowledged' },
          { value: 'closed', label: 'Closed' },
          { value: 'all', label: 'All' },
        ]}
        onChange={(state) => change({ state })}
      />
      <Segments
        label="Group by"
        value={search.group ?? 'rule'}
        options={[
          { value: 'rule', label: 'By rule' },
          { value: 'severity', label: 'By severity' },
          { value: 'state', label: 'By state' },
        ]}
        onChange={(next) => change({ group: next })}
      />
    </div>
  );
}

function Filters({ search }: { readonly search: FindingsParams }): ReactElement | null {
  const navigate = route.useNavigate();
  if (search.rule === undefined && search.workflow === undefined) return null;
  return (
    <p className={css['filters']}>
      {[search.rule, search.workflow].map(
        (value) =>
          value !== undefined && (
            <button
              key={value}
              type="button"
              className={part['chip']}
              onClick={() =>
                void navigate({
                  search: ({ rule, workflow, ...rest }) => ({
                    ...rest,
                    ...(rule && rule !== value && { rule }),
                    ...(workflow && workflow !== value && { workflow }),
                  }),
                })
              }
            >
              {value === search.rule ? ruleTitle(value) : value}
              <Icon name="close" size={12} />
              <span className="visually-hidden">Remove this filter</span>
            </button>
          ),
      )}
    </p>
  );
}

function NoFindings({
  search,
  showAll,
}: {
  readonly search: FindingsParams;
  readonly showAll: () => void;
}): ReactElement {
  const isOpen = (search.state ?? 'open') === 'open' && search.rule === undefined;
  return (
    <Notice
      title={isOpen ? 'No open findings' : 'No finding matches'}
      mark={isOpen ? 'completed' : 'unknown'}
      actions={<Button onClick={showAll}>Show all findings</Button>}
    >
      <p>
        {isOpen
          ? 'Stalled runs, missing consumers, dead letters and failed runs show up here by themselves. Deadlines come from declared flows and from the code.'
          : 'Take a filter off to see more.'}
      </p>
    </Notice>
  );
}

interface GroupsProps {
  readonly items: readonly FindingView[];
  readonly group: FindingGroup;
}

function Groups({ items, group }: GroupsProps): ReactElement {
  const groups = [...multimap(items, (finding) => finding[group])];
  const order = group === 'severity' ? SEVERITIES : STATES;
  if (group !== 'rule') groups.sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
  return (
    <div className={css['groups']}>
      {groups.map(([name, findings]) => (
        <section key={name} aria-labelledby={`group-${name}`}>
          <h2 id={`group-${name}`} className={css['groupTitle']}>
            {ruleTitle(name)} <span className={page['dim']}>{findings.length}</span>
          </h2>
          <ul className={page['card']}>
            {findings.map((finding) => (
              <FindingRow key={finding.id} finding={finding} />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function FindingRow({ finding }: { readonly finding: FindingView }): ReactElement {
  const mark = ruleMark(finding.rule);
  return (
    <li className={css['row']}>
      <Link
        to="/findings/$findingId"
        params={{ findingId: finding.id }}
        className={classNames(css['rowLink'], toneClass(STATUS_TONE[mark]))}
      >
        <span className={css['rowIcon']}>
          <StatusIcon mark={mark} size={18} />
        </span>
        <span className={css['rowText']}>
          <span className={css['rowSentence']}>{finding.sentence}</span>
          <span className={css['rowMeta']}>
            <span>{ruleTitle(finding.rule)}</span>
            <span>{finding.where}</span>
            {finding.workflow !== null && <span>{finding.workflow}</span>}
            <span>{plural(finding.runsAffected, 'run')}</span>
            {finding.owner !== null && <span>{finding.owner}</span>}
          </span>
        </span>
        <span className={css['rowEnd']}>
          <FindingState finding={finding} />
          <span className={page['dim']}>
            <Age at={finding.openedAt} />
          </span>
        </span>
      </Link>
    </li>
  );
}
