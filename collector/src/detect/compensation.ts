import type { StepId } from '@throughline/model/ids';
import type { Flow } from '@throughline/model/policy';
import type { RunStep } from '@throughline/model/run';
import type { Step } from '@throughline/model/step';
import type { UnixNs } from '@throughline/model/time';
import type { RunIndex } from './run-index.js';
import { isUndoable, undoes } from './undo-words.js';

/** One doing, or undoing, of an effect. */
export interface Act {
  readonly stepId: StepId | null;
  readonly service: string;
  readonly startNs: UnixNs;
  readonly endNs: UnixNs;
}

/** How it is known that one step takes back another: a flow says so, the code does, or their names do. */
export type PairedBy = 'declared' | 'code' | 'name';

/** An effect that a run can take back, with what became of it. */
export interface Effect {
  readonly name: string;
  readonly pairedBy: PairedBy;
  /** What would take it back; null when only the name tells that it can be taken back. */
  readonly undoName: string | null;
  /** Successes, earliest end first. */
  readonly done: readonly Act[];
  readonly undone: readonly Act[];
  /** Attempts that failed. */
  readonly failed: readonly RunStep[];
  readonly undoFailed: readonly RunStep[];
}

/** What a saga came to. `out-of-order`: all is undone, though not last effect first. */
export type Compensation = 'none' | 'partly' | 'out-of-order' | 'compensated';

const NO_EFFECTS: readonly Effect[] = [];

export function isCompensating({ compensates, declaredKind }: Step): boolean {
  return compensates !== null || declaredKind === 'compensation';
}

/**
 * The effects of the run that can be undone, in order of their names: those that the flow pairs with their
 * compensation, those that a step says it undoes, and, where the run compensates anything at all, those whose name
 * says that they leave something behind. Pure: depends on the run and the flow only.
 */
export function effectsOf(index: RunIndex, flow: Flow | null): readonly Effect[] {
  const compensating = index.run.steps.filter(({ step }) => isCompensating(step));
  const declared = flow?.compensations ?? NOTHING_DECLARED;
  if (declared.size === 0 && compensating.length === 0) return NO_EFFECTS;
  const pairs = new Map<string, PairedBy>();
  for (const name of declared.keys()) pairs.set(name, 'declared');
  for (const { step } of compensating) {
    if (step.compensates !== null && !pairs.has(step.compensates))
      pairs.set(step.compensates, 'code');
  }
  // Who declares compensations has named what there is to undo.
  if (compensating.length > 0 && declared.size === 0) {
    for (const name of undoableNames(index, pairs)) pairs.set(name, 'name');
  }
  return [...pairs]
    .map(([name, pairedBy]) => effectOf(index, { name, pairedBy, declared: declared.get(name) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What the run came to, by its effects. */
export function compensationOf(effects: readonly Effect[]): Compensation {
  const done = effects.filter((effect) => effect.done.length > 0);
  const undone = done.filter((effect) => effect.undone.length > 0);
  if (undone.length === 0) return 'none';
  if (undone.length < done.length) return 'partly';
  return isInReverse(undone) ? 'compensated' : 'out-of-order';
}

const NOTHING_DECLARED: ReadonlyMap<string, string> = new Map();

/** What was plainly done after another has to be undone before it; what overlapped may go in any order. */
function isInReverse(undone: readonly Effect[]): boolean {
  return undone.every((first) =>
    undone.every((second) => {
      const [doneFirst, undoneFirst] = [first.done.at(-1), first.undone[0]];
      const [doneSecond, undoneSecond] = [second.done[0], second.undone[0]];
      if (!doneFirst || !undoneFirst || !doneSecond || !undoneSecond) return true;
      const wasBefore = doneFirst.endNs <= doneSecond.startNs && first !== second;
      return !wasBefore || undoneFirst.endNs > undoneSecond.startNs;
    }),
  );
}

function undoableNames(
  { run }: RunIndex,
  known: ReadonlyMap<string, PairedBy>,
): ReadonlySet<string> {
  const undone = [...known.keys()];
  const names = new Set<string>();
  for (const { step } of run.steps) {
    if (step.message !== null || step.role !== 'work' || isCompensating(step)) continue;
    if (step.isPending || step.status === 'error') continue;
    const { name } = step;
    if (known.has(name) || names.has(name) || !isUndoable(name)) continue;
    // What takes back another effect is none itself.
    if (!undone.some((forward) => undoes(name, forward))) names.add(name);
  }
  return names;
}

interface Pair {
  readonly name: string;
  readonly pairedBy: PairedBy;
  readonly declared: string | undefined;
}

function effectOf(index: RunIndex, { name, pairedBy, declared }: Pair): Effect {
  const isForward = (each: RunStep): boolean => !isCompensating(each.step);
  const own = index.run.steps.filter(({ step }) => step.compensates === name);
  const named = (undo: string): boolean =>
    undo === declared || (pairedBy === 'name' && undoes(undo, name));
  const byName = index.run.steps.filter(
    ({ step }) => step.compensates === null && step.message === null && named(step.name),
  );
  const undoing = [...own, ...byName];
  const isError = ({ step }: RunStep): boolean => step.status === 'error' && !step.isPending;
  const same = index.run.steps.filter(({ step }) => step.name === name).filter(isForward);
  return {
    name,
    pairedBy,
    undoName: declared ?? undoing[0]?.step.name ?? null,
    done: actsOf(index, name).filter(
      ({ stepId }) => stepId === null || !undoing.some(({ step }) => step.id === stepId),
    ),
    undone: merged([
      ...undoing.filter(({ step }) => step.status === 'ok' && !step.isPending).map(actOf),
      ...(declared === undefined ? [] : actsOf(index, declared)),
    ]),
    failed: same.filter(isError),
    undoFailed: undoing.filter(isError),
  };
}

/** Whatever happened in the run under the name: a step, or a message. */
function actsOf({ occurrences, steps }: RunIndex, name: string): Act[] {
  return (occurrences.get(name) ?? []).map(({ stepId, service, atNs, message }) => {
    const step = stepId === null || message !== null ? undefined : steps.get(stepId);
    if (step !== undefined) return actOf(step);
    return { stepId, service: service ?? 'a service unseen', startNs: atNs, endNs: atNs };
  });
}

export function actOf({ step, correctedStartNs }: RunStep): Act {
  const endNs = (correctedStartNs + (step.endedAtNs - step.startedAtNs)) as UnixNs;
  return { stepId: step.id, service: step.service, startNs: correctedStartNs, endNs };
}

function merged(acts: readonly Act[]): readonly Act[] {
  const byStep = new Map(acts.map((act) => [act.stepId ?? `${act.service} ${act.endNs}`, act]));
  return [...byStep.values()].sort((a, b) => (a.endNs < b.endNs ? -1 : 1));
}
