import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { FindingView } from '@throughline/model/api/findings';
import type { ReactElement } from 'react';
import { asProblem } from '../../api/problem.js';
import { findingQuery, someRunsQuery } from '../../api/queries.js';
import { classNames } from '../../part/class-names.js';
import { Command } from '../../part/copy.js';
import { Icon } from '../../part/icon.js';
import page from '../../part/page.module.css';
import part from '../../part/part.module.css';
import { usePageTitle } from '../../part/page-title.js';
import { RunLine } from '../../part/run-line.js';
import { ServerLink } from '../../part/server-link.js';
import { Answer, Notice } from '../../part/states.js';
import { StatusMark, toneClass } from '../../part/status-mark.js';
import { Age, Instant } from '../../part/time.js';
import { formatShare, plural, sentenceCase } from '../../theme/format.js';
import { ruleMark, ruleTitle, STATUS_TONE } from '../../theme/status.js';
import { FindingActions } from './finding-actions.js';
import { Differences } from './finding-differences.js';
import { FindingState } from './finding-state.js';
import css from './findings.module.css';
import { VERDICT_TEXT } from './verdict-text.js';

const route = getRouteApi('/findings/$findingId');
const SAMPLE = '12';

export function FindingPage(): ReactElement {
  const { findingId } = route.useParams();
  const query = useQuery(findingQuery(findingId));
  const finding = query.data;
  usePageTitle(finding ? ruleTitle(finding.rule) : 'Finding', finding?.where);
  if (query.data === undefined && query.error && asProblem(query.error).isNotFound) {
    return (
      <Notice
        title="This finding is not known"
        isPage
        icon="search"
        actions={
          <Link to="/findings" className={part['button']}>
            All findings
          </Link>
        }
      >
        <p>It may have been closed and forgotten long ago.</p>
      </Notice>
    );
  }
  return (
    <div className={page['page']}>
      <Answer query={query}>{(shown) => <Body finding={shown} />}</Answer>
    </div>
  );
}

function Body({ finding }: { readonly finding: FindingView }): ReactElement {
  const mark = ruleMark(finding.rule);
  const [newest] = finding.runIds;
  return (
    <article className={toneClass(STATUS_TONE[mark])}>
      <nav aria-label="Breadcrumb" className={page['crumbs']}>
        <Link to="/findings">Findings</Link>
        <Icon name="chevron" size={12} />
        <Link to="/findings" search={{ rule: finding.rule }}>
          {ruleTitle(finding.rule)}
        </Link>
      </nav>
      <header className={css['head']}>
        <div className={css['headMarks']}>
          <StatusMark mark={mark} word={ruleTitle(finding.rule)} isTinted isLarge />
          <FindingState finding={finding} />
          <span className={page['muted']}>
            since <Instant at={finding.openedAt} /> (<Age at={finding.openedAt} />)
          </span>
        </div>
        <h1 className={css['sentence']}>{finding.sentence}</h1>
        <div className={page['actions']}>
          {newest !== undefined && (
            <Link
              to="/runs/$runId"
              params={{ runId: newest }}
              className={part['button']}
              data-kind="primary"
            >
              {finding.runIds.length === 1 ? 'Open the run' : 'Open the newest run'}
            </Link>
          )}
          <FindingActions finding={finding} />
        </div>
        {finding.note !== null && (
          <p className={css['note']}>
            <Icon name="person" size={14} /> {finding.note}
          </p>
        )}
      </header>
      <div className={css['detail']}>
        <div className={css['column']}>
          <NextSteps finding={finding} />
          <EvidenceList finding={finding} />
          <Differences finding={finding} />
        </div>
        <div className={css['column']}>
          <Facts finding={finding} />
          <Affected finding={finding} />
        </div>
      </div>
    </article>
  );
}

function Said({
  text,
  link,
}: {
  readonly text: string;
  readonly link: string | undefined;
}): ReactElement {
  return link === undefined ? <>{text}</> : <ServerLink href={link}>{text}</ServerLink>;
}

