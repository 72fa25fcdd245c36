import { randomUUID } from 'node:crypto';
import type { AlertView, SilenceView } from '@throughline/model/api/alerts';
import { formatInstant, type UnixNs } from '@throughline/model/time';
import { stateOf, type AlertRecord } from './alert/alert-record.js';
import type { Alerter } from './alert/alerter.js';
import type { Receiver } from './alert/message.js';
import type { Route } from './alert/route.js';
import type { Silence } from './alert/silence-book.js';
import type { Clock } from './clock.js';
import type { AlertDesk } from './query/sources.js';

export interface AlertDeskDeps {
  readonly alerter: Alerter;
  readonly receivers: ReadonlyMap<string, Receiver>;
  readonly routes: readonly Route[];
  readonly clock: Clock;
}

/** What the API shows of alerts, and what operators may do about them. */
export function alertDesk(deps: AlertDeskDeps): AlertDesk {
  const { alerter, receivers, routes, clock } = deps;
  return {
    alerts: () =>
      [...alerter.alerts()]
        .sort((a, b) =>
          a.life.sinceNs === b.life.sinceNs ? 0 : a.life.sinceNs > b.life.sinceNs ? -1 : 1,
        )
        .map((record) => alertViewOf(record, alerter.pageOf(record.finding.id))),
    receivers: () =>
      [...receivers.values()].map(({ name, kind }) => ({
        name,
        kind,
        routes: routes.filter((route) => route.receiver === name).length,
        ...standing(alerter.alerts().filter(({ receiver }) => receiver === name)),
      })),
    test: (name) => alerter.test(name),
    silences: () => alerter.silences().map(silenceViewOf),
    async silence({ match, endsAtNs, note }) {
      const id = `s_${randomUUID()}`;
      const silence = { id, match, createdAtNs: clock.now(), endsAtNs, note };
      await alerter.silence(silence);
      return silenceViewOf(silence);
    },
    endSilence: (id) => alerter.endSilence(id),
  };
}

function alertViewOf(record: AlertRecord, url: string): AlertView {
  const { id, dedupKey, receiver, life, finding, waiting, deliveries } = record;
  return {
    id,
    dedupKey,
    state: stateOf(record),
    receiver,
    finding,
    url,
    startedAt: formatInstant(life.sinceNs),
    firedAt: instantOrNull(life.firedAtNs),
    resolvedAt: instantOrNull(life.resolvedAtNs),
    lastNotifiedAt: instantOrNull(deliveries.findLast(wasDelivered)?.atNs ?? null),
    flips: life.flips,
    waiting: waiting.map((notice) => ({
      id: notice.id,
      kind: notice.kind,
      queuedAt: formatInstant(notice.queuedAtNs),
      attempts: notice.attempts,
      nextTryAt: formatInstant(notice.nextTryNs),
      lastError: notice.lastError,
    })),
    deliveries: deliveries.map(({ atNs, ...delivery }) => ({
      ...delivery,
      at: formatInstant(atNs),
    })),
  };
}

/** How a receiver stands, from the alerts that it gets. */
function standing(records: readonly AlertRecord[]) {
  const waiting = records.flatMap((record) => record.waiting);
  const delivered = records
    .flatMap(({ deliveries }) => deliveries)
    .filter(wasDelivered)
    .map(({ atNs }) => atNs);
  const last = delivered.reduce<UnixNs | null>((a, b) => (a === null || b > a ? b : a), null);
  return {
    waiting: waiting.length,
    lastDeliveredAt: instantOrNull(last),
    lastError: waiting.findLast(({ lastError }) => lastError !== null)?.lastError ?? null,
  };
}

function wasDelivered({ outcome }: { readonly outcome: string }): boolean {
  return outcome === 'delivered';
}

function silenceViewOf({ id, match, createdAtNs, endsAtNs, note }: Silence): SilenceView {
  return {
    id,
    match: { ...match },
    createdAt: formatInstant(createdAtNs),
    endsAt: formatInstant(endsAtNs),
    note,
  };
}

function instantOrNull(at: UnixNs | null): string | null {
  return at === null ? null : formatInstant(at);
}
