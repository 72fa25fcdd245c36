import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { AlertView } from '@throughline/model/api/alerts';
import type { ReactElement } from 'react';
import { alertHistoryQuery, alertsQuery } from '../../api/queries.js';
import page from '../../part/page.module.css';
import { Answer, Notice } from '../../part/states.js';
import { StatusMark } from '../../part/status-mark.js';
import { TableHead } from '../../part/table-head.js';
import { Age, Instant } from '../../part/time.js';
import { usePageTitle } from '../../part/page-title.js';
import { plural } from '../../theme/format.js';
import type { StatusMarkName } from '../../theme/status.js';
import css from './alerts.module.css';
import { Preview } from './preview.js';
import { Receivers } from './receivers.js';
import { Telling } from './telling.js';

const STATES: Record<AlertView['state'], readonly [StatusMarkName, string]> = {
  pending: ['running', 'Pending'],
  firing: ['failed', 'Firing'],
  'no-data': ['missing', 'No data'],
  error: ['failed', 'Error'],
  acknowledged: ['unknown', 'Acknowledged'],
  snoozed: ['cancelled', 'Snoozed'],
  silenced: ['cancelled', 'Silenced'],
  resolved: ['completed', 'Resolved'],
};

export function AlertsPage(): ReactElement {
  usePageTitle('Alerts');
  const held = useQuery(alertsQuery);
  const past = useQuery(alertHistoryQuery);
  return (
    <div className={page['page']}>
      <div className={page['header']}>
        <div>
          <h1>Alerts</h1>
          <p className={page['lead']}>
            Who is told of which finding, since when, and whether the notice arrived.
          </p>
        </div>
      </div>
      <div className={css['sections']}>
        <Answer query={held}>
          {({ items }) =>
            items.length === 0 ? (
              <Notice title="Nobody is being told of anything" icon="bell">
                <p>
                  An alert fires when a finding holds for as long as its route asks. Routes and
                  receivers are set in the configuration, under alerts.
                </p>
              </Notice>
            ) : (
              <Alerts title="Now" alerts={items} />
            )
          }
        </Answer>
        <Telling />
        <Receivers />
        <Preview />
        <Answer query={past} loading={null}>
          {({ items }) => (items.length === 0 ? null : <Alerts title="Resolved" alerts={items} />)}
        </Answer>
      </div>
    </div>
  );
}

const HEADS = ['State', 'Finding', 'Receiver', 'Since', 'Notice'];

function Alerts({
  title,
  alerts,
}: {
  readonly title: string;
  readonly alerts: readonly AlertView[];
}): ReactElement {
  return (
    <section className={page['card']} aria-label={title}>
      <div className={page['cardHead']}>
        <h2>
          {title} <span className={page['dim']}>{plural(alerts.length, 'alert')}</span>
        </h2>
      </div>
      <div className={page['tableWrap']} tabIndex={0} role="group" aria-label={`${title}: alerts`}>
        <table className={page['table']}>
          <TableHead heads={HEADS} />
          <tbody>
            {alerts.map((alert) => (
              <Alert key={alert.id} alert={alert} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Alert({ alert }: { readonly alert: AlertView }): ReactElement {
  const { finding, state, receiver, resolvedAt, startedAt, flips } = alert;
  const [mark, word] = STATES[state];
  return (
    <tr>
      <td>
        <StatusMark mark={mark} word={word} isTinted />
      </td>
      <td className={css['finding']}>
        {finding.rule === 'no-data' || finding.rule === 'error' ? (
          finding.sentence
        ) : (
          <Link
            to="/findings/$findingId"
            params={{ findingId: finding.id }}
            className={page['link']}
            title={finding.sentence}
          >
            {finding.sentence}
          </Link>
        )}
      </td>
      <td>{receiver}</td>
      <td className={css['since']}>
        <Instant at={resolvedAt ?? startedAt} />{' '}
        <span className={page['dim']}>
          (<Age at={resolvedAt ?? startedAt} />
          {flips > 0 && `, back ${plural(flips, 'time')}`})
        </span>
      </td>
      <td className={css['notice']}>
        <Told alert={alert} />
      </td>
    </tr>
  );
}

/** What became of the last notice; one that still waits comes first, with the reason. */
function Told({ alert }: { readonly alert: AlertView }): ReactElement {
  const waiting = alert.waiting.at(-1);
  if (waiting !== undefined) {
    return (
      <span title={waiting.lastError ?? undefined}>
        {waiting.attempts === 0
          ? 'on its way'
          : `tried ${plural(waiting.attempts, 'time')}: ${waiting.lastError ?? 'no answer'}`}
      </span>
    );
  }
  const last = alert.deliveries.at(-1);
  if (last === undefined) return <span className={page['dim']}>none yet</span>;
  return last.outcome === 'delivered' ? (
    <>
      delivered <Age at={last.at} /> ago
    </>
  ) : (
    <StatusMark mark="failed" word={`given up: ${last.error ?? 'no answer'}`} />
  );
}
