import type { RunId } from '@throughline/model/ids';
import { invariant } from '@throughline/model/invariant';
import type { UnixNs } from '@throughline/model/time';
import { LIMITS } from '../../limits.js';

/** A run and the instant from which a rule holds for it. */
export interface Affected {
  readonly runId: RunId;
  readonly sinceNs: UnixNs;
}

export interface AffectedRuns {
  /** Newest first, at most a named limit. */
  readonly runIds: readonly RunId[];
  readonly runsAffected: number;
  readonly members: ReadonlySet<RunId>;
  readonly sinceNs: UnixNs;
  readonly newestNs: UnixNs;
}

/** The affected runs of a statement, each once, in an order that depends on the set only. */
export function affectedRuns(affected: readonly Affected[]): AffectedRuns {
  const newestFirst = [...affected].sort((a, b) =>
    a.sinceNs === b.sinceNs ? (a.runId < b.runId ? -1 : 1) : a.sinceNs > b.sinceNs ? -1 : 1,
  );
  const newest = newestFirst[0];
  const oldest = newestFirst.at(-1);
  invariant(newest !== undefined && oldest !== undefined, 'a statement affects at least one run');
  const members = new Set(newestFirst.map(({ runId }) => runId));
  return {
    runIds: [...members].slice(0, LIMITS.findingRunsMax),
    runsAffected: members.size,
    members,
    sinceNs: oldest.sinceNs,
    newestNs: newest.sinceNs,
  };
}
