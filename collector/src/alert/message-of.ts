import { formatInstant, msFromNs, type UnixNs } from '@throughline/model/time';
import type { Due } from './alert-book.js';
import type { AlertRecord } from './alert-record.js';
import type { Message, Told, ToldFinding } from './message.js';
import { sumUp } from './sum-up.js';

export interface MessageParts {
  readonly baseUrl: string;
  readonly now: UnixNs;
  /** See `AlertBook.closedBy`. */
  readonly closes: readonly string[];
}

/** What is due, as a message: one alert as it is, or many with a summary. */
export function messageOf({ envelope, records }: Due, parts: MessageParts): Message | undefined {
  const kind = records[0]?.waiting[0]?.kind ?? 'firing';
  const [first, ...others] = records.flatMap((record) => toldOf(record, parts.baseUrl));
  if (first === undefined) return undefined;
  const { id, dedupKey, isBundle } = envelope;
  const common = {
    id,
    kind,
    group: records[0]?.group ?? '',
    sentAtMs: msFromNs(parts.now),
    baseUrl: parts.baseUrl,
    closes: kind === 'resolved' ? parts.closes : [],
  };
  if (!isBundle) return { ...first, ...common, alerts: [first] };
  const alerts = [first, ...others] as const;
  const finding = sumUp(alerts, kind, dedupKey);
  const endsAt = first.endsAt === null ? null : formatInstant(parts.now);
  const url = `${withoutSlash(parts.baseUrl)}/alerts`;
  return { ...common, dedupKey, finding, startsAt: finding.openedAt, endsAt, url, alerts };
}

/** The page that tells of the finding; conditions have none of their own. */
export function pageOf({ id, rule }: Pick<ToldFinding, 'id' | 'rule'>, baseUrl: string): string {
  const base = withoutSlash(baseUrl);
  if (rule === 'no-data' || rule === 'error') return `${base}/alerts`;
  return `${base}/findings/${encodeURIComponent(id)}`;
}

/** A message that says it is a test. */
export function testMessage(receiver: string, { baseUrl, now }: MessageParts): Message {
  const id = `test.${now.toString(36)}`;
  const finding = testFinding(receiver, now);
  const startsAt = formatInstant(now);
  const told = { dedupKey: id, finding, startsAt, endsAt: null, url: pageOf(finding, baseUrl) };
  const sentAtMs = msFromNs(now);
  return { ...told, id, kind: 'firing', sentAtMs, baseUrl, group: '', alerts: [told], closes: [] };
}

function toldOf({ dedupKey, life, waiting }: AlertRecord, baseUrl: string): readonly Told[] {
  const [notice] = waiting;
  if (notice === undefined) return [];
  const { kind, finding } = notice;
  const endsAtNs = kind === 'resolved' ? life.resolvedAtNs : null;
  return [
    {
      dedupKey,
      finding,
      startsAt: formatInstant(life.sinceNs),
      endsAt: endsAtNs === null ? null : formatInstant(endsAtNs),
      url: pageOf(finding, baseUrl),
    },
  ];
}

function withoutSlash(baseUrl: string): string {
  return baseUrl.replace(/\/$/, '');
}

function testFinding(receiver: string, now: UnixNs): ToldFinding {
  return {
    id: 'f_test',
    rule: 'stalled-run',
    severity: 'info',
    state: 'open',
    openedAt: formatInstant(now),
    closedAt: null,
    snoozedUntil: null,
    snoozedUntilRuns: null,
    subject: { kind: 'service', id: 'service:throughline', label: 'Throughline' },
    workflow: null,
    runsAffected: 0,
    runIds: [],
    where: 'nowhere',
    verdict: null,
    sentence: `This is a test of the receiver "${receiver}": nothing is wrong, and alerts arrive here.`,
    differs: [],
    evidence: [{ text: 'somebody asked for this test' }],
    next: [{ text: 'nothing: this is how a real alert looks' }],
    owner: null,
    confidence: 1,
    note: null,
  };
}
