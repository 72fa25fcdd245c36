import type { AlertCause } from '@throughline/model/alert';
import type { Finding } from '@throughline/model/finding';
import type { UnixNs } from '@throughline/model/time';
import { AddressGuard } from './alert/address-guard.js';
import { Alerter } from './alert/alerter.js';
import { FindingHistory } from './alert/finding-history.js';
import { Heartbeat } from './alert/heartbeat.js';
import type { Receiver } from './alert/message.js';
import { NoDataWatch, type Heard, type Watched } from './alert/no-data-watch.js';
import { openHeartbeat, openReceivers } from './alert/open-receivers.js';
import { alertDesk } from './alert-desk.js';
import { alertMetrics } from './alert-metrics.js';
import type { Clock } from './clock.js';
import type { Config } from './config/config.js';
import type { Engine } from './engine.js';
import type { Log } from './log.js';
import type { ReadMetric } from './metrics.js';
import type { AlertDesk } from './query/sources.js';
import { findingView } from './query/view/finding-view.js';
import type { FactStore } from './store/fact-store.js';

export interface AlertingDeps {
  readonly settings: Config['alerts'];
  readonly store: FactStore;
  readonly engine: () => Engine;
  readonly clock: Clock;
  readonly log: Log;
  readonly chance: () => number;
  /** Where `stdout` receivers write. */
  readonly write: (text: string) => void;
  /** Where people open the pages. */
  readonly baseUrl: () => string;
}

export interface Alerting {
  readonly desk: AlertDesk;
  readonly metrics: readonly ReadMetric[];
  /** Called after every sweep of the detector. */
  sweep(): void;
  close(): Promise<void>;
}

/**
 * Everything about telling people, from the configuration.
 *
 * @throws Fault BAD_CONFIG for a receiver that cannot or must not be sent to.
 */
export function openAlerting(deps: AlertingDeps): Alerting {
  const { settings, store, clock, log, chance, write, baseUrl } = deps;
  const guard = new AddressGuard(settings.allowPrivate);
  const receivers = openReceivers(settings.receivers, { guard, write });
  const { routes } = settings;
  const history = new FindingHistory(store.records('episode'));
  const watch: NoDataWatch = new NoDataWatch({
    watched: settings.noData,
    heard: (watched) => heard(deps.engine(), watched),
    ownerOf: ({ kind, name }) => (kind === 'service' ? ownerOf(deps.engine(), name) : null),
    toldSince: (id) => alerter.toldSince(id),
  });
  const alerter = new Alerter({
    store,
    clock,
    causes: (now) => causesOf(deps.engine().detector.findings(), { history, watch, now }),
    viewOf: findingView,
    receivers,
    routes,
    baseUrl,
    chance,
    report: (text, error) => log.warn(error === undefined ? {} : { err: error }, text),
  });
  const heartbeat = heartbeatOf(deps, { alerter, guard, receivers });
  const parts = { alerter, receivers, routes, clock, history, watch, heartbeat };
  return {
    desk: alertDesk({ ...parts, baseUrl }),
    metrics: alertMetrics({ ...parts, receivers: [...receivers.keys()] }),
    sweep() {
      const isSound = alerter.sweep();
      saveHistory(history, store);
      void heartbeat?.evaluated(clock.now(), isSound);
    },
    close: () => alerter.close(),
  };
}

function heard({ tables, pipeline }: Engine, { kind, name }: Watched): Heard | undefined {
  if (kind === 'service') {
    const service = tables.traffic.services().find((each) => each.name === name);
    return service && { count: service.stepCount, lastAtNs: service.lastSeenAtNs };
  }
  if (kind === 'workflow') {
    const workflow = tables.runs.workflows().find((each) => each.name === name);
    const lastAtNs = workflow?.lastActivityAtNs ?? null;
    return lastAtNs === null ? undefined : { count: workflow?.runs ?? 0, lastAtNs };
  }
  const { sinceStart, lastReceivedAtNs } = pipeline.tally();
  if (lastReceivedAtNs === null) return undefined;
  return { count: sinceStart.received, lastAtNs: lastReceivedAtNs };
}

function ownerOf({ policy }: Engine, service: string): string | null {
  return policy.owners.find((owner) => owner.service === service)?.team ?? null;
}

interface Looks {
  readonly history: FindingHistory;
  readonly watch: NoDataWatch;
  readonly now: UnixNs;
}

function causesOf(
  findings: readonly Finding[],
  { history, watch, now }: Looks,
): readonly AlertCause[] {
  const causes = [...findings, ...watch.causes(now)];
  history.observe(causes, now);
  return causes;
}

/** A store that cannot write says so itself; a preview is not worth more than that. */
function saveHistory(history: FindingHistory, store: FactStore): void {
  for (const { id, value } of history.takeUnsaved()) {
    const saved =
      value === null ? store.deleteRecord('episode', id) : store.putRecord('episode', id, value);
    saved.catch(() => undefined);
  }
}

interface HeartbeatRoom {
  readonly alerter: Alerter;
  readonly guard: AddressGuard;
  readonly receivers: ReadonlyMap<string, Receiver>;
}

function heartbeatOf(deps: AlertingDeps, room: HeartbeatRoom): Heartbeat | null {
  const { settings, store } = deps;
  if (settings.heartbeat === null) return null;
  const { to, everyMs } = settings.heartbeat;
  const isUrl = 'url' in to;
  const receiver = isUrl ? openHeartbeat(to.url, room.guard) : room.receivers.get(to.receiver);
  if (receiver === undefined) return null;
  return new Heartbeat({
    to: isUrl ? new URL(to.url).host : receiver.name,
    everyMs,
    prove: (now) => store.putRecord('alert', 'heartbeat', { provedAtNs: String(now) }),
    send: (now) => room.alerter.beat(receiver, now, everyMs),
  });
}
