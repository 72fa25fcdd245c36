import { msFromNs, type UnixNs } from '@throughline/model/time';
import type { EdgeTraffic, Entry } from '../edge-traffic.js';
import { findingId } from '../finding-id.js';
import { brokenAtNs } from '../pledge.js';
import { durationText, several } from '../wording.js';
import { affectedRuns } from './affected.js';
import type { Judged } from './judged.js';
import { ownerOf } from './rule-view.js';
import { isWaiting, withinText, type Moment, type Overdue } from './stalled-run.js';

/** A declared deadline passed, though the run went on: kept late, or held up by a person or a timer. */
export function deadlineMissed(
  edge: EdgeTraffic,
  overdue: readonly Overdue[],
  { view, now }: Moment,
): Judged[] {
  const late = [...edge.late()];
  const heldUp = overdue.filter(
    (each) => isWaiting(each) && each.entry.pledge.origin !== 'learned',
  );
  const missed = [...late, ...heldUp.map(({ entry }) => entry)];
  const worst = missed.reduce<Entry | null>(
    (a, b) => (a && delayMs(a, now) >= delayMs(b, now) ? a : b),
    null,
  );
  if (worst === null) return [];
  const { members, newestNs, ...runs } = affectedRuns(
    missed.map(({ pledge }) => ({ runId: pledge.runId, sinceNs: brokenAtNs(pledge) })),
  );
  const where = `${edge.afterName} → ${edge.by ?? edge.what}`;
  const clause = heldUp.find(({ entry }) => entry === worst)?.diagnosis.clause;
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
          { text: 'runs that passed the deadline and went on', value: late.length },
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

function delayMs({ pledge }: Entry, now: UnixNs): number {
  return msFromNs((pledge.keptAtNs ?? now) - pledge.openedAtNs);
}
