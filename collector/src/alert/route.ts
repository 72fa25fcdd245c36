import type { AlertMatch } from '@throughline/model/alert';
import type { Finding } from '@throughline/model/finding';
import { matches } from './alert-match.js';
import type { Timing } from './alert-state.js';

/** Which findings a receiver is told of, and when. */
export interface Route extends Timing {
  readonly match: AlertMatch;
  readonly receiver: string;
}

/** The routes that a finding takes: every receiver once, by its first route that matches. */
export function routed(finding: Finding, routes: readonly Route[]): readonly Route[] {
  const taken = new Map<string, Route>();
  for (const route of routes) {
    if (!taken.has(route.receiver) && matches(route.match, finding)) {
      taken.set(route.receiver, route);
    }
  }
  return [...taken.values()];
}
