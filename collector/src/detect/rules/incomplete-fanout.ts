import type { UnixNs } from '@throughline/model/time';
import type { EdgeTraffic } from '../edge-traffic.js';
import type { Entry } from '../entry.js';
import { findingId } from '../finding-id.js';
import { brokenAtNs } from '../pledge.js';
import { agoText, listText, several } from '../wording.js';
import { affectedAmong } from './affected-runs.js';
import type { Judged } from './judged.js';
import { ownerOf, runbookOf, type RuleView } from './rule-view.js';

/**
 * In this run one of the subscribers, declared or learned, did not react, while others did: the run may well have completed
 * without it. The end of a run cancels its promises, so a completed run is judged by what would have been due.
 */
export function incompleteFanout(edge: EdgeTraffic, view: RuleView, now: UnixNs): Judged[] {
  const { by } = edge;
  if (by === null) return [];
  const missing = edge.believedAt(now, view.lossShare).filter(isLeftOut);
  const latest = missing.reduce<Entry | null>(
    (a, b) => (a && a.pledge.openedAtNs >= b.pledge.openedAtNs ? a : b),
    null,
  );
  if (latest === null) return [];
  const { members, newestNs, ...runs } = affectedAmong(
    missing.map(({ pledge }) => ({ runId: pledge.runId, sinceNs: brokenAtNs(pledge) })),
  );
  const where = `${edge.afterName} → ${by}`;
  const reacted = listText(latest.reactedServices);
  const others = runs.runsAffected - 1;
  return [
    {
      members,
      newestNs,
      statement: {
        ...runs,
        id: findingId('incomplete-fanout', edge.workflow, where, edge.what),
        rule: 'incomplete-fanout',
        severity: 'warning',
        subject: { kind: 'edge', id: `${edge.workflow}: ${where}`, label: where },
        workflow: edge.workflow,
        where,
        verdict: null,
        sentence: `${by} did not react to ${edge.afterName} of ${latest.label} ${agoText(latest.pledge.openedAtNs, now)}, though ${reacted} did.${others === 0 ? '' : ` ${several(others, 'other run misses', 'other runs miss')} the same branch.`} Next: check whether ${by} lost the message or its subscription.`,
        evidence: [
          {
            text: `reacted to the same ${edge.afterName}`,
            value: latest.reactedServices.join(', '),
          },
          { text: `runs in which ${by} did react`, value: edge.delays.count },
        ],
        next: [
          { text: `check whether ${by} lost the message or its subscription` },
          ...runbookOf(view.policy, by),
          { text: 'open the run', command: `throughline run ${latest.pledge.runId}` },
        ],
        owner: ownerOf(view.policy, by),
        confidence: 1,
      },
    },
  ];
}

function isLeftOut({ pledge, reactedServices, isAtIt, hasCompleted }: Entry): boolean {
  return reactedServices.length > 0 && !isAtIt && (hasCompleted || !pledge.isCancelled);
}
