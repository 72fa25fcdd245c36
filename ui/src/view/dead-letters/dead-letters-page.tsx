import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { BrokerFigures } from '@throughline/model/api/brokers';
import type { DeadLetterGroup, DeadLetterView } from '@throughline/model/api/findings';
import type { ReactElement } from 'react';
import { deadLettersQuery, runBriefQuery } from '../../api/queries.js';
import { useLiveQueryData } from '../../live/use-live.js';
import { figuresText } from '../../part/by-broker.js';
import { classNames } from '../../part/class-names.js';
import { Command } from '../../part/copy.js';
import page from '../../part/page.module.css';
import part from '../../part/part.module.css';
import { runName } from '../../part/run-line.js';
import { Answer, Notice } from '../../part/states.js';
import { TableHead } from '../../part/table-head.js';
import { StatusMark } from '../../part/status-mark.js';
import { Age, Instant } from '../../part/time.js';
import { usePageTitle } from '../../part/page-title.js';
import { formatAge, formatCount, formatRate, middle, plural } from '../../theme/format.js';
import css from './dead-letters.module.css';

export function DeadLettersPage(): ReactElement {
  usePageTitle('Dead letters');
  const query = useQuery(deadLettersQuery);
  useLiveQueryData('dead-letters', {}, deadLettersQuery.queryKey);
  return (
    <div className={page['page']}>
      <div className={page['header']}>
        <div>
          <h1>Dead letters</h1>
          <Answer query={query} loading={null}>
            {({ items }) => <p className={page['lead']}>{summary(items)}</p>}
          </Answer>
        </div>
      </div>
      <Answer query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Notice title="No dead-letter destination known" mark="dead-lettered">
              <p>
                A queue or exchange becomes one when messages are dead-lettered into it, or when its
                name says so: dlq, dlx or dead-letter.
              </p>
            </Notice>
          ) : (
            <div className={css['list']}>
              {items.filter(isOfInterest).map((entry) => (
                <Destination key={`${entry.system} ${entry.destination}`} entry={entry} />
              ))}
              <Quiet items={items.filter((entry) => !isOfInterest(entry))} />
            </div>
          )
        }
      </Answer>
    </div>
  );
}

function summary(items: readonly DeadLetterView[]): string {
  const waiting = items.filter(({ count }) => count > 0);
  const total = waiting.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return 'Nothing waits in a dead-letter destination.';
  const oldest = Math.max(...waiting.map(({ oldestAgeMs }) => oldestAgeMs ?? 0));
  const where =
    waiting.length === 1 ? (waiting[0]?.destination ?? '') : plural(waiting.length, 'destination');
  const verb = total === 1 ? 'waits' : 'wait';
  return `${plural(total, 'message')} ${verb} in ${where}, the oldest for ${formatAge(oldest)}.`;
}

/** Something waits there, arrives there, or came back from there. */
function isOfInterest({ count, cameBack, inPerMinute }: DeadLetterView): boolean {
  return count > 0 || cameBack > 0 || inPerMinute > 0;
}

/** Destinations with nothing to tell are named, and take no more room than that. */
function Quiet({ items }: { readonly items: readonly DeadLetterView[] }): ReactElement | null {
  if (items.length === 0) return null;
  const names = items.map(({ destination, system }) => `${destination} (${system})`).join(', ');
  return <p className={page['muted']}>Known and empty: {names}.</p>;
}

function Gauge({
  label,
  value,
  note,
}: {
  readonly label: string;
  readonly value: string;
  readonly note?: string;
}): ReactElement {
  return (
    <div className={css['gauge']}>
      <dt>{label}</dt>
      <dd>
        {value}
        {note !== undefined && <span>{note}</span>}
      </dd>
    </div>
  );
}

function BrokerGauge({ figures }: { readonly figures: BrokerFigures }): ReactElement {
  const isKnown = figures.state === 'ok';
  return (
    <Gauge
      label="By the broker"
      value={figures.polledAt === null ? 'No data' : figuresText(figures)}
      note={
        isKnown ? `counted by ${figures.broker}` : `no data: ${figures.reason ?? 'it is silent'}`
      }
    />
  );
}

