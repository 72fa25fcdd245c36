import { randomUUID } from 'node:crypto';
import type { AlertHealthView, AlertView, SilenceView } from '@throughline/model/api/alerts';
import { formatInstant, type UnixNs } from '@throughline/model/time';
import { stateOf, type AlertRecord } from './alert/alert-record.js';
import type { Alerter } from './alert/alerter.js';
import type { FindingHistory } from './alert/finding-history.js';
import type { Heartbeat } from './alert/heartbeat.js';
import type { Receiver } from './alert/message.js';
import { pageOf } from './alert/message-of.js';
import type { NoDataWatch } from './alert/no-data-watch.js';
import type { Route } from './alert/route.js';
import type { Silence } from './alert/silence-book.js';
import { previewView } from './alert-preview.js';
import type { Clock } from './clock.js';
import type { AlertDesk } from './query/sources.js';

export interface AlertDeskDeps {
  readonly alerter: Alerter;
  readonly receivers: ReadonlyMap<string, Receiver>;
  readonly routes: readonly Route[];
  readonly history: FindingHistory;
  readonly watch: NoDataWatch;
  readonly heartbeat: Heartbeat | null;
  readonly clock: Clock;
  readonly baseUrl: () => string;
}

/** What the API shows of alerts, and what operators may do about them. */
export function alertDesk(deps: AlertDeskDeps): AlertDesk {
  const { alerter, receivers, routes, history, clock, baseUrl } = deps;
  return {
    alerts: () =>
      [...alerter.alerts()]
        .sort((a, b) =>
          a.life.sinceNs === b.life.sinceNs ? 0 : a.life.sinceNs > b.life.sinceNs ? -1 : 1,
        )
        .map((record) => alertViewOf(record, pageOf(record.finding, baseUrl()))),
    receivers: () =>
      [...receivers.values()].map(({ name, kind }) => ({
        name,
        kind,
        routes: routes.filter((route) => route.receiver === name).length,
        ...receiverViewOf(alerter.health(name)),
      })),
    health: () => healthViewOf(deps),
    preview: (wanted) => previewView(history, wanted, clock.now()),
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

function receiverViewOf(health: ReturnType<Alerter['health']>) {
  const { state, waiting, attempts, failures, givenUp, lastError } = health;
  return {
    state,
    failingSince: instantOrNull(health.failingSinceNs),
    waiting,
    oldestWaitingAt: instantOrNull(health.oldestWaitingNs),
    attempts,
    failures,
    givenUp,
    lastDeliveredAt: instantOrNull(health.lastDeliveredNs),
    lastError,
  };
}

function healthViewOf({ alerter, receivers, watch, heartbeat, clock }: AlertDeskDeps) {
  const { state, lastRanAtNs, failingSinceNs, error } = alerter.evaluation();
  const failingReceivers = [...receivers.keys()].filter(
    (name) => alerter.health(name).state === 'error',
  );
  const watches = watch.states(clock.now());
  const beat = heartbeat?.state() ?? null;
  const isError = state === 'error' || failingReceivers.length > 0 || beat?.state === 'failing';
  const isSilent = watches.some((each) => each.state === 'no-data');
  return {
    state: isError ? 'error' : isSilent ? 'no-data' : 'ok',
    evaluation: {
      state,
      lastRanAt: instantOrNull(lastRanAtNs),
      failingSince: instantOrNull(failingSinceNs),
      error,
    },
    watches: watches.map(({ silentSinceNs, lastHeardAtNs, ...each }) => ({
      ...each,
      silentSince: formatInstant(silentSinceNs),
      lastSpanAt: instantOrNull(lastHeardAtNs),
    })),
    heartbeat: beat === null ? null : beatViewOf(beat),
    failingReceivers,
  } satisfies AlertHealthView;
}

function beatViewOf({ lastSentAtNs, ...beat }: ReturnType<Heartbeat['state']>) {
  return { ...beat, lastSentAt: instantOrNull(lastSentAtNs) };
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
      bundle: notice.envelope?.isBundle === true ? notice.envelope.id : null,
    })),
    deliveries: deliveries.map(({ atNs, ...delivery }) => ({
      ...delivery,
      at: formatInstant(atNs),
    })),
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
