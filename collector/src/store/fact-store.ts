import type { UnixNs } from '@throughline/model/time';
import type { ReceivedBody } from '../wire.js';

/** A body that was stored, with the number it got. Numbers only grow. */
export interface StoredBody extends ReceivedBody {
  readonly id: number;
}

/**
 * The write port: request bodies, once, as received.
 *
 * Ownership: the buffer passed to `append` belongs to the store from then on (it may be transferred to another
 * thread). Ordering: ids follow the order of `append` calls. Durability: the promise settles when the body
 * survives a power cut. Failure: rejects with a Fault (`STORE_UNAVAILABLE`, `OVERLOADED`) and nothing was stored.
 */
export interface FactStore {
  append(body: ReceivedBody): Promise<number>;
  /** Bodies with an id greater than `afterId`, in order, from the committed state. */
  read(afterId: number): AsyncIterable<StoredBody>;
  /**
   * Committed bodies by their ids, at once: the caller waits for the disk. What is not there or is damaged is left out.
   */
  bodies(ids: readonly number[]): readonly StoredBody[];
  /** The id after which the newest bodies hold at most so many spans; 0 when all bodies together do. */
  idBeforeNewest(spanCountMax: number): Promise<number>;
  /** Small named values that survive restart: counters, states of findings, alerts. Durable when the promise settles. */
  putRecord(table: RecordTable, key: string, value: unknown): Promise<void>;
  deleteRecord(table: RecordTable, key: string): Promise<void>;
  records(table: RecordTable): ReadonlyMap<string, unknown>;
  /** Deletes the oldest bodies, and never one that a record of the table `hold` names. @returns how many went. */
  drop(bounds: DropBounds): Promise<number>;
  state(): StoreState;
  /** Commits what is accepted, then closes. */
  close(): Promise<void>;
}

export interface DropBounds {
  /** Bodies received before this instant go; null for none. */
  readonly beforeNs: bigint | null;
  /** The oldest bodies go until those left need at most this many bytes; null for no bound. */
  readonly bytesMax: number | null;
  /** At most this share of all bodies goes; 1 for no bound. */
  readonly shareMax: number;
}

/** A record of `hold` is an object whose `bodies` lists the numbers of bodies that nothing may delete. */
export type RecordTable =
  | 'finding'
  | 'tally'
  | 'alert'
  | 'episode'
  | 'silence'
  | 'hold'
  | 'broker'
  | 'correction'
  | 'store';

export interface StoreState {
  readonly isWritable: boolean;
  /** One sentence for /readyz when it is not. */
  readonly reason: string | null;
  readonly bodies: number;
  readonly bytesOnDisk: number;
  readonly inFlightBytes: number;
  /** Retention has taken what is older; null while nothing is stored. */
  readonly oldestReceivedAtNs: UnixNs | null;
  /** The lowest number still stored that no hold keeps; null when there is none. */
  readonly oldestBodyId: number | null;
}
