import type { AlertFindingView } from '@throughline/model/api/alerts';
import type { AlertState } from '@throughline/model/alert';
import type { UnixNs } from '@throughline/model/time';
import type { Life } from './alert-state.js';

export type NoticeKind = 'firing' | 'resolved';

/** How a notice goes out: alone, or in a bundle with others that carry the same id. */
export interface Envelope {
  /** The same for every attempt, so that a receiver can tell a repetition. */
  readonly id: string;
  /** Under this key a receiver that keeps incidents has one for it. */
  readonly dedupKey: string;
  readonly isBundle: boolean;
}

/** What a receiver is to be told. It stays until it was delivered or given up. */
export interface Notice {
  readonly id: string;
  readonly kind: NoticeKind;
  readonly queuedAtNs: UnixNs;
  readonly nextTryNs: UnixNs;
  readonly attempts: number;
  readonly lastError: string | null;
  /** As it was when the notice was made: every attempt says the same. */
  readonly finding: AlertFindingView;
  /** Decided before it is first sent, and kept for every attempt; null: not decided yet. */
  readonly envelope: Envelope | null;
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
  readonly finding: AlertFindingView;
  /** What it has in common with others that it may be told with, and how often such a group is told. */
  readonly group: string;
  readonly groupIntervalMs: number;
  readonly noticeCount: number;
  /** A firing notice reached the receiver. */
  readonly wasDelivered: boolean;
  /** The dedup keys under which the receiver was told that it fires: its own, or those of bundles. */
  readonly toldAs: readonly string[];
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

type Younger = 'group' | 'groupIntervalMs' | 'toldAs';

/** Records of before there were bundles lack a few things. */
interface SavedRecord
  extends Omit<AlertRecord, Younger | 'waiting'>, Partial<Pick<AlertRecord, Younger>> {
  readonly waiting: readonly (Omit<Notice, 'envelope'> & Partial<Pick<Notice, 'envelope'>>)[];
}

/** @returns undefined for what `toSaved` did not make. */
export function fromSaved(saved: unknown): AlertRecord | undefined {
  if (typeof saved !== 'object' || saved === null) return undefined;
  if (!('life' in saved && 'waiting' in saved && 'dedupKey' in saved)) return undefined;
  const { life, waiting, deliveries, ...rest } = saved as SavedRecord;
  try {
    return {
      group: '',
      groupIntervalMs: 0,
      toldAs: rest.wasDelivered ? [rest.dedupKey] : [],
      ...rest,
      life: withInstants(life),
      waiting: waiting.map((notice) => ({ envelope: null, ...withInstants(notice) })),
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

export function stateOf({ life, mutedBy, finding }: AlertRecord): AlertState {
  if (life.phase === 'resolved') return 'resolved';
  if (mutedBy !== null || life.phase === 'pending') return mutedBy ?? 'pending';
  return finding.rule === 'no-data' || finding.rule === 'error' ? finding.rule : 'firing';
}
