import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ALERT_RULES } from '@throughline/model/alert';
import type { AlertPreviewView } from '@throughline/model/api/alerts';
import { useState, type ReactElement } from 'react';
import {
  alertPreviewQuery,
  servicesQuery,
  workflowsQuery,
  type Params,
} from '../../api/queries.js';
import { Button } from '../../part/button.js';
import form from '../../part/form.module.css';
import page from '../../part/page.module.css';
import { Answer } from '../../part/states.js';
import { StatusMark } from '../../part/status-mark.js';
import { TableHead } from '../../part/table-head.js';
import { Age, Instant } from '../../part/time.js';
import { formatCount, plural } from '../../theme/format.js';
import { ruleTitle } from '../../theme/status.js';
import type { AlertsParams } from '../../url/params.js';
import css from './alerts.module.css';

const route = getRouteApi('/alerts');

type Options = readonly (readonly [value: string, label: string])[];

const SEVERITIES: Options = [
  ['critical', 'Critical'],
  ['warning', 'Warning'],
  ['info', 'Info'],
];
const HOLDS: Options = [
  ['1m', '1 minute'],
  ['5m', '5 minutes'],
  ['15m', '15 minutes'],
  ['1h', '1 hour'],
];
const REPEATS: Options = [
  ['0s', 'Never'],
  ['1h', 'Every hour'],
  ['1d', 'Every day'],
];
const WINDOWS: Options = [
  ['1h', 'Last hour'],
  ['7d', 'Last 7 days'],
  ['30d', 'Last 30 days'],
];
const RULE_OPTIONS: Options = ALERT_RULES.map((rule) => [rule, ruleTitle(rule)] as const);

/** What a route would have told, from the findings as they were: tried before it is configured. */
export function Preview(): ReactElement {
  const search = route.useSearch();
  const params: Params = Object.fromEntries(
    Object.entries(search).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const query = useQuery(alertPreviewQuery(params));
  return (
    <section className={page['card']} aria-labelledby="preview">
      <div className={page['cardHead']}>
        <h2 id="preview">Try a route</h2>
        <span className={css['aside']}>Nobody is told: it is counted over what was found.</span>
      </div>
      <div className={page['cardBody']}>
        <Choices search={search} />
      </div>
      <Answer query={query}>{(preview) => <Outcome preview={preview} />}</Answer>
    </section>
  );
}

function Choices({ search }: { readonly search: AlertsParams }): ReactElement {
  const navigate = route.useNavigate();
  const workflows = useQuery(workflowsQuery).data?.items ?? [];
  const services = useQuery(servicesQuery).data?.items ?? [];
  const pick = (name: keyof AlertsParams, label: string, [first, options]: [string, Options]) => (
    <label key={name}>
      {label}
      <select
        value={search[name] ?? ''}
        onChange={({ target: { value } }) =>
          void navigate({
            search: (old) => ({ ...old, [name]: value === '' ? undefined : value }),
            resetScroll: false,
          })
        }
      >
        <option value="">{first}</option>
        {withOwn(options, search[name]).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
  const named = (items: readonly { readonly name: string }[]): Options =>
    items.map(({ name }) => [name, name] as const);
  return (
    <form className={`${form['form'] ?? ''} ${css['choices'] ?? ''}`} aria-label="Route">
      {pick('rule', 'Rule', ['Any rule', RULE_OPTIONS])}
      {pick('severity', 'Severity', ['Any severity', SEVERITIES])}
      {pick('workflow', 'Workflow', ['Any workflow', named(workflows)])}
      {pick('service', 'Service', ['Any service', named(services)])}
      {pick('for', 'Holds for', ['Told at once', HOLDS])}
      {pick('repeat', 'Repeated', ['Every 4 hours', REPEATS])}
      {pick('window', 'Looked back', ['Last 24 hours', WINDOWS])}
    </form>
  );
}

/** A value that came with the address is a choice, too. */
function withOwn(options: Options, own: string | undefined): Options {
  if (own === undefined || options.some(([value]) => value === own)) return options;
  return [...options, [own, own]];
}

const HEADS = ['Fired', 'Finding', 'Ended', { name: 'Repeated', isNumber: true }];

/** Firings that are named at once; the rest is a click away. */
const NAMED = 10;

function Outcome({ preview }: { readonly preview: AlertPreviewView }): ReactElement {
  const { fired, notices, tooShort, items, sentence, isComplete } = preview;
  return (
    <>
      <div className={css['outcome']}>
        <p className={css['sentence']} role="status">
          {sentence}
        </p>
        <p className={page['dim']}>
          {fired === 0
            ? 'No notice would have gone out'
            : `${plural(notices, 'notice')} with repetitions and ends`}
          {tooShort > 0 &&
            ` · ${plural(tooShort, 'finding')} ended before anybody would have been told`}
        </p>
        {!isComplete && (
          <StatusMark
            mark="missing"
            word="The window reaches back further than what is remembered"
          />
        )}
      </div>
      {items.length > 0 && <Firings items={items} fired={fired} />}
    </>
  );
}

function Firings({ items, fired }: Pick<AlertPreviewView, 'items' | 'fired'>): ReactElement {
  const [showsAll, setShowsAll] = useState(false);
  const shown = showsAll ? items : items.slice(0, NAMED);
  return (
    <div
      className={`${page['tableWrap'] ?? ''} ${css['firings'] ?? ''}`}
      tabIndex={0}
      role="group"
      aria-label="What would have fired"
    >
      <table className={page['table']}>
        <TableHead heads={HEADS} />
        <tbody>
          {shown.map((item) => (
            <tr key={`${item.findingId} ${item.firedAt}`}>
              <td className={css['since']}>
                <Instant at={item.firedAt} />{' '}
                <span className={page['dim']}>
                  (<Age at={item.firedAt} />)
                </span>
              </td>
              <td className={css['finding']}>
                <Link
                  to="/findings/$findingId"
                  params={{ findingId: item.findingId }}
                  className={page['link']}
                  title={item.sentence}
                >
                  {item.sentence}
                </Link>
              </td>
              <td className={css['since']}>
                {item.resolvedAt === null ? 'still holds' : <Instant at={item.resolvedAt} />}
              </td>
              <td className={page['right']}>{formatCount(item.repeats)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length < fired && (
        <p className={css['rest']}>
          {showsAll ? (
            `The newest ${formatCount(items.length)} of ${formatCount(fired)}`
          ) : (
            <Button isSmall kind="quiet" onClick={() => setShowsAll(true)}>
              Show {items.length < fired ? 'more' : `all ${formatCount(fired)}`}
            </Button>
          )}
        </p>
      )}
    </div>
  );
}
