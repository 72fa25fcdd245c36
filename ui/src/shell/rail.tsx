import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { findingsQuery } from '../api/queries.js';
import type { GlyphName } from '../draw/glyphs.js';
import { Icon } from '../part/icon.js';
import { setPreferences } from '../theme/preferences.js';
import { needsSomebody } from '../theme/urgency.js';
import css from './rail.module.css';

const WATCH = [
  { to: '/', label: 'Overview', icon: 'overview' },
  { to: '/map', label: 'Map', icon: 'map' },
  { to: '/runs', label: 'Runs', icon: 'runs' },
  { to: '/findings', label: 'Findings', icon: 'findings' },
  { to: '/alerts', label: 'Alerts', icon: 'bell' },
  { to: '/dead-letters', label: 'Dead letters', icon: 'dead-letters' },
] as const;

const KNOW = [
  { to: '/workflows', label: 'Workflows', icon: 'workflows' },
  { to: '/services', label: 'Services', icon: 'service' },
  { to: '/destinations', label: 'Destinations', icon: 'catalog' },
  { to: '/setup', label: 'Setup', icon: 'setup' },
] as const;

interface RailLinkProps {
  readonly to: (typeof WATCH | typeof KNOW)[number]['to'];
  readonly label: string;
  readonly icon: GlyphName;
  readonly count?: number;
}

function RailLink({ to, label, icon, count = 0 }: RailLinkProps): ReactElement {
  return (
    <li>
      <Link
        to={to}
        activeOptions={{ exact: to === '/', includeSearch: false }}
        className={css['railLink']}
        title={label}
      >
        <Icon name={icon} />
        <span className={css['railLabel']}>{label}</span>
        {count > 0 && (
          <span className={css['railCount']}>
            {count}
            <span className="visually-hidden"> need you</span>
          </span>
        )}
      </Link>
    </li>
  );
}

export function Rail({ isCollapsed }: { readonly isCollapsed: boolean }): ReactElement {
  const findings = useQuery(findingsQuery({ state: 'open' })).data?.items ?? [];
  const urgent = findings.filter(needsSomebody).length;
  return (
    <nav className={css['rail']} aria-label="Main">
      <Link to="/" className={css['brand']} title="Throughline">
        <svg aria-hidden="true" viewBox="0 0 24 24" width="24" height="24">
          <rect width="24" height="24" rx="6" className={css['brandTile']} />
          <path d="M3.5 12H8m8 0h4.5" className={css['brandLine']} />
          <rect x="8" y="8.5" width="8" height="7" rx="2" className={css['brandLine']} />
        </svg>
        <span className={css['railLabel']}>Throughline</span>
      </Link>
      <ul>
        {WATCH.map((link) => (
          <RailLink key={link.to} {...link} count={link.to === '/findings' ? urgent : 0} />
        ))}
      </ul>
      <p className={css['railGroup']}>
        <span className={css['railLabel']}>Catalog</span>
      </p>
      <ul>
        {KNOW.map((link) => (
          <RailLink key={link.to} {...link} />
        ))}
      </ul>
      <button
        type="button"
        className={css['railToggle']}
        aria-pressed={isCollapsed}
        title="Collapse the navigation ( [ )"
        onClick={() => setPreferences({ isRailCollapsed: !isCollapsed })}
      >
        <Icon name="collapse" />
        <span className={css['railLabel']}>Collapse</span>
      </button>
    </nav>
  );
}
