import type { FindingView } from '@throughline/model/api/findings';
import type { AlertState } from '@throughline/model/alert';
import type { UnixNs } from '@throughline/model/time';
import type { Life } from './alert-state.js';

export type NoticeKind = 'firing' | 'resolved';

/** What a receiver is to be told. It stays until it was delivered or given up. */
export interface Notice {
  /** The same for every attempt, so that a receiver can tell a repetition. */
  readonly id: string;
  readonly kind: NoticeKind;
  readonly queuedAtNs: UnixNs;
  readonly nextTryNs: UnixNs;
  readonly attempts: number;
  readonly lastError: string | null;
  /** As it was when the notice was made: every attempt says the same. */
  readonly finding: FindingView;
}

export interface Delivery {
  readonly id: string;
  readonly kind: NoticeKind;
  readonly outcome: 'delivered' | 'gave-up';
  readonly atNs: UnixNs;
  readonly attempts: number;
  readonly error: string | null;
}

/**
 * One episode of a finding for one receiver: its state and its outbox, in one record. What is decided and what is
 * to be sent become durable together, and no crash can come between the two.
 */
export interface AlertRecord {
  readonly id: string;
  readonly dedupKey: string;
  readonly receiver: string;
  readonly life: Life;
  readonly mutedBy: Extract<AlertState, 'acknowledged' | 'snoozed' | 'silenced'> | null;
  readonly finding: FindingView;
  readonly noticeCount: number;
  /** A firing notice reached the receiver. */
  readonly wasDelivered: boolean;
  readonly waiting: readonly Notice[];
  readonly deliveries: readonly Delivery[];
}

/** As it is saved: instants as decimal text, since JSON knows no bigint. */
export function toSaved(record: AlertRecord): unknown {
  return JSON.parse(
    JSON.stringify(record, (_name, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    ),
  );
}

/** @returns undefined for what `toSaved` did not make. */
export function fromSaved(saved: unknown): AlertRecord | undefined {
  if (typeof saved !== 'object' || saved === null) return undefined;
  if (!('life' in saved && 'waiting' in saved && 'dedupKey' in saved)) return undefined;
  const { life, waiting, deliveries, ...rest } = saved as AlertRecord;
  try {
    return {
      ...rest,
      life: withInstants(life),
      waiting: waiting.map(withInstants),
      deliveries: deliveries.map(withInstants),
    };
  } catch {
    return undefined;
  }
}

/** Instants have names that end in `Ns`. */
function withInstants<T extends object>(saved: T): T {
  const entries = Object.entries(saved).map(([name, value]: [string, unknown]) =>
    name.endsWith('Ns') && typeof value === 'string' ? [name, BigInt(value)] : [name, value],
  );
  return Object.fromEntries(entries) as T;
}

export function stateOf({ life, mutedBy }: AlertRecord): AlertState {
  return life.phase === 'resolved' ? 'resolved' : (mutedBy ?? life.phase);
}
