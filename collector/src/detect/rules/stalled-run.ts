import type { Evidence, Severity, Verdict } from '@throughline/model/finding';
import { msFromNs, type UnixNs } from '@throughline/model/time';
import type { EdgeTraffic } from '../edge-traffic.js';
import { explaining, type Entry } from '../entry.js';
import { findingId } from '../finding-id.js';
import { brokenAtNs, type Pledge } from '../pledge.js';
import { diagnose } from '../verdict/diagnose.js';
import type { Diagnosis, Surroundings, Words } from '../verdict/diagnosis.js';
import { agoText, durationText, forText, several } from '../wording.js';
import { differenceEvidence } from '../difference-words.js';
import { affectedAmong } from './affected-runs.js';
import type { Judged } from './judged.js';
import { ownerOf, runbookOf, type RuleView } from './rule-view.js';

export interface Overdue {
  readonly entry: Entry;
  readonly diagnosis: Diagnosis;
}

/** When and beside what a rule looks. */
export interface Moment {
  readonly view: RuleView;
  readonly now: UnixNs;
}

/** An active run's promise is overdue beyond its grace. Runs at one place for one cause are one finding. */
export function stalledRun(
  edge: EdgeTraffic,
  overdue: readonly Overdue[],
  moment: Moment,
): Judged[] {
  const byCause = new Map<string, Overdue[]>();
  for (const each of overdue) {
    if (isWaiting(each)) continue;
    const cause = `${each.diagnosis.verdict}\u0000${each.diagnosis.cause}`;
    const same = byCause.get(cause);
    if (same === undefined) byCause.set(cause, [each]);
    else same.push(each);
  }
  return [...byCause.values()].map((same) => judged(same, { edge, ...moment }));
}

/** Overdue and not explained by another overdue promise of the same run. */
export function* overdueEntries(edge: EdgeTraffic, view: RuleView, now: UnixNs): Iterable<Overdue> {
  let around: Surroundings | null = null;
  for (const entry of edge.believedAt(now, view.lossShare)) {
    const { pledge, still } = entry;
    if (pledge.isCancelled || still === null) continue;
    // The same for all that wait here.
    around ??= view.around(pledge, now);
    const diagnosis = diagnose(pledge, still, around);
    if (!isOvershadowed(entry, diagnosis, { view, now })) yield { entry, diagnosis };
  }
}

/** A pending approval or timer holds everything up but itself: that is a wait, until its own deadline. */
export function isWaiting({ entry, diagnosis }: Overdue): boolean {
  const isHeldUp = diagnosis.verdict === 'waiting-human' || diagnosis.verdict === 'waiting-timer';
  return isHeldUp && entry.pledge.form !== 'finish';
}

function isOvershadowed(entry: Entry, own: Diagnosis, { view, now }: Moment): boolean {
  for (const { pledge, still, provenNs } of explaining(entry)) {
    if (provenNs > now) continue;
    if (entry.pledge.form === 'end') return true;
    const other = diagnose(pledge, still, view.around(pledge, now));
    if (other.blockedBy === own.blockedBy || own.isUnplaced) return true;
  }
  return false;
}

interface Context extends Moment {
  readonly edge: EdgeTraffic;
}

