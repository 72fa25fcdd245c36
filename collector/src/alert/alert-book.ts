import type { FindingView } from '@throughline/model/api/findings';
import type { Finding } from '@throughline/model/finding';
import { formatInstant, nsFromMs, type UnixNs } from '@throughline/model/time';
import { LIMITS } from '../limits.js';
import { fromSaved, toSaved, type AlertRecord, type NoticeKind } from './alert-record.js';
import { step, type Life } from './alert-state.js';
import { backoffMs } from './backoff.js';
import { delivered, failed, gaveUp, type Failure } from './notice-outcome.js';
import { routed, type Route } from './route.js';

export interface AlertBookParts {
  readonly routes: readonly Route[];
  readonly receivers: ReadonlySet<string>;
  readonly viewOf: (finding: Finding) => FindingView;
  /** What `takeUnsaved` gave, by id. */
  readonly saved: ReadonlyMap<string, unknown>;
}

export interface Evaluation {
  readonly findings: readonly Finding[];
  readonly isSilenced: (finding: Finding) => boolean;
  readonly now: UnixNs;
}

/**
 * All alerts: one per finding and receiver, and per episode one record. A finding stands for a cause, whatever the
 * number of runs it affects, so one cause gives one alert. Pure but for what it remembers: *now* and chance are
 * arguments, and whoever calls it saves and sends.
 */
export class AlertBook {
  readonly #parts: AlertBookParts;
  readonly #records = new Map<string, AlertRecord>();
  /** The latest episode of a finding for a receiver. */
  readonly #latest = new Map<string, string>();
  readonly #unsaved = new Set<string>();

  constructor(parts: AlertBookParts) {
    this.#parts = parts;
    const records = [...parts.saved.values()].flatMap((saved) => fromSaved(saved) ?? []);
    records.sort((a, b) => (a.life.sinceNs < b.life.sinceNs ? -1 : 1));
    for (const record of records) {
      this.#records.set(record.id, record);
      this.#latest.set(placeOf(record.receiver, record.finding.id), record.id);
    }
  }

  /** Compares what is found now with what is alerted, and makes the notices that follow. */
  evaluate({ findings, isSilenced, now }: Evaluation): void {
    const seen = new Set<string>();
    for (const finding of findings) {
      if (finding.state === 'closed') continue;
      const mutedBy = mutedByOf(finding, isSilenced, now);
      for (const route of routed(finding, this.#parts.routes)) {
        const place = placeOf(route.receiver, finding.id);
        seen.add(place);
        this.#see(place, { finding, route, mutedBy, now });
      }
    }
    for (const record of [...this.#records.values()]) {
      const { id, receiver, life } = record;
      if (!this.#parts.receivers.has(receiver)) this.#abandon(record, now);
      else if (life.phase !== 'resolved' && !seen.has(placeOf(receiver, record.finding.id))) {
        this.#miss(id, findings, now);
      }
    }
    this.#forgetOldest();
  }

  /** The notice that a receiver is to be told next. What resolves waits for what fired before it. */
  due(receiver: string, now: UnixNs, maySend: (id: string) => boolean): Due | undefined {
    let first: (Due & { readonly queuedAtNs: UnixNs }) | undefined;
    for (const record of this.#records.values()) {
      const [notice] = record.waiting;
      if (notice === undefined || record.receiver !== receiver || notice.nextTryNs > now) continue;
      if (first !== undefined && first.queuedAtNs <= notice.queuedAtNs) continue;
      if (!maySend(record.id)) continue;
      first = { record, noticeId: notice.id, queuedAtNs: notice.queuedAtNs };
    }
    return first;
  }

  delivered(recordId: string, noticeId: string, now: UnixNs): void {
    this.#change(recordId, (record) => delivered(record, noticeId, now));
  }

  /** @param failure.chance from 0 up to, not including, 1. */
  failed(recordId: string, noticeId: string, failure: Failure & { readonly chance: number }): void {
    const { chance, now, retryAfterMs } = failure;
    this.#change(recordId, (record) => {
      const notice = record.waiting.find(({ id }) => id === noticeId);
      if (notice === undefined) return record;
      const isOver = now - notice.queuedAtNs >= nsFromMs(LIMITS.alertRetryMsMax);
      if (isOver) return gaveUp(record, noticeId, failure);
      const waitMs = backoffMs(notice.attempts + 1, chance, retryAfterMs);
      return failed(record, noticeId, {
        ...failure,
        nextTryNs: (now + nsFromMs(waitMs)) as UnixNs,
      });
    });
  }

  /** Records that differ from what was saved; null where nothing is to be remembered any more. */
  takeUnsaved(): readonly { readonly id: string; readonly value: unknown }[] {
    const taken = [...this.#unsaved].map((id) => {
      const record = this.#records.get(id);
      return { id, value: record === undefined ? null : toSaved(record) };
    });
    this.#unsaved.clear();
    return taken;
  }

  isUnsaved(id: string): boolean {
    return this.#unsaved.has(id);
  }

  /** The record could not be saved: it is to be taken again. */
  keepUnsaved(id: string): void {
    this.#unsaved.add(id);
  }

