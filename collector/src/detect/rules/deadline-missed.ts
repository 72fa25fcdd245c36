import { msFromNs, type UnixNs } from '@throughline/model/time';
import { LIMITS } from '../../limits.js';
import type { EdgeTraffic, Late } from '../edge-traffic.js';
import type { Entry } from '../entry.js';
import { findingId } from '../finding-id.js';
import { brokenAtNs } from '../pledge.js';
import { durationText, several } from '../wording.js';
import { affectedAmong, affectedRuns, type AffectedRuns } from './affected-runs.js';
import type { Judged } from './judged.js';
import { ownerOf } from './rule-view.js';
import { isWaiting, withinText, type Moment, type Overdue } from './stalled-run.js';

/** A declared deadline passed, though the run went on: kept late, or held up by a person or a timer. */
export function deadlineMissed(
  edge: EdgeTraffic,
  overdue: readonly Overdue[],
  { view, now }: Moment,
): Judged[] {
  const { late } = edge;
  const heldUp = overdue.filter(
    (each) => isWaiting(each) && each.entry.pledge.origin !== 'learned',
  );
  const worst = worstOf(edge, heldUp, now);
  if (worst === null) return [];
  const { members, newestNs, ...runs } = affectedBy(late, heldUp);
  const where = `${edge.afterName} → ${edge.by ?? edge.what}`;
  const clause = heldUp.find(({ entry }) => entry === worst)?.diagnosis.words().clause;
  const took = durationText(delayMs(worst, now));
  const passed = clause === undefined ? `took ${took}` : `is open for ${took}: ${clause}`;
  const others = runs.runsAffected - 1;
  return [
    {
      members,
      newestNs,
      statement: {
        ...runs,
        id: findingId('deadline-missed', edge.workflow, where, edge.what),
        rule: 'deadline-missed',
        severity: heldUp.length > 0 ? 'warning' : 'info',
        subject: { kind: 'edge', id: `${edge.workflow}: ${where}`, label: where },
        workflow: edge.workflow,
        where,
        verdict: heldUp[0]?.diagnosis.verdict ?? null,
        sentence: `${worst.label}: ${edge.what} after ${edge.afterName} ${passed}; ${withinText(worst.pledge)} were declared.${others === 0 ? '' : ` ${several(others, 'other run was', 'other runs were')} late too.`}`,
        evidence: [
          { text: 'runs that passed the deadline and went on', value: late.size },
          { text: 'runs that passed it and wait', value: heldUp.length },
        ],
        next: [
          {
            text: 'compare the deadline with what the step usually takes',
            command: `throughline run ${worst.pledge.runId}`,
          },
        ],
        owner: ownerOf(view.policy, edge.by),
        confidence: 1,
      },
    },
  ];
}

function worstOf(edge: EdgeTraffic, heldUp: readonly Overdue[], now: UnixNs): Entry | null {
  return heldUp.reduce<Entry | null>(
    (a, { entry: b }) => (a && delayMs(a, now) >= delayMs(b, now) ? a : b),
    edge.slowest(),
  );
}

/** Those that went on late are counted already; those that wait are few. */
function affectedBy(late: Late, heldUp: readonly Overdue[]): AffectedRuns {
  if (heldUp.length === 0) return affectedRuns(late);
  const waiting = heldUp.map(({ entry: { pledge } }) => ({
    runId: pledge.runId,
    sinceNs: brokenAtNs(pledge),
  }));
  if (late.size === 0) return affectedAmong(waiting);
  const [gone, held] = [affectedRuns(late), affectedAmong(waiting)];
  const both = waiting.filter(({ runId }) => late.runs.has(runId));
  const size = gone.runsAffected + held.runsAffected - new Set(both.map((b) => b.runId)).size;
  return {
    runIds: [...new Set([...held.runIds, ...gone.runIds])].slice(0, LIMITS.findingRunsMax),
    runsAffected: size,
    members: { size, has: (id) => held.members.has(id) || gone.members.has(id) },
    sinceNs: gone.sinceNs < held.sinceNs ? gone.sinceNs : held.sinceNs,
    newestNs: gone.newestNs > held.newestNs ? gone.newestNs : held.newestNs,
  };
}

function delayMs({ pledge }: Entry, now: UnixNs): number {
  return msFromNs((pledge.keptAtNs ?? now) - pledge.openedAtNs);
}
