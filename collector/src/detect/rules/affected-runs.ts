import type { RunId } from '@throughline/model/ids';
import { invariant } from '@throughline/model/invariant';
import type { UnixNs } from '@throughline/model/time';
import { LIMITS } from '../../limits.js';
import type { Affected, Members } from '../affected.js';

export interface AffectedRuns {
  /** Newest first, at most a named limit. */
  readonly runIds: readonly RunId[];
  readonly runsAffected: number;
  readonly members: Members;
  readonly sinceNs: UnixNs;
  readonly newestNs: UnixNs;
}

/** What is counted already, in order of time. */
export interface Counted {
  readonly runs: Members;
  oldest(): Affected | undefined;
  newest(): Affected | undefined;
  newestFirst(): Iterable<Affected>;
}

/** A run may hold a great many of the things that are looked through for the newest runs. */
const LOOKED_THROUGH_MAX = 100 * LIMITS.findingRunsMax;

/** The affected runs of a statement, each once, in an order that depends on the set only. */
export function affectedRuns(crowd: Counted): AffectedRuns {
  const oldest = crowd.oldest();
  const newest = crowd.newest();
  invariant(newest !== undefined && oldest !== undefined, 'a statement affects at least one run');
  const runIds = new Set<RunId>();
  let seen = 0;
  for (const { runId } of crowd.newestFirst()) {
    runIds.add(runId);
    seen += 1;
    if (runIds.size === LIMITS.findingRunsMax || seen === LOOKED_THROUGH_MAX) break;
  }
  return {
    runIds: [...runIds],
    runsAffected: crowd.runs.size,
    members: crowd.runs,
    sinceNs: oldest.sinceNs,
    newestNs: newest.sinceNs,
  };
}

/** The same for things that were gathered for the occasion, in one pass over them. */
export function affectedAmong(
  affected: readonly Affected[],
): AffectedRuns & { readonly members: ReadonlyMap<RunId, UnixNs> } {
  const sinceOf = new Map<RunId, UnixNs>();
  let oldest = affected[0];
  let newest = affected[0];
  for (const each of affected) {
    const known = sinceOf.get(each.runId);
    if (known === undefined || each.sinceNs > known) sinceOf.set(each.runId, each.sinceNs);
    if (oldest === undefined || each.sinceNs < oldest.sinceNs) oldest = each;
    if (newest === undefined || each.sinceNs > newest.sinceNs) newest = each;
  }
  invariant(newest !== undefined && oldest !== undefined, 'a statement affects at least one run');
  return {
    runIds: newestOf(sinceOf),
    runsAffected: sinceOf.size,
    members: sinceOf,
    sinceNs: oldest.sinceNs,
    newestNs: newest.sinceNs,
  };
}

/** The newest runs, newest first: a short list that each run enters only if it is newer than the last of it. */
function newestOf(sinceOf: ReadonlyMap<RunId, UnixNs>): RunId[] {
  const short: [RunId, UnixNs][] = [];
  for (const each of sinceOf) {
    const last = short[LIMITS.findingRunsMax - 1];
    if (last !== undefined && compared(last, each) < 0) continue;
    short.push(each);
    // Sorting now and then costs less than keeping order all the time.
    if (short.length >= 4 * LIMITS.findingRunsMax) shorten(short);
  }
  shorten(short);
  return short.map(([id]) => id);
}

function shorten(short: [RunId, UnixNs][]): void {
  short.sort(compared);
  short.length = Math.min(short.length, LIMITS.findingRunsMax);
}

function compared([a, aNs]: readonly [RunId, UnixNs], [b, bNs]: readonly [RunId, UnixNs]): number {
  if (aNs !== bNs) return aNs > bNs ? -1 : 1;
  return a < b ? -1 : 1;
}
