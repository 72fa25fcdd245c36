import { useQueryClient, type QueryKey } from '@tanstack/react-query';
import type { LiveDelta, LiveView } from '@throughline/model/socket-events';
import { useEffect, useEffectEvent, useState, useSyncExternalStore } from 'react';
import { live, type LiveState } from './connection.js';

export function useLiveState(): LiveState {
  return useSyncExternalStore(live.watch, live.state);
}

type Params = Readonly<Record<string, string>>;

/** Listens to a live view for as long as the caller is on screen. */
export function useLiveView(
  view: LiveView,
  params: Params,
  changed: (body: unknown, delta: LiveDelta | null) => void,
): void {
  const report = useEffectEvent(changed);
  const paramsText = JSON.stringify(params);
  useEffect(
    () =>
      live.subscribe({
        view,
        params: JSON.parse(paramsText) as Params,
        changed: (body, delta) => report(body, delta),
      }),
    [view, paramsText],
  );
}

/** Keeps the answer of a read query up to date from the live view that shows the same. */
export function useLiveQueryData(view: LiveView, params: Params, queryKey: QueryKey): void {
  const client = useQueryClient();
  useLiveView(view, params, (body) => {
    client.setQueryData(queryKey, body);
  });
}

/** The current time, renewed at an interval, for texts such as "3 s ago". */
export function useNow(intervalMs = 1000): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), intervalMs);
    return () => clearInterval(timer);
  }, [intervalMs]);
  return nowMs;
}
