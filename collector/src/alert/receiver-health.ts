import type { AlertCause } from '@throughline/model/alert';
import { nsFromMs, type UnixNs } from '@throughline/model/time';
import { LIMITS } from '../limits.js';
import type { AlertRecord } from './alert-record.js';
import { condition } from './condition.js';
import { spoken } from './spoken.js';

/** How a receiver stands, from the alerts that it is to be told of: the same after a restart. */
export interface ReceiverHealth {
  readonly state: 'ok' | 'failing' | 'error';
  /** When the oldest notice that it did not take was to go out; null while it takes what it gets. */
  readonly failingSinceNs: UnixNs | null;
  readonly waiting: number;
  readonly oldestWaitingNs: UnixNs | null;
  readonly givenUp: number;
  readonly lastDeliveredNs: UnixNs | null;
  readonly lastError: string | null;
}

/** @param records of this receiver only. */
export function receiverHealth(records: readonly AlertRecord[], now: UnixNs): ReceiverHealth {
  const waiting = records.flatMap((record) => record.waiting);
  const refused = waiting.filter(({ attempts }) => attempts > 0);
  const deliveries = records.flatMap((record) => record.deliveries);
  const at = (outcome: string): UnixNs[] =>
    deliveries.filter((each) => each.outcome === outcome).map(({ atNs }) => atNs);
  const lastDeliveredNs = newest(at('delivered'));
  const gaveUpNs = newest(at('gave-up'));
  const isGivenUp = gaveUpNs !== null && (lastDeliveredNs ?? 0n) < gaveUpNs;
  const failingSinceNs = oldest([
    ...refused.map(({ queuedAtNs }) => queuedAtNs),
    ...(isGivenUp ? [gaveUpNs] : []),
  ]);
  const isLong = failingSinceNs !== null && now - failingSinceNs >= nsFromMs(LIMITS.alertFailingMs);
  return {
    state: failingSinceNs === null ? 'ok' : isLong || isGivenUp ? 'error' : 'failing',
    failingSinceNs,
    waiting: waiting.length,
    oldestWaitingNs: oldest(waiting.map(({ queuedAtNs }) => queuedAtNs)),
    givenUp: at('gave-up').length,
    lastDeliveredNs,
    lastError:
      refused.findLast(({ lastError }) => lastError !== null)?.lastError ??
      (isGivenUp ? (deliveries.find(({ atNs }) => atNs === gaveUpNs)?.error ?? null) : null),
  };
}

/** Tells the others that somebody is not told. */
export function receiverError(
  receiver: string,
  { failingSinceNs, waiting, givenUp, lastError }: ReceiverHealth,
  now: UnixNs,
): AlertCause {
  const sinceNs = failingSinceNs ?? now;
  return condition({
    rule: 'error',
    subject: { kind: 'service', id: `receiver:${receiver}`, label: receiver },
    workflow: null,
    sinceNs,
    where: `receiver ${receiver}`,
    sentence: `The receiver ${receiver} has not taken what it was sent for ${spoken(now - sinceNs)}: whoever relies on it is not told.`,
    evidence: [
      { text: 'notices that wait for it', value: waiting },
      { text: 'notices given up', value: givenUp },
      { text: 'what it answered', value: lastError ?? 'nothing' },
    ],
    next: [
      { text: 'send it a test, and read what it answers', link: '/alerts' },
      { text: 'check its address, its secret, and what lies between it and the collector' },
    ],
    owner: null,
    exceptReceiver: receiver,
  });
}

function newest(instants: readonly UnixNs[]): UnixNs | null {
  return instants.reduce<UnixNs | null>((a, b) => (a === null || b > a ? b : a), null);
}

function oldest(instants: readonly UnixNs[]): UnixNs | null {
  return instants.reduce<UnixNs | null>((a, b) => (a === null || b < a ? b : a), null);
}
