import { useNavigate, useRouter } from '@tanstack/react-router';
import { useEffect, useEffectEvent, useRef, useState, type ReactElement } from 'react';
import { live } from '../live/connection.js';
import { copyText } from '../part/copy.js';
import { Modal } from '../part/overlay.js';
import { preferences, setPreferences, usePreferences } from '../theme/preferences.js';
import css from './shortcuts.module.css';

const GO = {
  o: '/',
  m: '/map',
  r: '/runs',
  i: '/findings',
  a: '/alerts',
  d: '/dead-letters',
  f: '/workflows',
  s: '/services',
} as const;

const SHEET: readonly (readonly [string, string])[] = [
  ['?', 'This sheet'],
  ['/', 'Search'],
  [
    'g o · m · r · i · a · d · f · s',
    'Go to overview, map, runs, findings, alerts, dead letters, workflows, services',
  ],
  ['[', 'Collapse the navigation'],
  ['.', 'Pause or go on with live updates'],
  ['c', 'Copy the link of this page'],
  ['j · k · Enter', 'Next, previous, open (lists)'],
  ['← ↑ → ↓', 'Walk along causes and effects (map, flow)'],
  ['+ · − · 0', 'Zoom in, zoom out, fit'],
  ['Esc', 'Close the panel'],
];

const GO_WAIT_MS = 1200;

/** Typing into a field, or a chord of the browser, is never a shortcut. */
export function isForShortcuts(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null;
  const isTyping = target?.closest(
    'input, textarea, select, [contenteditable], [role=menu], [role=dialog]',
  );
  return (
    !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey && preferences().hasShortcuts
  );
}

export function Shortcuts(): ReactElement {
  const [isOpen, setOpen] = useState(false);
  const navigate = useNavigate();
  const router = useRouter();
  const { hasShortcuts } = usePreferences();
  const goUntilMs = useRef(0);
  const single: Record<string, () => void> = {
    '?': () => setOpen(true),
    '/': () => document.getElementById('search')?.focus(),
    '[': () => setPreferences({ isRailCollapsed: !preferences().isRailCollapsed }),
    '.': () => live.setPaused(!live.state().isPaused),
    c: () => void copyText(window.location.origin + router.state.location.publicHref),
  };
  const pressed = useEffectEvent((event: KeyboardEvent) => {
    if (!isForShortcuts(event)) return;
    const destination = Object.entries(GO).find(([key]) => key === event.key)?.[1];
    if (Date.now() < goUntilMs.current && destination !== undefined) {
      goUntilMs.current = 0;
      event.preventDefault();
      void navigate({ to: destination });
      return;
    }
    goUntilMs.current = event.key === 'g' ? Date.now() + GO_WAIT_MS : 0;
    const act = Object.hasOwn(single, event.key) ? single[event.key] : undefined;
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => pressed(event);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);
  return (
    <Modal isOpen={isOpen} setOpen={setOpen} title="Keyboard">
      <dl className={css['sheet']}>
        {SHEET.map(([keys, meaning]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <label className={css['sheetSwitch']}>
        <input
          type="checkbox"
          checked={hasShortcuts}
          onChange={(event) => setPreferences({ hasShortcuts: event.target.checked })}
        />
        Single-key shortcuts are on
      </label>
    </Modal>
  );
}
