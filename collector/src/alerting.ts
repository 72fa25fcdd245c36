import type { Clock } from './clock.js';
import { AddressGuard } from './alert/address-guard.js';
import { Alerter } from './alert/alerter.js';
import { openReceivers } from './alert/open-receivers.js';
import { alertDesk } from './alert-desk.js';
import type { Config } from './config/config.js';
import type { Finding } from '@throughline/model/finding';
import type { Log } from './log.js';
import type { AlertDesk } from './query/sources.js';
import { findingView } from './query/view/finding-view.js';
import type { FactStore } from './store/fact-store.js';

export interface AlertingDeps {
  readonly settings: Config['alerts'];
  readonly store: FactStore;
  readonly findings: () => readonly Finding[];
  readonly clock: Clock;
  readonly log: Log;
  readonly chance: () => number;
  /** Where `stdout` receivers write. */
  readonly write: (text: string) => void;
  /** Where people open the pages. */
  readonly baseUrl: () => string;
}

/**
 * Everything about telling people, from the configuration.
 *
 * @throws Fault BAD_CONFIG for a receiver that cannot or must not be sent to.
 */
export function openAlerting(deps: AlertingDeps): { alerter: Alerter; desk: AlertDesk } {
  const { settings, store, findings, clock, log, chance, write, baseUrl } = deps;
  const guard = new AddressGuard(settings.allowPrivate);
  const receivers = openReceivers(settings.receivers, { guard, write });
  const { routes } = settings;
  const alerter = new Alerter({
    store,
    clock,
    findings,
    viewOf: findingView,
    receivers,
    routes,
    baseUrl,
    chance,
    report: (text, error) => log.warn(error === undefined ? {} : { err: error }, text),
  });
  return { alerter, desk: alertDesk({ alerter, receivers, routes, clock }) };
}
