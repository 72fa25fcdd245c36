import { Outlet } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { usePreferences } from '../theme/preferences.js';
import { ConnectionBanner } from './connection-banner.js';
import { Rail } from './rail.js';
import css from './shell.module.css';
import { Shortcuts } from './shortcuts.js';
import { TopBar } from './top-bar.js';

/** What stays while pages change: rail, top bar, banner, shortcuts. */
export function Shell(): ReactElement {
  const { isRailCollapsed } = usePreferences();
  return (
    <div className={css['shell']} data-collapsed={isRailCollapsed || undefined}>
      <a href="#main" className={css['skip']}>
        Skip to the content
      </a>
      <Rail isCollapsed={isRailCollapsed} />
      <div className={css['column']}>
        <TopBar />
        <ConnectionBanner />
        <main id="main" tabIndex={-1} className={css['main']}>
          <Outlet />
        </main>
      </div>
      <Shortcuts />
    </div>
  );
}