function Destination({ entry }: { readonly entry: DeadLetterView }): ReactElement {
  const isGrowing = entry.inPerMinute > entry.outPerMinute;
  const id = `dlq-${entry.destination}`;
  return (
    <section className={page['card']} aria-labelledby={id}>
      <div className={page['cardHead']}>
        <h2 id={id} className={css['name']}>
          {entry.destination} <span className={page['dim']}>{entry.system}</span>
        </h2>
        {entry.count === 0 ? (
          <StatusMark mark="completed" word="Empty" />
        ) : (
          <StatusMark mark="dead-lettered" word={isGrowing ? 'Growing' : 'Not growing'} isTinted />
        )}
      </div>
      <dl className={css['gauges']}>
        <Gauge label="Waiting" value={formatCount(entry.count)} />
        <Gauge
          label="Oldest"
          value={entry.oldestAgeMs === null ? '–' : formatAge(entry.oldestAgeMs)}
        />
        <Gauge label="In" value={formatRate(entry.inPerMinute)} />
        <Gauge label="Out" value={formatRate(entry.outPerMinute)} />
        <Gauge
          label="Came back"
          value={formatCount(entry.cameBack)}
          note="taken out of there again"
        />
        {entry.broker !== null && <BrokerGauge figures={entry.broker} />}
      </dl>
      {entry.groups.length > 0 && <Causes entry={entry} />}
      <Foot entry={entry} />
    </section>
  );
}

const HEADS = [
  'Cause',
  'Message',
  'Service',
  { name: 'Count', isNumber: true },
  'Oldest',
  'Newest',
  'Runs',
];

function Causes({ entry }: { readonly entry: DeadLetterView }): ReactElement {
  return (
    <div
      className={page['tableWrap']}
      tabIndex={0}
      role="group"
      aria-label={`Causes in ${entry.destination}`}
    >
      <table className={page['table']}>
        <TableHead heads={HEADS} />
        <tbody>
          {entry.groups.map((group) => (
            <Group
              key={`${group.reason} ${group.eventType ?? ''} ${group.service ?? ''} ${group.version ?? ''}`}
              group={group}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Foot({ entry }: { readonly entry: DeadLetterView }): ReactElement {
  return (
    <div className={classNames(page['cardBody'], css['foot'])}>
      <div className={css['redrive']}>
        <h3>Send them back</h3>
        {entry.redrive === null ? (
          <p className={page['muted']}>
            How to redrive is not known for {entry.system}. Mend the cause first, then use the tool
            of your broker.
          </p>
        ) : (
          <Command text={entry.redrive} what="redrive command" />
        )}
      </div>
      <div className={page['actions']}>
        <Link to="/runs" search={{ destination: entry.destination }} className={part['button']}>
          Runs with letters here
        </Link>
        <Link to="/findings" search={{ rule: 'dead-letter-backlog' }} className={part['button']}>
          Findings
        </Link>
      </div>
    </div>
  );
}

function RunChip({ id }: { readonly id: string }): ReactElement {
  const run = useQuery(runBriefQuery(id)).data;
  return (
    <Link to="/runs/$runId" params={{ runId: id }} className={part['chip']}>
      {run === undefined ? middle(id, 10) : runName(run)}
    </Link>
  );
}

function Group({ group }: { readonly group: DeadLetterGroup }): ReactElement {
  return (
    <tr>
      <td className={page['name']}>{group.reason}</td>
      <td>{group.eventType ?? <span className={page['dim']}>unknown</span>}</td>
      <td>
        {group.service ?? <span className={page['dim']}>unknown</span>}
        {group.version !== null && <span className={page['dim']}> {group.version}</span>}
      </td>
      <td className={page['right']}>
        {formatCount(group.count)}
        {group.cameBack > 0 && (
          <span
            className={css['again']}
            title={`Sent back ${plural(group.cameBack, 'time')} and put aside again`}
          >
            came back ×{group.cameBack}
          </span>
        )}
      </td>
      <td>
        <Instant at={group.oldestAt} />
      </td>
      <td>
        <Age at={group.newestAt} /> ago
      </td>
      <td>
        <span className={page['chips']}>
          {group.sampleRunIds.slice(0, 3).map((id) => (
            <RunChip key={id} id={id} />
          ))}
          {group.runCount > 3 && (
            <span className={page['dim']}>and {formatCount(group.runCount - 3)} more</span>
          )}
        </span>
      </td>
    </tr>
  );
}
