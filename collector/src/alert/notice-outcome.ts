import type { UnixNs } from '@throughline/model/time';
import { LIMITS } from '../limits.js';
import type { AlertRecord, Delivery, Notice } from './alert-record.js';

export interface Failure {
  /** One sentence: what the receiver answered, or why it could not be reached. */
  readonly error: string;
  readonly retryAfterMs: number | null;
  readonly now: UnixNs;
}

/** The receiver has it. */
export function delivered(record: AlertRecord, noticeId: string, now: UnixNs): AlertRecord {
  const notice = record.waiting.find(({ id }) => id === noticeId);
  if (notice === undefined) return record;
  const delivery = {
    id: notice.id,
    kind: notice.kind,
    outcome: 'delivered' as const,
    atNs: now,
    attempts: notice.attempts + 1,
    error: null,
  };
  const told = notice.kind === 'firing' ? [notice.envelope?.dedupKey ?? record.dedupKey] : [];
  return {
    ...without(record, [notice], [delivery]),
    wasDelivered: record.wasDelivered || notice.kind === 'firing',
    toldAs: [...new Set([...record.toldAs, ...told])],
  };
}

/** It is tried again at `nextTryNs`. */
export function failed(
  record: AlertRecord,
  noticeId: string,
  { error, nextTryNs }: Failure & { readonly nextTryNs: UnixNs },
): AlertRecord {
  const waiting = record.waiting.map((notice) =>
    notice.id === noticeId
      ? { ...notice, attempts: notice.attempts + 1, lastError: error, nextTryNs }
      : notice,
  );
  return { ...record, waiting };
}

/** It is tried no more. Nobody is told that something is over of which nobody was told that it began. */
export function gaveUp(record: AlertRecord, noticeId: string, failure: Failure): AlertRecord {
  const notice = record.waiting.find(({ id }) => id === noticeId);
  if (notice === undefined) return record;
  const isUnheard = notice.kind === 'firing' && !record.wasDelivered;
  const pointless = record.waiting.filter(
    (other) => other !== notice && isUnheard && other.kind === 'resolved',
  );
  const over = (each: Notice, error: string): Delivery => ({
    id: each.id,
    kind: each.kind,
    outcome: 'gave-up',
    atNs: failure.now,
    attempts: each.attempts,
    error,
  });
  return without(
    record,
    [notice, ...pointless],
    [
      over({ ...notice, attempts: notice.attempts + 1 }, failure.error),
      ...pointless.map((each) => over(each, 'The receiver never heard that it fired')),
    ],
  );
}

function without(
  record: AlertRecord,
  notices: readonly Notice[],
  deliveries: readonly Delivery[],
): AlertRecord {
  return {
    ...record,
    waiting: record.waiting.filter((notice) => !notices.includes(notice)),
    deliveries: [...record.deliveries, ...deliveries].slice(-LIMITS.alertDeliveriesMax),
  };
}
