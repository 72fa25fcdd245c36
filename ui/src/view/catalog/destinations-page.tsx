import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { DestinationView } from '@throughline/model/api/catalog';
import type { ReactElement } from 'react';
import { destinationsQuery } from '../../api/queries.js';
import page from '../../part/page.module.css';
import part from '../../part/part.module.css';
import { Answer } from '../../part/states.js';
import { StatusMark } from '../../part/status-mark.js';
import { usePageTitle } from '../../part/page-title.js';
import { formatAge, formatCount, formatRate } from '../../theme/format.js';
import { ByBroker } from '../../part/by-broker.js';
import { CatalogEmpty, CatalogTable } from './catalog-table.js';

const route = getRouteApi('/destinations');
const HEADS = ['Destination', 'Producers', 'Consumers', 'Message types', 'In', 'Out', 'Waiting'];

export function DestinationsPage(): ReactElement {
  usePageTitle('Destinations');
  const { sel } = route.useSearch();
  const query = useQuery(destinationsQuery);
  return (
    <div className={page['page']}>
      <div className={page['header']}>
        <div>
          <h1>Destinations</h1>
          <p className={page['lead']}>
            Queues, topics and exchanges: who puts messages in, who takes them out, what waits.
          </p>
        </div>
      </div>
      <Answer query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <CatalogEmpty what="destination" />
          ) : (
            <CatalogTable label="Destinations" selected={sel} heads={HEADS}>
              {items.map((entry) => (
                <Row
                  key={`${entry.system} ${entry.name}`}
                  entry={entry}
                  isSelected={entry.name === sel}
                />
              ))}
            </CatalogTable>
          )
        }
      </Answer>
    </div>
  );
}

function Services({
  names,
  none,
}: {
  readonly names: readonly string[];
  readonly none: ReactElement;
}): ReactElement {
  if (names.length === 0) return none;
  return (
    <span className={page['chips']}>
      {names.map((name) => (
        <Link key={name} to="/services" search={{ sel: name }} className={part['chip']}>
          {name}
        </Link>
      ))}
    </span>
  );
}

function Row({
  entry,
  isSelected,
}: {
  readonly entry: DestinationView;
  readonly isSelected: boolean;
}): ReactElement {
  return (
    <tr data-selected={isSelected || undefined}>
      <td className={page['name']}>
        <Link to="/runs" search={{ destination: entry.name }}>
          {entry.name}
        </Link>
        <div className={page['dim']}>
          {entry.system}
          {entry.deadLetterOf !== null && ` · dead letters of ${entry.deadLetterOf}`}
        </div>
      </td>
      <td>
        <Services names={entry.producers} none={<span className={page['dim']}>–</span>} />
      </td>
      <td>
        <Services
          names={entry.consumers}
          none={
            entry.isDeadLetter ? (
              <StatusMark mark="dead-lettered" word="Dead letters" />
            ) : (entry.broker?.consumers ?? 0) > 0 ? (
              <span className={page['dim']}>attached, and send no spans</span>
            ) : isUntold(entry) ? (
              <span className={page['dim']}>not told</span>
            ) : (
              <StatusMark mark="missing" word="Nobody takes" />
            )
          }
        />
      </td>
      <td className={page['muted']}>
        {entry.messageTypes
          .slice(0, 3)
          .map(({ type }) => type)
          .join(', ')}
        {entry.messageTypes.length > 3 && ` and ${String(entry.messageTypes.length - 3)}`}
      </td>
      <td className={page['right']}>{formatRate(entry.inPerMinute)}</td>
      <td className={page['right']}>{formatRate(entry.outPerMinute)}</td>
      <td className={page['right']}>
        {formatCount(entry.backlog)}
        {entry.oldestAgeMs !== null && entry.backlog > 0 && (
          <div className={page['dim']}>oldest {formatAge(entry.oldestAgeMs)}</div>
        )}
        <ByBroker figures={entry.broker} />
      </td>
    </tr>
  );
}

/** Only the broker knows the place, and it does not tell who reads there. */
function isUntold({ broker, sentCount }: DestinationView): boolean {
  return broker !== null && broker.consumers === null && sentCount === 0;
}
