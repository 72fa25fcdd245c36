import type { RunId } from '@throughline/model/ids';
import type { UnixNs } from '@throughline/model/time';

/** A run and the instant from which something holds for it. */
export interface Affected {
  readonly runId: RunId;
  readonly sinceNs: UnixNs;
}

/** The runs that something holds for, to be asked and not to be listed: there may be a million. */
export interface Members {
  readonly size: number;
  has(id: RunId): boolean;
}
