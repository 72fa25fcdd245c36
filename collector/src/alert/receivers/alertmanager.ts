import { createHash } from 'node:crypto';
import {
  evidenceLines,
  isBundle,
  type Beat,
  type Message,
  type Receiver,
  type Told,
} from '../message.js';
import type { PostJson } from '../post-json.js';

/** How Alertmanager writes "not yet". */
const NO_TIME = '0001-01-01T00:00:00Z';

export interface AlertmanagerTarget {
  readonly name: string;
  readonly url: URL;
  readonly post: PostJson;
}

/** What Alertmanager sends to its webhook receivers, version 4, so that these take our alerts unchanged. */
export function alertmanager({ name, url, post }: AlertmanagerTarget): Receiver {
  return {
    name,
    kind: 'alertmanager',
    send: (message, signal) =>
      post({ url, body: JSON.stringify(alertmanagerBody(message, name)) }, signal),
    beat: (beat, signal) => post({ url, body: JSON.stringify(watchdogBody(beat, name)) }, signal),
  };
}

type Labels = Readonly<Record<string, string>>;

export function alertmanagerBody(message: Message, receiver: string): unknown {
  const { kind, finding, group, baseUrl } = message;
  const alerts = message.alerts.map((told) => alertOf(told, message));
  const groupLabels = isBundle(message)
    ? groupLabelsOf(message)
    : { alertname: finding.rule, finding: finding.id };
  const groupKey = isBundle(message)
    ? group
    : `alertname="${finding.rule}", finding="${finding.id}"`;
  return {
    version: '4',
    groupKey: `{}:{${groupKey}}`,
    truncatedAlerts: 0,
    status: kind,
    receiver,
    groupLabels,
    commonLabels: common(alerts.map(({ labels }) => labels)),
    commonAnnotations: isBundle(message)
      ? { summary: finding.sentence }
      : common(alerts.map(({ annotations }) => annotations)),
    externalURL: baseUrl,
    alerts,
  };
}

/** The alert that always fires, as Prometheus installations have it: it is its absence that tells something. */
export function watchdogBody({ sentAtMs, everyMs, baseUrl }: Beat, receiver: string): unknown {
  const labels = { alertname: 'Watchdog', severity: 'none', source: 'throughline' };
  const annotations = {
    summary: `Throughline evaluates its alerts and can store them. This comes every ${everyMs / 1_000} s.`,
  };
  return {
    version: '4',
    groupKey: '{}:{alertname="Watchdog"}',
    truncatedAlerts: 0,
    status: 'firing',
    receiver,
    groupLabels: { alertname: 'Watchdog' },
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: baseUrl,
    alerts: [
      {
        status: 'firing',
        labels,
        annotations,
        startsAt: new Date(sentAtMs).toISOString(),
        endsAt: NO_TIME,
        generatorURL: baseUrl,
        fingerprint: fingerprintOf(labels),
      },
    ],
  };
}

function alertOf(told: Told, { kind }: Message) {
  const { finding, startsAt, endsAt, url, dedupKey } = told;
  const labels = labelsOf(told);
  const annotations: Labels = {
    summary: finding.sentence,
    description: evidenceLines(told).join('\n'),
    next_steps: finding.next.map(({ text }) => text).join('\n'),
    runs_affected: String(finding.runsAffected),
    dedup_key: dedupKey,
  };
  return {
    status: kind,
    labels,
    annotations,
    startsAt,
    endsAt: endsAt ?? NO_TIME,
    generatorURL: url,
    fingerprint: fingerprintOf(labels),
  };
}

/** What all of them say alike. */
function common(all: readonly Labels[]): Labels {
  const [first = {}, ...others] = all;
  const alike = Object.entries(first).filter(([name, value]) =>
    others.every((each) => each[name] === value),
  );
  return Object.fromEntries(alike);
}

/** `rule="stalled-run", workflow="order"` as labels. */
function groupLabelsOf({ group, finding }: Message): Labels {
  const pairs = [...group.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
  const labels = pairs.map(([, name = '', text = '']) => [
    name === 'rule' ? 'alertname' : name,
    String(JSON.parse(`"${text}"`)),
  ]);
  return labels.length === 0 ? { alertname: finding.rule } : (Object.fromEntries(labels) as Labels);
}

/** Labels say which alert it is, so nothing in them changes while it lasts. */
function labelsOf({ finding }: Told): Record<string, string> {
  return {
    alertname: finding.rule,
    finding: finding.id,
    severity: finding.severity,
    subject_kind: finding.subject.kind,
    ...(finding.workflow === null ? {} : { workflow: finding.workflow }),
    ...(finding.owner === null ? {} : { owner: finding.owner }),
  };
}

/** 16 hex digits that stand for the label set, as in Alertmanager. */
function fingerprintOf(labels: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 16);
}
