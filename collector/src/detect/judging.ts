import type { UnixNs } from '@throughline/model/time';
import type { Judged } from './rules/judged.js';

/** What the rules say of one subject. */
export interface Verdicts {
  readonly judged: readonly Judged[];
  /** When time alone changes the answer; null when it does not. */
  readonly dueNs: UnixNs | null;
  /** Not judged again before so long; 0 where judging costs next to nothing. */
  readonly paceMs?: number;
}

/** Of two instants the one that comes first; null is never. */
export function earlier(a: UnixNs | null, b: UnixNs | null): UnixNs | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}

/** A judgement that time alone does not change. */
export function always(judged: Judged | null): Verdicts {
  return { judged: judged === null ? [] : [judged], dueNs: null };
}
