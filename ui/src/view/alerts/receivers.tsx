import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { AlertReceiverView } from '@throughline/model/api/alerts';
import type { ReactElement } from 'react';
import { asProblem } from '../../api/problem.js';
import { alertReceiversQuery } from '../../api/queries.js';
import { postJson } from '../../api/request.js';
import { Button } from '../../part/button.js';
import page from '../../part/page.module.css';
import { Answer } from '../../part/states.js';
import { StatusMark } from '../../part/status-mark.js';
import { TableHead } from '../../part/table-head.js';
import { Age } from '../../part/time.js';
import { formatCount, plural } from '../../theme/format.js';
import css from './alerts.module.css';

const HEADS = [
  'Receiver',
  'Kind',
  'Routes',
  { name: 'Waiting', isNumber: true },
  { name: 'Failed', isNumber: true },
  'Last delivery',
  'Test',
];

/** Who can be told. A test goes out at once and says what came of it. */
export function Receivers(): ReactElement {
  const query = useQuery(alertReceiversQuery);
  return (
    <section className={page['card']} aria-labelledby="receivers">
      <div className={page['cardHead']}>
        <h2 id="receivers">Receivers</h2>
      </div>
      <Answer query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <p className={`${page['cardBody'] ?? ''} ${page['muted'] ?? ''}`}>
              No receiver is configured. Webhooks, Slack, PagerDuty, email, Alertmanager and
              standard output can be.
            </p>
          ) : (
            <div className={page['tableWrap']} tabIndex={0} role="group" aria-label="Receivers">
              <table className={page['table']}>
                <TableHead heads={HEADS} />
                <tbody>
                  {items.map((receiver) => (
                    <Receiver key={receiver.name} receiver={receiver} />
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Answer>
    </section>
  );
}

function Receiver({ receiver }: { readonly receiver: AlertReceiverView }): ReactElement {
  const { name, kind, routes, waiting, lastDeliveredAt, lastError } = receiver;
  const { state, attempts, failures, oldestWaitingAt } = receiver;
  return (
    <tr>
      <td className={page['name']}>{name}</td>
      <td className={page['muted']}>{kind}</td>
      <td>
        {routes === 0 ? <StatusMark mark="missing" word="no route" /> : plural(routes, 'route')}
      </td>
      <td className={page['right']}>
        {formatCount(waiting)}
        {oldestWaitingAt !== null && (
          <div className={page['dim']}>
            oldest <Age at={oldestWaitingAt} />
          </div>
        )}
      </td>
      <td className={page['right']}>
        {formatCount(failures)} <span className={page['dim']}>of {formatCount(attempts)}</span>
      </td>
      <td className={css['notice']}>
        {lastDeliveredAt === null ? (
          <span className={page['dim']}>none yet</span>
        ) : (
          <>
            <Age at={lastDeliveredAt} /> ago
          </>
        )}
        {lastError !== null && (
          <div title={lastError}>
            <StatusMark
              mark="failed"
              word={state === 'error' ? `Error: ${lastError}` : lastError}
            />
          </div>
        )}
      </td>
      <td>
        <SendTest name={name} />
      </td>
    </tr>
  );
}

function SendTest({ name }: { readonly name: string }): ReactElement {
  const client = useQueryClient();
  const test = useMutation({
    mutationFn: () => postJson(`alerts/receivers/${encodeURIComponent(name)}/test`, {}),
    onSettled: () => client.invalidateQueries({ queryKey: alertReceiversQuery.queryKey }),
  });
  const problem = test.error === null ? undefined : asProblem(test.error);
  return (
    <span className={css['test']}>
      <Button isSmall disabled={test.isPending} onClick={() => test.mutate()}>
        Send test
      </Button>
      <span role="status">
        {test.isPending && 'sending …'}
        {test.isSuccess && <StatusMark mark="completed" word="arrived" />}
        {problem !== undefined && (
          <StatusMark
            mark="failed"
            word={problem.detail === '' ? problem.message : problem.detail}
          />
        )}
      </span>
    </span>
  );
}
