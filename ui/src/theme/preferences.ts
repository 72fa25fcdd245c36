import { useSyncExternalStore } from 'react';

export type ThemeChoice = 'system' | 'light' | 'dark';
export type ZoneChoice = 'local' | 'utc' | 'relative';

/** What a person chose for this browser. Everything that others should see too lives in the address instead. */
export interface Preferences {
  readonly theme: ThemeChoice;
  readonly zone: ZoneChoice;
  readonly isRailCollapsed: boolean;
  readonly isDense: boolean;
  readonly hasShortcuts: boolean;
  /** Who decides, as it was said last. */
  readonly actor: string;
}

const STORAGE_KEY = 'throughline.preferences';
const DEFAULTS: Preferences = {
  theme: 'system',
  zone: 'local',
  isRailCollapsed: false,
  isDense: false,
  hasShortcuts: true,
  actor: '',
};

function stored(): Preferences {
  try {
    const text = localStorage.getItem(STORAGE_KEY);
    return text === null ? DEFAULTS : { ...DEFAULTS, ...(JSON.parse(text) as Preferences) };
  } catch {
    return DEFAULTS;
  }
}

let current = stored();
const watchers = new Set<() => void>();

export function preferences(): Preferences {
  return current;
}

export function setPreferences(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(current));
  } catch {
    // Storage may be full or forbidden; the choice then lasts as long as the page.
  }
  applyTheme(current.theme);
  for (const watcher of watchers) watcher();
}

function applyTheme(theme: ThemeChoice): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

export function usePreferences(): Preferences {
  return useSyncExternalStore((watcher) => {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  }, preferences);
}
