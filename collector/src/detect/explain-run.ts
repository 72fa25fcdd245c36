import type { Finding, Severity } from '@throughline/model/finding';
import { unreachable } from '@throughline/model/invariant';
import type { RunPromise } from '@throughline/model/promise';
import type { Run } from '@throughline/model/run';
import { msFromNs, type UnixNs } from '@throughline/model/time';
import { compensationOf, effectsOf } from './compensation.js';
import { failureOf } from './failure.js';
import { messageName } from './occurrences.js';
import { RunIndex } from './run-index.js';
import { runLabel } from './run-label.js';
import { agoText, durationText, forText, listText, quotedText, several } from './wording.js';

export interface RunFacts {
  readonly run: Run;
  readonly promises: readonly RunPromise[];
  /** Open findings that affect the run. */
  readonly findings: readonly Finding[];
}

const RANK: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

/** One sentence that explains the run as it stands: where it is, since when, and why. */
export function explainRun({ run, promises, findings }: RunFacts, now: UnixNs): string {
  const label = runLabel(run);
  const took = durationText(msFromNs((run.endedAtNs ?? run.lastActivityAtNs) - run.startedAtNs));
  const gravest = [...findings]
    .filter(({ state }) => state !== 'closed')
    .sort((a, b) => RANK[a.severity] - RANK[b.severity] || (a.id < b.id ? -1 : 1))[0];
  const found = gravest && ownSentence(gravest, { label, promises }, now);
  switch (run.status) {
    case 'active':
      return found ?? whileActive(run, promises, now);
    case 'failed':
      return `${label} failed after ${took}${failure(run)}.`;
    case 'completed':
      return `${label} completed in ${took}: ${several(run.steps.length, 'step')} in ${several(run.services.length, 'service')}.${found === undefined ? '' : ` ${found}`}`;
    case 'compensated':
      return `${label} was compensated after ${took}${undone(run)}.`;
    case 'cancelled':
      return `${label} was cancelled after ${took}.`;
    default:
      return unreachable(run.status);
  }
}

/**
 * A finding that affects several runs is worded for one of them. Of a stall, what comes before the first
 * semicolon is that run's own; what comes after is the cause that all share.
 */
function ownSentence(
  { rule, sentence, subject, runsAffected }: Finding,
  own: { readonly label: string; readonly promises: readonly RunPromise[] },
  now: UnixNs,
): string {
  const { label, promises } = own;
  const isOwn = sentence.startsWith(`${label} `) || sentence.startsWith(`${label}:`);
  if (isOwn || !NAMES_A_RUN.has(subject.kind) || runsAffected < 2) return sentence;
  const cause = sentence.indexOf('; ');
  const overdue = promises.find(({ state }) => state === 'overdue');
  if (rule === 'stalled-run' && overdue && cause > 0) {
    const since = agoText(overdue.openedAtNs, now);
    return `${label} stopped ${since} after ${overdue.afterName}${sentence.slice(cause)}`;
  }
  return `${label} is one of ${several(runsAffected, 'run')} in the same state, such as this: ${sentence}`;
}

/** Subjects whose sentence begins with the name of one run. */
const NAMES_A_RUN: ReadonlySet<string> = new Set(['run', 'edge']);

function whileActive(run: Run, promises: readonly RunPromise[], now: UnixNs): string {
  const label = runLabel(run);
  const wait = run.steps.find(
    ({ step }) =>
      step.isPending && (step.declaredKind === 'approval' || step.declaredKind === 'timer'),
  )?.step;
  if (wait !== undefined) {
    const whom = wait.declaredKind === 'approval' ? 'a decision' : 'a timer';
    return `${label} waits for ${whom}, "${quotedText(wait.name)}" in ${wait.service}, ${forText(wait.startedAtNs, now)}.`;
  }
  const next = promises.find(({ state }) => state === 'open' || state === 'overdue');
  const last = lastActivity(run, now);
  if (next === undefined) return `${label} is under way: ${last}.`;
  const who = next.by === null ? '' : ` of ${next.by}`;
  const leftMs = msFromNs(next.dueAtNs - now);
  const due = leftMs >= 0 ? `due in ${durationText(leftMs)}` : `due ${agoText(next.dueAtNs, now)}`;
  return `${label} is under way: ${last}; next should come ${next.what}${who}, ${due} (${next.origin}).`;
}

function lastActivity(run: Run, now: UnixNs): string {
  const last = run.steps.at(-1)?.step;
  const when = agoText(run.lastActivityAtNs, now);
  if (last === undefined) return `last seen ${when}`;
  const message = last.message === null ? `"${quotedText(last.name)}"` : messageName(last.message);
  const verb = last.role === 'send' ? 'sent' : last.role === 'take' ? 'took' : 'did';
  return `${last.service} ${verb} ${message} ${when}`;
}

function failure(run: Run): string {
  const failed = failureOf(run);
  if (failed === null) return '';
  const reason = failed.errorMessage === null ? '' : `: ${quotedText(failed.errorMessage)}`;
  return ` at "${quotedText(failed.name)}" in ${failed.service}${reason}`;
}

function undone(run: Run): string {
  const names = run.steps.flatMap(({ step }) => step.compensates ?? []);
  // Without the flow at hand a name alone is no proof that anything stands.
  const effects = effectsOf(new RunIndex(run), null).filter(({ pairedBy }) => pairedBy !== 'name');
  const standing = effects.filter((each) => each.done.length > 0 && each.undone.length === 0);
  if (names.length === 0) return '';
  const order = compensationOf(effects) === 'out-of-order' ? ', not in the reverse order' : '';
  const left = standing.map(({ name }) => `"${quotedText(name)}"`);
  const rest = left.length === 0 ? '' : `, ${listText(left)} not`;
  const well = names.filter((name) => !standing.some((each) => each.name === name));
  const said = well.length === 0 ? 'nothing' : [...new Set(well)].sort().join(', ');
  return `: ${said} undone${order}${rest}`;
}
