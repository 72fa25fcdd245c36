import type { AlertCause } from '@throughline/model/alert';
import type { AlertFindingView } from '@throughline/model/api/alerts';
import { formatInstant, nsFromMs, type UnixNs } from '@throughline/model/time';
import { LIMITS } from '../limits.js';
import { fromSaved, toSaved, type AlertRecord, type Envelope } from './alert-record.js';
import { step, type Life } from './alert-state.js';
import { backoffMs } from './backoff.js';
import { mutedByOf } from './muting.js';
import { delivered, failed, gaveUp, type Failure } from './notice-outcome.js';
import { NoticePace } from './notice-pace.js';
import { inEnvelope, noticeIn, withNotice } from './outbox.js';
import { groupOf, routed, type Route } from './route.js';

export interface AlertBookParts {
  readonly routes: readonly Route[];
  readonly receivers: ReadonlySet<string>;
  readonly viewOf: (cause: AlertCause) => AlertFindingView;
  /** What `takeUnsaved` gave, by id. */
  readonly saved: ReadonlyMap<string, unknown>;
}

export interface Evaluation {
  readonly findings: readonly AlertCause[];
  /** False: what is not among them may hold all the same, and stays as it is. */
  readonly isComplete: boolean;
  readonly isSilenced: (finding: AlertCause) => boolean;
  readonly now: UnixNs;
}