  all(): readonly AlertRecord[] {
    return [...this.#records.values()];
  }

  #see(place: string, seen: Seen): void {
    const { finding, route, mutedBy, now } = seen;
    const before = this.#records.get(this.#latest.get(place) ?? '');
    const sighting = {
      holds: true,
      sinceNs: finding.openedAtNs,
      isMuted: mutedBy !== null,
      now,
    };
    const { life, tells } = step(before?.life ?? null, sighting, route);
    if (life === null) return;
    const isNew = before === undefined || before.life.phase === 'resolved';
    const record = isNew ? this.#begin(place, seen, life) : before;
    const isChanged = isNew || life !== record.life || mutedBy !== record.mutedBy;
    const next = { ...record, life, mutedBy, finding: this.#parts.viewOf(finding) };
    this.#records.set(record.id, withNotice(next, tells, now));
    // A sentence worded anew is not worth a write: it is found again with its finding.
    if (isChanged || tells !== null) this.#unsaved.add(record.id);
  }

  #begin(place: string, { finding, route, mutedBy, now }: Seen, life: Life): AlertRecord {
    let startedMs = now / 1_000_000n;
    const idOf = (): string => `${finding.id}.${startedMs.toString(36)}@${route.receiver}`;
    while (this.#records.has(idOf())) startedMs += 1n;
    const record = {
      id: idOf(),
      dedupKey: `${finding.id}.${startedMs.toString(36)}`,
      receiver: route.receiver,
      life,
      mutedBy,
      finding: this.#parts.viewOf(finding),
      noticeCount: 0,
      wasDelivered: false,
      waiting: [],
      deliveries: [],
    };
    this.#latest.set(place, record.id);
    return record;
  }

  /** The finding of the alert holds no more, or no route leads it here any more. */
  #miss(id: string, findings: readonly Finding[], now: UnixNs): void {
    const record = this.#records.get(id);
    if (record === undefined) return;
    const sighting = { holds: false, sinceNs: record.life.sinceNs, isMuted: false, now };
    const { life, tells } = step(record.life, sighting, { forMs: 0, repeatMs: 0 });
    if (life === null) {
      this.#forget(record);
    } else if (life !== record.life) {
      const found = findings.find((finding) => finding.id === record.finding.id);
      const finding =
        found === undefined
          ? { ...record.finding, state: 'closed' as const, closedAt: formatInstant(now) }
          : this.#parts.viewOf(found);
      this.#put(withNotice({ ...record, life, finding, mutedBy: null }, tells, now));
    }
  }

  /** Its receiver is configured no more: nobody can be told. */
  #abandon(record: AlertRecord, now: UnixNs): void {
    if (record.life.phase === 'pending') {
      this.#forget(record);
      return;
    }
    if (record.waiting.length === 0 && record.life.phase === 'resolved') return;
    const error = `There is no receiver ${record.receiver} any more`;
    const [first] = record.waiting;
    const over = first ? gaveUp(record, first.id, { error, now, retryAfterMs: null }) : record;
    const { life } = record;
    const resolvedAtNs = life.resolvedAtNs ?? now;
    this.#put({ ...over, waiting: [], life: { ...life, phase: 'resolved', resolvedAtNs } });
  }

  #change(id: string, change: (record: AlertRecord) => AlertRecord): void {
    const record = this.#records.get(id);
    if (record !== undefined) this.#put(change(record));
  }

  #put(record: AlertRecord): void {
    this.#records.set(record.id, record);
    this.#unsaved.add(record.id);
  }

  #forget({ id, receiver, finding }: AlertRecord): void {
    this.#records.delete(id);
    const place = placeOf(receiver, finding.id);
    if (this.#latest.get(place) === id) this.#latest.delete(place);
    this.#unsaved.add(id);
  }

  #forgetOldest(): void {
    if (this.#records.size <= LIMITS.alertHistoryMax) return;
    const over = [...this.#records.values()]
      .filter(({ life, waiting }) => life.phase === 'resolved' && waiting.length === 0)
      .sort((a, b) => ((a.life.resolvedAtNs ?? 0n) < (b.life.resolvedAtNs ?? 0n) ? 1 : -1))
      .slice(LIMITS.alertHistoryMax);
    for (const record of over) this.#forget(record);
  }
}

export interface Due {
  readonly record: AlertRecord;
  readonly noticeId: string;
}

interface Seen {
  readonly finding: Finding;
  readonly route: Route;
  readonly mutedBy: AlertRecord['mutedBy'];
  readonly now: UnixNs;
}

function placeOf(receiver: string, findingId: string): string {
  return `${receiver}\n${findingId}`;
}

function mutedByOf(
  finding: Finding,
  isSilenced: (finding: Finding) => boolean,
  now: UnixNs,
): AlertRecord['mutedBy'] {
  if (finding.state === 'acknowledged') return 'acknowledged';
  if (finding.snoozedUntilNs !== null && finding.snoozedUntilNs > now) return 'snoozed';
  return isSilenced(finding) ? 'silenced' : null;
}

/**
 * Queues what is to be told: no repetition while the receiver has not even heard the first, and no end of what it
 * never heard of.
 */
function withNotice(record: AlertRecord, kind: NoticeKind | null, now: UnixNs): AlertRecord {
  if (kind === null) return record;
  if (kind === 'firing' && record.waiting.length > 0) return record;
  const isHeard = record.wasDelivered || record.waiting.some((notice) => notice.kind === 'firing');
  if (kind === 'resolved' && !isHeard) return record;
  const noticeCount = record.noticeCount + 1;
  const notice = {
    id: `${record.dedupKey}.${noticeCount}`,
    kind,
    queuedAtNs: now,
    nextTryNs: now,
    attempts: 0,
    lastError: null,
    finding: record.finding,
  };
  return { ...record, noticeCount, waiting: [...record.waiting, notice] };
}
