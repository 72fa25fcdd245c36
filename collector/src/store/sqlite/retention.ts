import { nsFromMs } from '@throughline/model/time';
import type { Clock } from '../../clock.js';
import { Fault } from '../../errors.js';
import { messageOf } from './sqlite-fault.js';
import type { SqliteFactStore } from './sqlite-fact-store.js';

export interface Retention {
  /** How long and how much is kept; null for no bound. */
  readonly ageMs: number | null;
  readonly bytesMax: number | null;
  /** What lies beside the facts and counts towards `bytesMax`. */
  readonly besideBytes?: () => number;
  /** Called in place of `drop` when there is something to do before or after it; `drop` may be left out. */
  readonly around?: (drop: () => Promise<number>) => Promise<unknown>;
}

const PERIOD_MS = 60_000;
/** A clock that jumps must not empty the store: what is too old goes over several rounds. */
const SHARE_MAX = 0.2;

/** Deletes what is beyond the bounds, once a minute. @returns a function that stops it. */
export function keepWithin(
  { ageMs, bytesMax, besideBytes = () => 0, around = (drop) => drop() }: Retention,
  parts: {
    readonly store: SqliteFactStore;
    readonly clock: Clock;
    readonly onWarning: (text: string) => void;
  },
): () => void {
  const { store, clock, onWarning } = parts;
  if (ageMs === null && bytesMax === null) return () => undefined;
  let isRunning = false;
  const round = async (): Promise<void> => {
    if (isRunning) return;
    isRunning = true;
    try {
      const beforeNs = ageMs === null ? null : clock.now() - nsFromMs(ageMs);
      const forFacts = bytesMax === null ? null : Math.max(0, bytesMax - besideBytes());
      await around(() => store.drop({ beforeNs, bytesMax: forFacts, shareMax: SHARE_MAX }));
    } catch (error) {
      if (!(error instanceof Fault && error.code === 'SHUTTING_DOWN')) {
        onWarning(`Old data could not be deleted: ${messageOf(error)}`);
      }
    } finally {
      isRunning = false;
    }
  };
  return clock.every(PERIOD_MS, () => void round());
}