function judged(overdue: readonly Overdue[], context: Context): Judged {
  const { edge, view } = context;
  const longest = overdue.reduce((a, b) => (isOlder(a.entry.pledge, b.entry.pledge) ? a : b));
  const { entry, diagnosis } = longest;
  const words = diagnosis.words();
  const { runIds, runsAffected, members, sinceNs, newestNs } = affectedAmong(
    overdue.map(({ entry: { pledge } }) => ({ runId: pledge.runId, sinceNs: brokenAtNs(pledge) })),
  );
  const where = `${edge.afterName} → ${edge.by ?? edge.what}`;
  const differs = view.cohorts.differences(entry.pledge, members.keys(), (id) => edge.owes(id));
  const next = [
    ...words.next,
    ...runbookOf(view.policy, edge.by),
    { text: 'open the run', command: `throughline run ${entry.pledge.runId}` },
  ];
  return {
    members,
    newestNs,
    statement: {
      id: findingId(
        'stalled-run',
        edge.workflow,
        where,
        edge.what,
        diagnosis.verdict,
        diagnosis.cause,
      ),
      rule: 'stalled-run',
      severity: severityOf(diagnosis.verdict),
      sinceNs,
      subject:
        runsAffected === 1
          ? { kind: 'run', id: entry.pledge.runId, label: entry.label }
          : { kind: 'edge', id: `${edge.workflow}: ${where}`, label: where },
      workflow: edge.workflow,
      runIds,
      runsAffected,
      where,
      verdict: diagnosis.verdict,
      sentence: sentence(entry, { words, runsAffected }, context),
      evidence: [
        ...words.evidence,
        ...promiseEvidence(longest, context),
        ...differenceEvidence(differs),
      ],
      ...(differs.length === 0 ? {} : { differs }),
      next,
      owner: ownerOf(view.policy, edge.by),
      confidence: 1,
    },
  };
}

function isOlder(a: Pledge, b: Pledge): boolean {
  return a.openedAtNs === b.openedAtNs ? a.runId < b.runId : a.openedAtNs < b.openedAtNs;
}

const CALM: ReadonlySet<Verdict> = new Set([
  'handler-in-flight',
  'queue-lag',
  'retrying',
  'waiting-human',
  'waiting-timer',
]);

function severityOf(verdict: Verdict): Severity {
  return CALM.has(verdict) ? 'warning' : 'critical';
}

interface Said {
  readonly words: Words;
  readonly runsAffected: number;
}

function sentence(entry: Entry, { words, runsAffected }: Said, context: Context): string {
  const { edge, now } = context;
  const { pledge, label } = entry;
  const since = agoText(pledge.openedAtNs, now);
  const opening =
    pledge.form === 'end'
      ? `${label} began ${since} and should have ended within ${withinText(pledge)}`
      : pledge.form === 'finish'
        ? `${label} waits at "${pledge.afterName}" ${forText(pledge.openedAtNs, now)}, ${withinText(pledge)} were allowed`
        : `${label} stopped ${since} after ${pledge.afterName}`;
  const others = runsAffected - 1;
  const wait = usualWait(edge);
  const first = words.next[0];
  return [
    `${opening}; ${words.clause}`,
    wait === null ? '' : `; usual wait ${wait}`,
    '.',
    others === 0
      ? ''
      : ` ${several(others, 'other run waits', 'other runs wait')} at the same place.`,
    first === undefined ? '' : ` Next: ${first.text}.`,
  ].join('');
}

export function withinText(pledge: Pledge): string {
  if (pledge.businessMs !== undefined) return `${durationText(pledge.businessMs)} of business time`;
  return durationText(msFromNs(pledge.dueAtNs - pledge.openedAtNs));
}

/** `0.8 s (p95 of 1,240 runs)`: how long those took that did not get stuck. */
function usualWait(edge: EdgeTraffic): string | null {
  const p95 = edge.delays.quantileMs(0.95);
  if (p95 === null) return null;
  return `${durationText(p95)} (${several(edge.delays.count, 'run')})`;
}

/** Who said so; what was learned says from how much. */
function originText({ pledge, passage }: Entry): string {
  const { origin, sampleCount, condition } = pledge;
  if (origin !== 'learned') return origin;
  const where = condition === undefined ? '' : ` where ${condition}`;
  // More may have been learned since the promise was made.
  return `learned from ${several(passage?.runCount ?? sampleCount, 'run')}${where}`;
}

function promiseEvidence({ entry }: Overdue, { edge }: Context): Evidence[] {
  const { pledge } = entry;
  const who = pledge.by === null ? '' : ` by ${pledge.by}`;
  const wait = usualWait(edge);
  return [
    {
      text: `${originText(entry)}: ${pledge.what}${who} within ${withinText(pledge)} after ${pledge.afterName}`,
    },
    wait === null
      ? { text: 'no run has passed this place yet', value: 0 }
      : { text: 'usual wait (95 of 100 runs take no longer)', value: wait },
  ];
}