/** A finding that could not be looked at; its alerts stay as they are. */
export interface EvaluationFault {
  readonly findingId: string;
  readonly error: unknown;
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
  readonly #pace = new NoticePace();

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
  evaluate({ findings, isComplete, isSilenced, now }: Evaluation): readonly EvaluationFault[] {
    const seen = new Set<string>();
    const faults: EvaluationFault[] = [];
    const byId = new Map<string, AlertCause>();
    for (const finding of findings) {
      byId.set(finding.id, finding);
      if (finding.state === 'closed') continue;
      for (const route of routed(finding, this.#parts.routes)) {
        const place = placeOf(route.receiver, finding.id);
        seen.add(place);
        try {
          const mutedBy = mutedByOf(finding, isSilenced, now);
          this.#see(place, { finding, route, mutedBy, now });
        } catch (error) {
          faults.push({ findingId: finding.id, error });
        }
      }
    }
    for (const record of [...this.#records.values()]) {
      const { id, receiver, life } = record;
      if (!this.#parts.receivers.has(receiver)) this.#abandon(record, now);
      else if (!isComplete || life.phase === 'resolved') continue;
      else if (!seen.has(placeOf(receiver, record.finding.id))) this.#miss(id, byId, now);
    }
    this.pace(now);
    this.#forgetOldest();
    return faults;
  }

  /** Decides what of that which is next in line goes out, and whether alone or with others. */
  pace(now: UnixNs): void {
    for (const { recordId, envelope } of this.#pace.decide(this.all(), now)) {
      this.#change(recordId, (record) => inEnvelope(record, envelope));
    }
  }

  /** What a receiver is to be told next. What resolves waits for what fired before it. */
  due(receiver: string, now: UnixNs, maySend: (id: string) => boolean): Due | undefined {
    let first: (Envelope & { readonly queuedAtNs: UnixNs }) | undefined;
    for (const record of this.#records.values()) {
      const [notice] = record.waiting;
      if (notice === undefined || record.receiver !== receiver || notice.nextTryNs > now) continue;
      const { envelope, queuedAtNs } = notice;
      if (envelope === null || (first !== undefined && first.queuedAtNs <= queuedAtNs)) continue;
      if (maySend(record.id)) first = { ...envelope, queuedAtNs };
    }
    if (first === undefined) return undefined;
    const { id, dedupKey, isBundle } = first;
    const records = this.all().filter(
      (record) => record.receiver === receiver && record.waiting[0]?.envelope?.id === id,
    );
    if (!records.every((record) => maySend(record.id))) return undefined;
    return { envelope: { id, dedupKey, isBundle }, records };
  }

  /** The receiver took what was due. */
  delivered({ envelope, records }: Due, now: UnixNs): void {
    for (const { id } of records) {
      this.#change(id, (record) => delivered(record, noticeIn(record, envelope), now));
    }
  }

  /** @param failure.chance from 0 up to, not including, 1. */
  failed({ envelope, records }: Due, failure: Failure & { readonly chance: number }): void {
    for (const { id } of records) {
      this.#change(id, (record) => this.#failedOne(record, noticeIn(record, envelope), failure));
    }
  }

  /** The keys of incidents that are over with the end of these alerts: their own, and those of whole bundles. */
  closedBy(records: readonly AlertRecord[]): readonly string[] {
    const keys = new Set(records.flatMap(({ toldAs }) => toldAs));
    for (const { life, toldAs, receiver } of this.#records.values()) {
      if (receiver === records[0]?.receiver && life.phase !== 'resolved')
        for (const key of toldAs) keys.delete(key);
    }
    return [...keys];
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

  #failedOne(
    record: AlertRecord,
    noticeId: string,
    failure: Failure & { readonly chance: number },
  ): AlertRecord {
    const { chance, now, retryAfterMs } = failure;
    const notice = record.waiting.find(({ id }) => id === noticeId);
    if (notice === undefined) return record;
    const isOver = now - notice.queuedAtNs >= nsFromMs(LIMITS.alertRetryMsMax);
    if (isOver) return gaveUp(record, noticeId, failure);
    const waitMs = backoffMs(notice.attempts + 1, chance, retryAfterMs);
    return failed(record, noticeId, {
      ...failure,
      nextTryNs: (now + nsFromMs(waitMs)) as UnixNs,
    });
  }

  #see(place: string, seen: Seen): void {
    const { finding, route, mutedBy, now } = seen;
    const before = this.#records.get(this.#latest.get(place) ?? '');
    const sighting = {
      holds: true,
      sinceNs: finding.openedAtNs,
      isMuted: mutedBy !== null,
      isWoken: before?.mutedBy === 'snoozed' && mutedBy === null,
      now,
    };
    const { life, tells } = step(before?.life ?? null, sighting, route);
    if (life === null) return;
    const isNew = before === undefined || before.life.phase === 'resolved';
    const record = isNew ? this.#begin(place, seen, life) : before;
    const isChanged = isNew || life !== record.life || mutedBy !== record.mutedBy;
    const group = groupOf(finding, route);
    const { groupIntervalMs } = route;
    const view = this.#parts.viewOf(finding);
    const next = { ...record, life, mutedBy, group, groupIntervalMs, finding: view };
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
      group: groupOf(finding, route),
      groupIntervalMs: route.groupIntervalMs,
      noticeCount: 0,
      wasDelivered: false,
      toldAs: [],
      waiting: [],
      deliveries: [],
    };
    this.#latest.set(place, record.id);
    return record;
  }

  /** The finding of the alert holds no more, or no route leads it here any more. */
  #miss(id: string, findings: ReadonlyMap<string, AlertCause>, now: UnixNs): void {
    const record = this.#records.get(id);
    if (record === undefined) return;
    const sighting = { holds: false, sinceNs: record.life.sinceNs, isMuted: false, now };
    const { life, tells } = step(record.life, sighting, { forMs: 0, repeatMs: 0 });
    if (life === null) {
      this.#forget(record);
    } else if (life !== record.life) {
      const found = findings.get(record.finding.id);
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

/** One message to one receiver: one notice, or a bundle of them, each the next in line of its record. */
export interface Due {
  readonly envelope: Envelope;
  readonly records: readonly AlertRecord[];
}

interface Seen {
  readonly finding: AlertCause;
  readonly route: Route;
  readonly mutedBy: AlertRecord['mutedBy'];
  readonly now: UnixNs;
}

function placeOf(receiver: string, findingId: string): string {
  return `${receiver}\n${findingId}`;
}
