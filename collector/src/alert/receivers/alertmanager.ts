import { createHash } from 'node:crypto';
import { evidenceLines, type Message, type Receiver } from '../message.js';
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
  };
}

export function alertmanagerBody(message: Message, receiver: string): unknown {
  const { kind, finding, startsAt, endsAt, url, baseUrl } = message;
  const labels = labelsOf(message);
  const annotations = {
    summary: finding.sentence,
    description: evidenceLines(message).join('\n'),
    next_steps: finding.next.map(({ text }) => text).join('\n'),
    runs_affected: String(finding.runsAffected),
    dedup_key: message.dedupKey,
  };
  const groupLabels = { alertname: finding.rule, finding: finding.id };
  return {
    version: '4',
    groupKey: `{}:{alertname="${finding.rule}", finding="${finding.id}"}`,
    truncatedAlerts: 0,
    status: kind,
    receiver,
    groupLabels,
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: baseUrl,
    alerts: [
      {
        status: kind,
        labels,
        annotations,
        startsAt,
        endsAt: endsAt ?? NO_TIME,
        generatorURL: url,
        fingerprint: fingerprintOf(labels),
      },
    ],
  };
}

/** Labels say which alert it is, so nothing in them changes while it lasts. */
function labelsOf({ finding }: Message): Record<string, string> {
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
