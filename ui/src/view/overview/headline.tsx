import type { WorkflowView } from '@throughline/model/api/catalog';
import type { FindingView } from '@throughline/model/api/findings';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { classNames } from '../../part/class-names.js';
import { Icon, StatusIcon } from '../../part/icon.js';
import part from '../../part/part.module.css';
import { toneClass } from '../../part/status-mark.js';
import { Age, useSharedNow } from '../../part/time.js';
import { formatAge, formatCount, plural } from '../../theme/format.js';
import { ruleMark, ruleTitle, STATUS_TONE } from '../../theme/status.js';
import { needsSomebody } from '../../theme/urgency.js';
import css from './headline.module.css';

const SHOWN_MAX = 3;

interface HeadlineProps {
  readonly findings: readonly FindingView[];
  readonly workflows: readonly WorkflowView[];
  readonly checkedAtMs: number;
}

/** The answer to "what needs me now?", before any number. */
export function Headline({ findings, workflows, checkedAtMs }: HeadlineProps): ReactElement {
  if (findings.length === 0) return <AllWell workflows={workflows} checkedAtMs={checkedAtMs} />;
  const urgent = findings.filter(needsSomebody);
  const shown = (urgent.length > 0 ? urgent : findings).slice(0, SHOWN_MAX);
  const noteCount = findings.length - urgent.length;
  return (
    <section aria-labelledby="headline" className={css['headline']}>
      <h1 id="headline">{headlineText(urgent.length, noteCount)}</h1>
      <ul className={css['urgent']}>
        {shown.map((finding) => (
          <Urgent key={finding.id} finding={finding} />
        ))}
      </ul>
      {findings.length > shown.length && (
        <Link to="/findings" className={css['more']}>
          {restText(shown, urgent.length, noteCount)}
          <Icon name="chevron" size={14} />
        </Link>
      )}
    </section>
  );
}

/** Counted as the badge beside "Findings" counts: notes are told apart, for they need nobody. */
function headlineText(urgentCount: number, noteCount: number): string {
  const notes = plural(noteCount, 'note');
  if (urgentCount === 0) return `Nothing urgent. ${notes} to read.`;
  const things = `${plural(urgentCount, 'thing')} ${urgentCount === 1 ? 'needs' : 'need'} you`;
  return noteCount === 0 ? things : `${things}, and ${notes}`;
}

/** What the cards leave out: `1 more that needs you and 1 note`. */
function restText(shown: readonly FindingView[], urgentCount: number, noteCount: number): string {
  const more = urgentCount - shown.filter(needsSomebody).length;
  const notes = noteCount - shown.filter((finding) => !needsSomebody(finding)).length;
  const parts: string[] = [];
  if (more > 0) parts.push(`${formatCount(more)} more that ${more === 1 ? 'needs' : 'need'} you`);
  if (notes > 0) parts.push(plural(notes, urgentCount === 0 ? 'more note' : 'note'));
  return parts.join(' and ');
}

/** One click leads to where the cause is named: the run itself when only one is affected. */
function Urgent({ finding }: { readonly finding: FindingView }): ReactElement {
  const mark = ruleMark(finding.rule);
  const only =
    finding.subject.kind === 'run' ? (finding.runIds[0] ?? finding.subject.id) : undefined;
  const content = (
    <>
      <span className={css['urgentIcon']}>
        <StatusIcon mark={mark} size={20} />
      </span>
      <span className={css['urgentText']}>
        <span className={css['urgentKind']}>
          {ruleTitle(finding.rule)} · <Age at={finding.openedAt} />
          {finding.runsAffected > 1 && <> · {plural(finding.runsAffected, 'run')}</>}
        </span>
        <span>{finding.sentence}</span>
      </span>
      <Icon name="chevron" className={css['urgentGo']} />
    </>
  );
  const className = classNames(css['urgentCard'], toneClass(STATUS_TONE[mark]));
  return (
    <li>
      {only === undefined ? (
        <Link to="/findings/$findingId" params={{ findingId: finding.id }} className={className}>
          {content}
        </Link>
      ) : (
        <Link to="/runs/$runId" params={{ runId: only }} className={className}>
          {content}
        </Link>
      )}
    </li>
  );
}

function AllWell({ workflows, checkedAtMs }: Omit<HeadlineProps, 'findings'>): ReactElement {
  const nowMs = useSharedNow();
  const undeclared = workflows.filter(({ declared }) => !declared).length;
  return (
    <section className={css['headline']} aria-labelledby="headline">
      <h1 id="headline" className={css['well']}>
        <span className={classNames(css['wellIcon'], part['ok'])}>
          <StatusIcon mark="completed" size={26} />
        </span>
        Nothing needs you
      </h1>
      <p className={css['wellText']}>
        Last check {formatAge(Math.max(1000, nowMs - checkedAtMs))} ago.
        {undeclared > 0 &&
          ` Not judged for lateness: ${plural(undeclared, 'workflow')} without declared expectations.`}
      </p>
    </section>
  );
}
