import type { UnixNs } from '@throughline/model/time';
import type { AlertRecord, Envelope, NoticeKind } from './alert-record.js';

/** What is next in line goes out in this envelope, at every attempt. */
export function inEnvelope(record: AlertRecord, envelope: Envelope): AlertRecord {
  const [first, ...others] = record.waiting;
  if (first === undefined) return record;
  return { ...record, waiting: [{ ...first, envelope }, ...others] };
}

/** @returns the id of the notice in the envelope; empty when there is none any more. */
export function noticeIn({ waiting }: AlertRecord, { id }: Envelope): string {
  return waiting.find(({ envelope }) => envelope?.id === id)?.id ?? '';
}

/**
 * Queues what is to be told: no repetition while the receiver has not even heard the first, and no end of what it
 * never heard of.
 */
export function withNotice(record: AlertRecord, kind: NoticeKind | null, now: UnixNs): AlertRecord {
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
    envelope: null,
  };
  return { ...record, noticeCount, waiting: [...record.waiting, notice] };
}
