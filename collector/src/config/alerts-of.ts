import { resolve } from 'node:path';
import { fail, type CheckedEntries } from './checked-entries.js';
import type { AlertReceiver, AlertRoute, Config, HeartbeatEntry, NoDataEntry } from './config.js';
import { receiverKinds, type ConfigEntries } from './config-schema.js';
import { readSecret } from './environment-layer.js';

const REPEAT_MS = 4 * 3_600_000;
const GROUP_INTERVAL_MS = 30_000;
/** Whatever waits for a heartbeat knows minutes; evaluation knows seconds. */
const HEARTBEAT_MS_MIN = 5_000;

type AlertEntries = NonNullable<ConfigEntries['alerts']>;
type Listed<K extends 'receivers' | 'routes' | 'no_data'> = NonNullable<AlertEntries[K]>[number];

/** @throws Fault BAD_CONFIG for a receiver that is named and not there. */
export function alertsOf(checked: CheckedEntries): Config['alerts'] {
  const entries = checked.entries.alerts ?? {};
  const receivers = (entries.receivers ?? []).map((entry) => receiverOf(entry, checked.folder));
  return {
    receivers,
    routes: routesOf(checked, receivers),
    allowPrivate: entries.allow_private ?? false,
    noData: (entries.no_data ?? []).map(noDataOf),
    heartbeat: heartbeatOf(checked, receivers),
  };
}

function receiverOf(entry: Listed<'receivers'>, folder: string): AlertReceiver {
  const [kind = 'webhook'] = receiverKinds(entry);
  return {
    name: entry.name,
    kind,
    target: entry[kind] ?? '',
    secret:
      entry.secret_file === undefined
        ? (entry.secret ?? null)
        : readSecret(resolve(folder, entry.secret_file), `receiver ${entry.name}`),
    smtpUrl: entry.smtp ?? null,
    from: entry.from ?? null,
    url: entry.url ?? null,
  };
}

/** Receivers without any route are told everything. */
function routesOf(checked: CheckedEntries, receivers: readonly AlertReceiver[]): AlertRoute[] {
  const entries: readonly Listed<'routes'>[] =
    checked.entries.alerts?.routes ?? receivers.map(({ name }) => ({ match: {}, receiver: name }));
  return entries.map((entry, index) => {
    mustBeThere(checked, receivers, { name: entry.receiver, place: ['routes', index] });
    return {
      match: {
        rule: entry.match.rule ?? null,
        workflow: entry.match.workflow ?? null,
        service: entry.match.service ?? null,
        severity: entry.match.severity ?? null,
      },
      receiver: entry.receiver,
      forMs: entry.for ?? 0,
      repeatMs: entry.repeat ?? REPEAT_MS,
      groupBy: entry.group_by ?? [],
      groupIntervalMs: entry.group_interval ?? GROUP_INTERVAL_MS,
    };
  });
}

function noDataOf({ service, workflow, ...entry }: Listed<'no_data'>): NoDataEntry {
  const name = service ?? workflow ?? '';
  const kind = service !== undefined ? 'service' : workflow !== undefined ? 'workflow' : 'anything';
  return { kind, name, forMs: entry.for };
}

function heartbeatOf(
  checked: CheckedEntries,
  receivers: readonly AlertReceiver[],
): HeartbeatEntry | null {
  const entry = checked.entries.alerts?.heartbeat;
  if (entry === undefined) return null;
  if (entry.every < HEARTBEAT_MS_MIN) {
    const text = 'alerts.heartbeat.every: at least 5s, since alerts are evaluated once a second';
    fail(checked, ['alerts', 'heartbeat', 'every'], text);
  }
  if (entry.receiver === undefined) return { to: { url: entry.url ?? '' }, everyMs: entry.every };
  mustBeThere(checked, receivers, { name: entry.receiver, place: ['heartbeat'] });
  const kind = receivers.find(({ name }) => name === entry.receiver)?.kind;
  if (kind === 'pagerduty' || kind === 'slack' || kind === 'email') {
    const place = ['alerts', 'heartbeat', 'receiver'];
    const text = `alerts.heartbeat: nobody notices when no ${kind} message comes; use a webhook or alertmanager receiver, or the url of a service that waits for it`;
    fail(checked, place, text);
  }
  return { to: { receiver: entry.receiver }, everyMs: entry.every };
}

function mustBeThere(
  checked: CheckedEntries,
  receivers: readonly AlertReceiver[],
  named: { readonly name: string; readonly place: readonly (string | number)[] },
): void {
  if (receivers.some(({ name }) => name === named.name)) return;
  const [section = '', index] = named.place;
  const place = index === undefined ? section : `${section}[${index}]`;
  const text = `alerts.${place}: no receiver is called "${named.name}"`;
  fail(checked, ['alerts', ...named.place, 'receiver'], text);
}
