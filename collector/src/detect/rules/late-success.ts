import type { StepId } from '@throughline/model/ids';
import type { Run } from '@throughline/model/run';
import { msFromNs } from '@throughline/model/time';
import { actOf, effectsOf, isCompensating, type Act, type Effect } from '../compensation.js';
import type { Mark } from '../mark.js';
import { flowOf } from '../pledge.js';
import type { RunIndex } from '../run-index.js';
import { runLabel } from '../run-label.js';
import { agoText, durationText, quotedText, several } from '../wording.js';
import { markStatement, type MarkRule } from './mark-statement.js';

/** An effect succeeded after its compensation: a slow handler, or a message that came late, did it once more. */
export const lateSuccess: MarkRule = {
  rule: 'late-success',

  marksOf(run, { index, policy }) {
    const isSaga =
      policy.flows.some(({ compensations }) => compensations.size > 0) ||
      run.steps.some(({ step }) => isCompensating(step));
    if (!isSaga) return NO_MARKS;
    return effectsOf(index, flowOf(index, policy.flows)).flatMap((effect) => {
      const late = lateActOf(effect, index);
      return late === null ? [] : [markOf(run, effect, late)];
    });
  },

  judge(marks, view, now) {
    const { newest } = marks;
    const others = marks.length - 1;
    const act = `undo "${quotedText(newest.what)}" of ${newest.label} once more, and let ${newest.service} refuse what was undone`;
    return markStatement(marks, view, {
      severity: 'critical',
      confidence: newest.confidence ?? 1,
      subject: null,
      where: `${newest.what} in ${newest.service}`,
      sentence: `"${quotedText(newest.what)}" of ${newest.label} succeeded in ${newest.service} ${agoText(newest.sinceNs, now)}, ${newest.detail} after "${quotedText(newest.where ?? '')}" had undone it: the effect stands.${others === 0 ? '' : ` It did so in ${several(others, 'other run')} too.`} Next: ${act}.`,
      evidence: [
        ...(newest.evidence ?? []),
        { text: 'runs in which it succeeded too late', value: marks.length },
      ],
      next: [{ text: act, command: `throughline explain ${newest.runId}` }],
    });
  },
};

const NO_MARKS: readonly Mark[] = [];

interface Late {
  readonly act: Act;
  readonly undo: Act;
}

/** The last success, when it came after the last undoing and belongs to what was undone. */
function lateActOf(effect: Effect, index: RunIndex): Late | null {
  const undo = effect.undone.at(-1);
  if (undo === undefined) return null;
  const successes = [...effect.done, ...answeredLate(effect, index)];
  const act = successes.reduce<Act | null>((a, b) => (a && a.endNs >= b.endNs ? a : b), null);
  if (act === null || act.endNs <= undo.endNs) return null;
  const isGivenUp = index.run.status !== 'active' && index.run.status !== 'completed';
  // A run that goes on may well do again what it had undone; but not because of what was under way before.
  return isGivenUp || wasUnderWay(act, undo, index) ? { act, undo } : null;
}

/** Whether the act had begun before the undoing, or answers a message that was sent before and read only after. */
function wasUnderWay(act: Act, undo: Act, { run, steps }: RunIndex): boolean {
  if (act.startNs < undo.startNs) return true;
  const causes = new Map(
    run.edges.filter(({ kind }) => kind !== 'compensates').map(({ from, to }) => [to, from]),
  );
  for (let id = act.stepId; id !== null; id = causes.get(id) ?? null) {
    const at = steps.get(id);
    if (at === undefined || at.step.service !== act.service) return false;
    if (at.step.role !== 'take') continue;
    const sent = steps.get(causes.get(id) ?? id);
    return at.correctedStartNs >= undo.startNs && (sent?.correctedStartNs ?? 0n) < undo.startNs;
  }
  return false;
}

/** The caller gave up, and the service that was asked did it all the same, later. */
function answeredLate({ failed }: Effect, { run, steps }: RunIndex): Act[] {
  if (failed.length === 0) return [];
  const effects = new Map<StepId, StepId[]>();
  for (const { from, to, kind } of run.edges) {
    if (kind === 'compensates') continue;
    effects.set(from, [...(effects.get(from) ?? []), to]);
  }
  const answers: Act[] = [];
  const open: StepId[] = failed.map(({ step }) => step.id);
  const seen = new Set<StepId>(open);
  const services = new Set(failed.map(({ step }) => step.service));
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const each = steps.get(id);
    const isAnswer = each?.step.role === 'serve' || each?.step.role === 'take';
    if (each && isAnswer && each.step.status === 'ok' && !services.has(each.step.service)) {
      if (!each.step.isPending) answers.push(actOf(each));
      // What it led to from there is no longer the effect itself.
      continue;
    }
    for (const next of effects.get(id) ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(next);
    }
  }
  return answers;
}

function markOf(run: Run, effect: Effect, { act, undo }: Late): Mark {
  const lateBy = durationText(msFromNs(act.endNs - undo.endNs));
  return {
    rule: 'late-success',
    cause: JSON.stringify([run.workflow, effect.name]),
    runId: run.id,
    label: runLabel(run),
    workflow: run.workflow,
    sinceNs: act.endNs,
    service: act.service,
    what: effect.name,
    where: effect.undoName,
    detail: lateBy,
    count: 1,
    confidence: effect.pairedBy === 'name' ? 0.7 : 1,
    evidence: [
      { text: `undone by ${undo.service}, then done by ${act.service} after`, value: lateBy },
    ],
  };
}
