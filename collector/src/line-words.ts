import type { RunId } from '@throughline/model/ids';
import type { BodyFormat, ReceivedBody, Rejected } from './wire.js';

/** What viewers may want to look at again. */
export interface Change {
  readonly runs: readonly RunId[];
  readonly gone: readonly RunId[];
  readonly findings: boolean;
  readonly stats: boolean;
}

export interface Arriving {
  readonly format: BodyFormat;
  readonly contentEncoding: ReceivedBody['contentEncoding'];
  /** As it came; what is stored. Belongs to the pipeline from now on. */
  readonly raw: Uint8Array;
  readonly inflated: Uint8Array;
}

export interface Accepted {
  readonly accepted: number;
  readonly rejected: readonly Rejected[];
  /** Log records that are no step signals. */
  readonly ignored: number;
}
