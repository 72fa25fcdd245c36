import { profileNamed } from './profiles.js';
import type { StreamSpec } from './span-stream.js';

/** So many runs come and go for one that is open: a stream of beginnings alone would be none. */
const RUNS_PER_OPEN_RUN = 5;

/** A stream that begins now. Where it is short, fewer runs are open at the same time than asked for. */
export function specOf(spec: Omit<StreamSpec, 'startNs'>): StreamSpec {
  const runs = spec.spans / profileNamed(spec.profile).spansPerRun;
  const openRuns = Math.max(1, Math.min(spec.openRuns, Math.ceil(runs / RUNS_PER_OPEN_RUN)));
  return { ...spec, openRuns, startNs: BigInt(Date.now()) * 1_000_000n };
}
