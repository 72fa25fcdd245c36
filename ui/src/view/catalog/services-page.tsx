import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ServiceView } from '@throughline/model/api/catalog';
import type { ReactElement } from 'react';
import { servicesQuery } from '../../api/queries.js';
import page from '../../part/page.module.css';
import part from '../../part/part.module.css';
import { Answer } from '../../part/states.js';
import { Age } from '../../part/time.js';
import { usePageTitle } from '../../part/page-title.js';
import { formatCount, plural } from '../../theme/format.js';
import { CatalogEmpty, CatalogTable } from './catalog-table.js';

const route = getRouteApi('/services');

export function ServicesPage(): ReactElement {
  usePageTitle('Services');
  const { sel } = route.useSearch();
  const query = useQuery(servicesQuery);
  return (
    <div className={page['page']}>
      <div className={page['header']}>
        <div>
          <h1>Services</h1>
          <p className={page['lead']}>
            Who sends, takes, calls and is called, as the spans show it.
          </p>
        </div>
      </div>
      <Answer query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <CatalogEmpty what="service" />
          ) : (
            <CatalogTable
              label="Services"
              selected={sel}
              heads={[
                'Service',
                'Owner',
                'Sends to',
                'Takes from',
                'Calls',
                'Called by',
                'Steps',
                'Last seen',
              ]}
            >
              {items.map((service) => (
                <Row key={service.name} service={service} isSelected={service.name === sel} />
              ))}
            </CatalogTable>
          )
        }
      </Answer>
    </div>
  );
}

function Places({
  names,
  to,
}: {
  readonly names: readonly string[];
  readonly to: '/destinations' | '/services';
}): ReactElement {
  if (names.length === 0) return <span className={page['dim']}>–</span>;
  return (
    <span className={page['chips']}>
      {names.slice(0, 4).map((name) => (
        <Link key={name} to={to} search={{ sel: name }} className={part['chip']}>
          {name}
        </Link>
      ))}
      {names.length > 4 && <span className={page['dim']}>and {names.length - 4}</span>}
    </span>
  );
}

function Row({
  service,
  isSelected,
}: {
  readonly service: ServiceView;
  readonly isSelected: boolean;
}): ReactElement {
  return (
    <tr data-selected={isSelected || undefined}>
      <td className={page['name']}>
        <Link
          to="/runs"
          search={{ service: service.name }}
          title={plural(service.instances.length, 'instance')}
        >
          {service.name}
        </Link>
        <div className={page['dim']}>{service.versions.join(', ')}</div>
      </td>
      <td>
        {service.owner ?? <span className={page['dim']}>not configured</span>}
        {service.runbook !== null && /^https?:/.test(service.runbook) && (
          <div>
            <a href={service.runbook} className={page['link']} target="_blank" rel="noreferrer">
              Runbook
            </a>
          </div>
        )}
      </td>
      <td>
        <Places names={service.sends} to="/destinations" />
      </td>
      <td>
        <Places names={service.takes} to="/destinations" />
      </td>
      <td>
        <Places names={service.calls} to="/services" />
      </td>
      <td>
        <Places names={service.calledBy} to="/services" />
      </td>
      <td className={page['right']}>
        {formatCount(service.stepCount)}
        {service.errorCount > 0 && (
          <div className={page['dim']}>✕ {formatCount(service.errorCount)}</div>
        )}
      </td>
      <td className={page['muted']}>
        {service.lastSeenAt === null ? (
          'never'
        ) : (
          <>
            <Age at={service.lastSeenAt} /> ago
          </>
        )}
      </td>
    </tr>
  );
}
