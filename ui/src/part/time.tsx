import { createContext, use, type ReactElement, type ReactNode } from 'react';
import { useNow } from '../live/use-live.js';
import {
  describeInstant,
  formatAge,
  formatDuration,
  formatInstant,
  instantMs,
} from '../theme/format.js';
import { usePreferences } from '../theme/preferences.js';

const NowContext = createContext(Date.now());

/** One clock for everything on the page, so that all ages agree and one timer serves them. */
export function NowProvider({ children }: { readonly children: ReactNode }): ReactElement {
  return <NowContext value={useNow()}>{children}</NowContext>;
}

export function useSharedNow(): number {
  return use(NowContext);
}

interface InstantProps {
  readonly at: string;
  readonly isPrecise?: boolean;
}

/** An instant in the chosen zone; all three readings on hover. */
export function Instant({ at, isPrecise = false }: InstantProps): ReactElement {
  const { zone } = usePreferences();
  const nowMs = useSharedNow();
  return (
    <time className="number" dateTime={at} title={describeInstant(at, nowMs)}>
      {formatInstant(at, { zone, nowMs, isPrecise })}
    </time>
  );
}

/** How long ago, always relative: for ages, whatever the zone. */
export function Age({ at }: { readonly at: string }): ReactElement {
  const nowMs = useSharedNow();
  return (
    <time className="number" dateTime={at} title={describeInstant(at, nowMs)}>
      {formatAge(nowMs - instantMs(at))}
    </time>
  );
}

export function Duration({ ms }: { readonly ms: number | null }): ReactElement {
  return <span className="number">{ms === null ? '–' : formatDuration(ms)}</span>;
}
