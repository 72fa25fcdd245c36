import type { StepId } from '@throughline/model/ids';
import type { Edge, Pattern, RunMessage, RunStatus } from '@throughline/model/run';
import type { RunOutcome, Step } from '@throughline/model/step';
import type { UnixNs } from '@throughline/model/time';
import { isEngineEnd, isEngineStep } from './engine.js';
import { eventOf, isNamed, type WorkflowOfRun } from './workflow-name.js';

export interface StatusOfRun {
  readonly status: RunStatus;
  readonly endedAtNs: UnixNs | null;
}

export interface StatusInput {
  /** By start. */
  readonly steps: readonly Step[];
  readonly messages: readonly RunMessage[];
  readonly edges: readonly Edge[];
  readonly pattern: Pattern | null;
  readonly workflow: WorkflowOfRun;
  readonly isProvisional: boolean;
}

/**
 * What the steps say of how the run stands; silence says nothing.
 *
 * 1. The last step that declares an outcome, or that a declared flow names as an end, decides.
 * 2. A declared flow whose end was not reached is active.
 * 3. An engine's execution is active until the engine says or shows its end.
 * 4. Where the caller waits for everything (orchestrated), the run has ended when its roots have.
 * 5. Where messages carry it on, a run with a key stays active: nobody said what its end is. Without a key
 *    it has ended when its roots have and every message was taken.
 * 6. It has not ended while an event is missing that a step announced with a deadline, or that the flow expects.
 */
export function statusOf(input: StatusInput): StatusOfRun {
  const { steps, workflow } = input;
  const end = declaredEnd(input);
  if (end) return { status: end.outcome, endedAtNs: end.atNs };
  const active: StatusOfRun = { status: 'active', endedAtNs: null };
  if (workflow.flow && workflow.flow.ends.length > 0) return active;
  if (steps.some((step) => step.isPending)) return active;
  if (steps.some(isEngineStep) && !steps.some(isEngineEnd)) return active;
  const isCarriedByMessages = input.pattern !== 'orchestrated' && input.messages.length > 0;
  if (isCarriedByMessages && !input.isProvisional) return active;
  if (input.messages.some((message) => message.takenBy.length === 0)) return active;
  const roots = rootsOf(steps, input.edges);
  const endedAtNs = steps.reduce((last, step) => later(last, step.endedAtNs), 0n as UnixNs);
  if (steps.some(isCompensation)) return { status: 'compensated', endedAtNs };
  if (roots.at(-1)?.status === 'error') return { status: 'failed', endedAtNs };
  return awaitsEvent(input) ? active : { status: 'completed', endedAtNs };
}

function awaitsEvent({ steps, workflow }: StatusInput): boolean {
  const announced = steps.flatMap((step) => (step.deadlineMs === null ? [] : step.expects));
  const declared = workflow.flow?.expects ?? [];
  if (announced.length === 0 && declared.length === 0) return false;
  const happened = new Set(steps.map(eventOf));
  return (
    announced.some((event) => !happened.has(event)) ||
    declared.some(({ after, alsoAfter = [], event, alsoEvents = [] }) => {
      const isOpened = [after, ...alsoAfter].some((name) => happened.has(name));
      return event !== null && isOpened && ![event, ...alsoEvents].some((e) => happened.has(e));
    })
  );
}

function declaredEnd(input: StatusInput): { outcome: RunOutcome; atNs: UnixNs } | null {
  const ends = input.workflow.flow?.ends ?? [];
  let last: { outcome: RunOutcome; atNs: UnixNs } | null = null;
  for (const step of input.steps) {
    // A reaction to the ending event is not the end: the event itself is.
    const isReaction = step.role === 'take' || step.role === 'fetch' || step.role === 'settle';
    // Nor is an attempt at the ending step that failed: a step that failed has not happened.
    const isVain = step.message === null && step.status === 'error';
    const isNoEnd = isReaction || isVain;
    const end = isNoEnd ? undefined : ends.find(({ event }) => isNamed(step, event));
    const outcome = step.outcome ?? end?.outcome ?? null;
    if (outcome === null || (step.isPending && step.outcome === null)) continue;
    if (!last || step.endedAtNs >= last.atNs) last = { outcome, atNs: step.endedAtNs };
  }
  return last ?? takenEnd(input);
}

/** The ending event of a producer that sends no spans is known from those who took it. */
function takenEnd(input: StatusInput): { outcome: RunOutcome; atNs: UnixNs } | null {
  const ends = input.workflow.flow?.ends ?? [];
  for (const step of input.steps) {
    const end = step.message && ends.find(({ event }) => isNamed(step, event));
    if (end) return { outcome: end.outcome, atNs: step.startedAtNs };
  }
  return null;
}

function rootsOf(steps: readonly Step[], edges: readonly Edge[]): Step[] {
  const caused = new Set<StepId>(edges.map(({ to }) => to));
  return steps.filter(({ id }) => !caused.has(id));
}

function isCompensation(step: Step): boolean {
  return step.declaredKind === 'compensation' || step.compensates !== null;
}

function later(a: UnixNs, b: UnixNs): UnixNs {
  return a > b ? a : b;
}
