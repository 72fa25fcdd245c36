import type { Policy } from '@throughline/model/policy';
import type { Run } from '@throughline/model/run';
import { nsFromMs, type UnixNs } from '@throughline/model/time';
import { compensationOf, effectsOf, isCompensating, type Effect } from '../compensation.js';
import type { Mark } from '../mark.js';
import { hasLostSpans } from '../lost-spans.js';
import { flowOf } from '../pledge.js';
import { runLabel } from '../run-label.js';
import { forText, listText, quotedText, several } from '../wording.js';
import { HANDLER_SILENT_MS } from '../verdict/diagnose.js';
import { markStatement, type MarkRule } from './mark-statement.js';

/** An active run that began to compensate and went silent for so long has stopped half-way. */
const STOPPED_AFTER_MS = 45_000;

const CONFIDENCE = { declared: 1, code: 0.95, name: 0.7 } as const;

/** A failed, cancelled or compensated saga, or one that stopped compensating, left an effect standing. */
export const uncompensatedEffect: MarkRule = {
  rule: 'uncompensated-effect',

  marksOf(run, { index, policy, settledNs }) {
    if (!mayCompensate(run, policy)) return NO_MARKS;
    const effects = effectsOf(index, flowOf(index, policy.flows));
    const standing = effects.filter((effect) => isStanding(effect, run));
    // Whoever lost spans may have lost those of the compensation: nothing is said of what is absent.
    if (standing.length === 0 || isUnderWay(effects, run) || hasLostSpans(index)) return NO_MARKS;
    const patienceMs = run.status === 'active' ? STOPPED_AFTER_MS : policy.detect.stalled.graceMs;
    const [settled, silent] = [settledNs(patienceMs), silentNs(run)];
    const ripeNs = settled > silent ? settled : silent;
    return standing.map((effect) => ({ ...markOf(run, effect, effects), ripeNs }));
  },

  judge(marks, view, now) {
    const { newest } = marks;
    const undo = newest.where === null ? 'its compensation' : `"${quotedText(newest.where)}"`;
    const why = newest.detail === null ? 'never ran' : `failed: ${quotedText(newest.detail)}`;
    const others = marks.length - 1;
    const act = `undo "${quotedText(newest.what)}" of ${newest.label} by hand, or run its compensation again`;
    return markStatement(marks, view, {
      severity: 'critical',
      confidence: newest.confidence ?? 1,
      subject: null,
      where: `${newest.what} in ${newest.service}`,
      sentence: `${newest.label} did not undo all that it did: "${quotedText(newest.what)}" of ${newest.service} stands ${forText(newest.sinceNs, now)}, ${undo} ${why}.${others === 0 ? '' : ` ${several(others, 'other run', 'other runs')} left it standing too.`} Next: ${act}.`,
      evidence: [
        ...(newest.evidence ?? []),
        { text: `runs that left "${quotedText(newest.what)}" standing`, value: marks.length },
      ],
      next: [{ text: act, command: `throughline explain ${newest.runId}` }],
    });
  },
};

const NO_MARKS: readonly Mark[] = [];

function mayCompensate({ status, steps }: Run, { flows }: Policy): boolean {
  if (status === 'completed') return false;
  if (status !== 'active' && flows.some(({ compensations }) => compensations.size > 0)) return true;
  return steps.some(({ step }) => isCompensating(step));
}

/** What is reported as open is at work for as long as it is heard of. */
function silentNs({ steps }: Run): UnixNs {
  const silenceNs = nsFromMs(HANDLER_SILENT_MS);
  return steps.reduce(
    (last, { step: { isPending, endedAtNs } }) =>
      isPending && endedAtNs + silenceNs > last ? ((endedAtNs + silenceNs) as UnixNs) : last,
    0n as UnixNs,
  );
}

/** A cancelled run may keep what it did, unless it was declared how to undo it. */
function isStanding({ done, undone, pairedBy }: Effect, { status }: Run): boolean {
  if (done.length === 0 || undone.length > 0) return false;
  return status !== 'cancelled' || pairedBy === 'declared';
}

/** An active run that did anything new since it undid something goes forward again: it does not compensate. */
function isUnderWay(effects: readonly Effect[], { status }: Run): boolean {
  if (status !== 'active') return false;
  const undone = effects.flatMap((effect) => effect.undone.map(({ endNs }) => endNs));
  const firstNs = undone.reduce<bigint | null>((a, b) => (a !== null && a < b ? a : b), null);
  if (firstNs === null) return effects.every(({ undoFailed }) => undoFailed.length === 0);
  return effects.some(({ done }) => done.some(({ startNs }) => startNs > firstNs));
}

function markOf(run: Run, effect: Effect, effects: readonly Effect[]): Mark {
  const service = effect.done.at(-1)?.service ?? '';
  const failed = effect.undoFailed.at(-1)?.step;
  const done = effects.filter((each) => each.done.length > 0);
  const undone = done.filter((each) => each.undone.length > 0).map(({ name }) => name);
  return {
    rule: 'uncompensated-effect',
    cause: JSON.stringify([run.workflow, effect.name]),
    runId: run.id,
    label: runLabel(run),
    workflow: run.workflow,
    sinceNs: run.endedAtNs ?? run.lastActivityAtNs,
    service,
    what: effect.name,
    where: effect.undoName,
    detail: failed === undefined ? null : (failed.errorMessage ?? 'it gave no reason'),
    count: undone.length,
    confidence: CONFIDENCE[effect.pairedBy],
    evidence: [
      {
        text:
          compensationOf(effects) === 'none'
            ? 'nothing was compensated; effects that can be undone'
            : `partly compensated: ${listText(undone)} of effects that can be undone`,
        value: done.length,
      },
      { text: PAIRED_TEXT[effect.pairedBy], ...(effect.undoName && { value: effect.undoName }) },
    ],
  };
}

const PAIRED_TEXT = {
  declared: 'declared to be undone by',
  code: 'undone, as the code says, by',
  name: 'by its name it leaves something behind, in a run that undoes other effects',
} as const;
