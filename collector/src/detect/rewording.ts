import { msFromNs, nsFromMs, type UnixNs } from '@throughline/model/time';
import type { Judged } from './rules/judged.js';

/** Sentences tell ages: what holds is worded anew this often, and less often as it ages. */
const REWORD_MS = 10_000;
const REWORD_MS_MAX = 60_000;
const REWORD_AGE_SHARE = 0.05;

/** Ages are told with two figures: the older a thing is, the longer they hold. */
export function rewordNs(judged: readonly Judged[], now: UnixNs): UnixNs {
  const youngestMs = judged.reduce(
    (ms, { newestNs }) => Math.min(ms, msFromNs(now - newestNs)),
    Infinity,
  );
  const afterMs = Math.min(REWORD_MS_MAX, Math.max(REWORD_MS, REWORD_AGE_SHARE * youngestMs));
  return (now + nsFromMs(Math.round(afterMs))) as UnixNs;
}