function NextSteps({ finding }: { readonly finding: FindingView }): ReactElement | null {
  if (finding.next.length === 0) return null;
  return (
    <section className={page['card']} aria-labelledby="next">
      <div className={page['cardHead']}>
        <h2 id="next">What to do next</h2>
      </div>
      <ol className={css['next']}>
        {finding.next.map(({ text, command, link }) => (
          <li key={text}>
            <p>
              <Said text={sentenceCase(text)} link={link} />
            </p>
            {command !== undefined && <Command text={command} />}
          </li>
        ))}
      </ol>
    </section>
  );
}

function EvidenceList({ finding }: { readonly finding: FindingView }): ReactElement {
  // What differs has a table of its own.
  const told = finding.evidence.filter(({ text }) => !text.startsWith('what differs: '));
  return (
    <section className={page['card']} aria-labelledby="evidence">
      <div className={page['cardHead']}>
        <h2 id="evidence">Why this was found</h2>
      </div>
      <ul className={css['evidence']}>
        {finding.verdict !== null && (
          <li>
            <span>Verdict</span>
            <strong>{VERDICT_TEXT[finding.verdict]}</strong>
          </li>
        )}
        {told.map(({ text, value, link }) => (
          <li key={text}>
            <span>
              <Said text={sentenceCase(text, finding.where)} link={link} />
            </span>
            {value !== undefined && <strong className="number">{value}</strong>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Facts({ finding }: { readonly finding: FindingView }): ReactElement {
  return (
    <section className={page['card']} aria-labelledby="facts">
      <div className={page['cardHead']}>
        <h2 id="facts">About it</h2>
      </div>
      <dl className={classNames(page['cardBody'], page['facts'])}>
        <dt>Where</dt>
        <dd>{finding.where}</dd>
        <dt>Subject</dt>
        <dd>
          {finding.subject.kind} {finding.subject.label}
        </dd>
        {finding.workflow !== null && (
          <>
            <dt>Workflow</dt>
            <dd>
              <Link to="/runs" search={{ workflow: finding.workflow }} className={page['link']}>
                {finding.workflow}
              </Link>
            </dd>
          </>
        )}
        <dt>Owner</dt>
        <dd>{finding.owner ?? <span className={page['dim']}>not configured</span>}</dd>
        <dt>Confidence</dt>
        <dd className="number">{formatShare(finding.confidence)}</dd>
        {finding.closedAt !== null && (
          <>
            <dt>Closed</dt>
            <dd>
              <Instant at={finding.closedAt} />
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

function Affected({ finding }: { readonly finding: FindingView }): ReactElement {
  const filter = {
    finding: finding.rule,
    ...(finding.workflow !== null && { workflow: finding.workflow }),
  };
  const query = useQuery(someRunsQuery({ ...filter, limit: SAMPLE }));
  return (
    <section className={page['card']} aria-labelledby="affected">
      <div className={page['cardHead']}>
        <h2 id="affected">{plural(finding.runsAffected, 'run')} affected</h2>
        {finding.runsAffected > 1 && (
          <Link to="/runs" search={filter}>
            Show those runs
          </Link>
        )}
      </div>
      <div className={page['cardBody']}>
        <Answer query={query}>
          {({ items }) => {
            const own = items.filter(({ id }) => finding.runIds.includes(id));
            return own.length === 0 ? (
              <ul className={css['ids']}>
                {finding.runIds.map((id) => (
                  <li key={id}>
                    <Link to="/runs/$runId" params={{ runId: id }} className={page['link']}>
                      {id}
                    </Link>
                  </li>
                ))}
                {finding.runIds.length === 0 && (
                  <li className={page['muted']}>No run is held up by it.</li>
                )}
              </ul>
            ) : (
              <ul>
                {own.map((run) => (
                  <li key={run.id}>
                    <RunLine run={run} />
                  </li>
                ))}
              </ul>
            );
          }}
        </Answer>
      </div>
    </section>
  );
}
