import type { AlertCause, AlertMatch, GroupKey } from '@throughline/model/alert';
import { matches } from './alert-match.js';
import type { Timing } from './alert-state.js';

/** Which findings a receiver is told of, and when. */
export interface Route extends Timing {
  readonly match: AlertMatch;
  readonly receiver: string;
  /** When there are many, those that are alike in these are told in one notice. */
  readonly groupBy: readonly GroupKey[];
  /** A group that storms is told this often. */
  readonly groupIntervalMs: number;
}

/** The routes that a cause takes: every receiver once, by its first route that matches. */
export function routed(cause: AlertCause, routes: readonly Route[]): readonly Route[] {
  const taken = new Map<string, Route>();
  for (const route of routes) {
    const { receiver } = route;
    if (receiver === cause.exceptReceiver || taken.has(receiver)) continue;
    if (matches(route.match, cause)) taken.set(receiver, route);
  }
  return [...taken.values()];
}

/** What the alerts of one group have in common, as text: `rule="stalled-run", workflow="order"`. */
export function groupOf(cause: AlertCause, { groupBy }: Route): string {
  return groupBy.map((key) => `${key}=${JSON.stringify(cause[key] ?? '')}`).join(', ');
}
