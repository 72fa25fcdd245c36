import type { BodyFormat, Rejected } from '../wire.js';

/** A body that was read whole: as it arrived (this is stored), and inflated (this is decoded). */
export interface ArrivedBody {
  readonly format: BodyFormat;
  readonly contentEncoding: 'identity' | 'gzip';
  readonly raw: Uint8Array;
  readonly inflated: Uint8Array;
}

export interface Accepted {
  readonly accepted: number;
  readonly rejected: readonly Rejected[];
  /** Log records that are no step signals. */
  readonly ignored: number;
}

/**
 * Where bodies go. The promise settles when the body is durable; only then is success answered. It rejects with
 * a Fault: BODY_UNREADABLE, OVERLOADED, STORE_UNAVAILABLE, SHUTTING_DOWN. Ownership of both buffers goes along.
 */
export interface Intake {
  accept(body: ArrivedBody): Promise<Accepted>;
}
