import { useNavigate } from '@tanstack/react-router';
import { useState, type SubmitEvent, type ReactElement } from 'react';
import { live } from '../live/connection.js';
import { useLiveState } from '../live/use-live.js';
import { Button } from '../part/button.js';
import { Icon } from '../part/icon.js';
import { ChoiceMenu } from '../part/overlay.js';
import { Segments } from '../part/segments.js';
import { localZoneName } from '../theme/format.js';
import { setPreferences, usePreferences, type ThemeChoice } from '../theme/preferences.js';
import { filterOf } from '../url/run-query.js';
import css from './top-bar.module.css';

const TRACE_ID = /^[0-9a-f]{32}$/i;

/** An order number, a trace id, or a query: one field that goes to the run, or to the list of runs. */
function Search(): ReactElement {
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const wanted = text.trim();
    if (wanted === '') return;
    setText('');
    if (TRACE_ID.test(wanted)) void navigate({ to: '/t/$traceId', params: { traceId: wanted } });
    else if (
      /^[^\s"<>=]+$/.test(wanted) &&
      !/^(status|workflow|service|name|event|error|pattern|finding|destination):/.test(wanted)
    )
      void navigate({ to: '/k/$key', params: { key: wanted.replace(/^key:/, '') } });
    else void navigate({ to: '/runs', search: filterOf(wanted) });
  };
  return (
    <form role="search" className={css['search']} onSubmit={submit}>
      <Icon name="search" size={15} />
      <input
        id="search"
        type="search"
        autoComplete="off"
        spellCheck={false}
        value={text}
        aria-label="Find a run by key, trace id or query"
        placeholder="Order number, trace id, or status:active …"
        onChange={(event) => setText(event.target.value)}
      />
      <kbd aria-hidden="true">/</kbd>
    </form>
  );
}

function LiveSwitch(): ReactElement {
  const { isPaused, isConnected } = useLiveState();
  const word = isPaused ? 'Paused' : isConnected ? 'Live' : 'Connecting';
  return (
    <button
      type="button"
      className={css['live']}
      data-state={word.toLowerCase()}
      aria-pressed={isPaused}
      aria-label={`${word}. ${isPaused ? 'Go on with live updates' : 'Pause live updates'}`}
      title={`${isPaused ? 'Go on with' : 'Pause'} live updates ( . )`}
      onClick={() => live.setPaused(!isPaused)}
    >
      {isPaused ? <Icon name="pause" size={14} /> : <span className={css['pulse']} />}
      {word}
    </button>
  );
}

const THEMES: readonly {
  readonly value: ThemeChoice;
  readonly label: string;
  readonly icon: 'system' | 'sun' | 'moon';
}[] = [
  { value: 'system', label: 'Like the system', icon: 'system' },
  { value: 'light', label: 'Light', icon: 'sun' },
  { value: 'dark', label: 'Dark', icon: 'moon' },
];

function ThemeMenu(): ReactElement {
  const { theme } = usePreferences();
  const chosen = THEMES.find(({ value }) => value === theme);
  return (
    <ChoiceMenu
      trigger={
        <Button
          kind="quiet"
          icon={chosen?.icon ?? 'system'}
          aria-label={`Theme: ${chosen?.label ?? ''}`}
          title="Theme"
        />
      }
      choices={THEMES.map(({ value, label, icon }) => ({
        label: (
          <>
            <Icon name={icon} size={15} />
            {label}
            {value === theme && <Icon name="check" size={14} />}
          </>
        ),
        run: () => setPreferences({ theme: value }),
      }))}
    />
  );
}

export function TopBar(): ReactElement {
  const { zone } = usePreferences();
  return (
    <header className={css['topBar']}>
      <Search />
      <div className={css['topTools']}>
        <LiveSwitch />
        <span>
          <Segments
            label="Time zone"
            value={zone}
            options={[
              { value: 'local', label: 'Local', name: `Local time (${localZoneName()})` },
              { value: 'utc', label: 'UTC', name: 'UTC time' },
              { value: 'relative', label: 'Ago', name: 'Relative time' },
            ]}
            onChange={(value) => setPreferences({ zone: value })}
          />
        </span>
        <ThemeMenu />
      </div>
    </header>
  );
}
