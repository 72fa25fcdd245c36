import type { StepId } from '@throughline/model/ids';
import type { Run, RunMessage, RunStep } from '@throughline/model/run';
import type { UnixNs } from '@throughline/model/time';
import { messageName } from './occurrences.js';
import type { OpenedPledge } from './pledge.js';

/** What is kept of a step to explain a standstill. */
export interface StepGlimpse {
  readonly id: StepId;
  readonly service: string;
  readonly name: string;
  readonly role: RunStep['step']['role'];
  readonly declaredKind: RunStep['step']['declaredKind'];
  readonly startedAtNs: UnixNs;
  /** When it ended or, while it is pending, when it was last reported. */
  readonly seenAtNs: UnixNs;
  readonly isPending: boolean;
  readonly isError: boolean;
  readonly errorMessage: string | null;
  readonly skippedReason: string | null;
  readonly attempt: number;
  readonly peer: string | null;
  readonly deadlineMs: number | null;
}

/** What is kept of a message to explain a standstill. */
export interface MessageGlimpse {
  readonly id: string;
  readonly name: string;
  readonly system: string;
  readonly destination: string;
  readonly type: string | null;
  readonly sentAtNs: UnixNs | null;
  readonly takenByServices: readonly string[];
  readonly deadLetter: { readonly reason: string; readonly detail: string | null } | null;
  readonly undeliverable: boolean;
}

/**
 * The facts of one run at the place where a promise waits. Made when the run changes, judged later beside what
 * other runs do, so that the judgement does not depend on the order in which runs came.
 */
export interface Standstill {
  /** What the promised service did last with what it was given; null when it did nothing. */
  readonly act: StepGlimpse | null;
  /** Approvals and timers that the run waits for. */
  readonly waits: readonly StepGlimpse[];
  /** Other unfinished work behind the opening, innermost only, latest first. */
  readonly pending: readonly StepGlimpse[];
  /** The message that opened the promise; null when a step or the start did. */
  readonly opening: MessageGlimpse | null;
  /** Messages behind the opening that nobody took, or that were put aside. */
  readonly held: readonly MessageGlimpse[];
}

const HELD_MAX = 16;

export function standstillOf(run: Run, opened: OpenedPledge): Standstill {
  const { opening } = opened;
  const reach = reachOf(run, opened);
  const behind = run.steps.filter(({ step }) => reach === null || reach.has(step.id));
  const innermost = unfinished(run, behind);
  const isWait = ({ step }: RunStep): boolean =>
    step.declaredKind === 'approval' || step.declaredKind === 'timer';
  return {
    act: actOf(run, behind, opened),
    waits: run.steps.filter((each) => each.step.isPending && isWait(each)).map(stepGlimpse),
    pending: innermost.filter((each) => !isWait(each)).map(stepGlimpse),
    opening: opening.message === null ? null : messageGlimpse(opening.message),
    held: run.messages
      .filter((message) => isHeld(message) && (reach === null || isSentWithin(message, reach)))
      .slice(-HELD_MAX)
      .map(messageGlimpse),
  };
}

/** Steps that the opening led to, itself included; null for the whole run. */
function reachOf(run: Run, { opening, pledge }: OpenedPledge): ReadonlySet<StepId> | null {
  const seeds = opening.stepId === null ? (opening.message?.takenBy ?? []) : [opening.stepId];
  if (pledge.form === 'end' || seeds.length === 0) return null;
  const effects = new Map<StepId, StepId[]>();
  for (const { from, to } of run.edges) {
    const known = effects.get(from);
    if (known === undefined) effects.set(from, [to]);
    else known.push(to);
  }
  const reach = new Set<StepId>(seeds);
  for (const id of reach) for (const next of effects.get(id) ?? []) reach.add(next);
  return reach;
}

function actOf(
  run: Run,
  behind: readonly RunStep[],
  { pledge: { by }, opening }: OpenedPledge,
): StepGlimpse | null {
  if (by === null) return null;
  const isAct = ({ step }: RunStep): boolean =>
    step.service === by && step.role !== 'fetch' && step.role !== 'settle' && step.role !== 'send';
  const near = behind.filter((each) => isAct(each) && each.step.id !== opening.stepId);
  const later = (): RunStep[] =>
    run.steps.filter(
      (each) => isAct(each) && each.step.role === 'take' && isTakeOf(each, opening.message),
    );
  const acts = near.length > 0 ? near : later();
  const takes = acts.filter(({ step }) => step.role === 'take');
  const last = (takes.length > 0 ? takes : acts).reduce<RunStep | null>(latest, null);
  return last === null ? null : stepGlimpse(last);
}

function isTakeOf({ step }: RunStep, message: RunMessage | null): boolean {
  return message?.takenBy.includes(step.id) ?? false;
}

function latest(best: RunStep | null, each: RunStep): RunStep {
  if (best === null || each.correctedStartNs > best.correctedStartNs) return each;
  if (each.correctedStartNs < best.correctedStartNs) return best;
  return each.step.id > best.step.id ? each : best;
}

/** Pending steps without a pending effect of their own: what the others wait for. */
function unfinished(run: Run, steps: readonly RunStep[]): RunStep[] {
  const pending = new Set(steps.filter(({ step }) => step.isPending).map(({ step }) => step.id));
  if (pending.size === 0) return [];
  const enclosing = new Set<StepId>();
  for (const { from, to } of run.edges) if (pending.has(to)) enclosing.add(from);
  return steps
    .filter(({ step }) => pending.has(step.id) && !enclosing.has(step.id))
    .sort((a, b) => (a.step.startedAtNs > b.step.startedAtNs ? -1 : 1));
}

function isHeld(message: RunMessage): boolean {
  return message.deadLettered || message.undeliverable || message.takenBy.length === 0;
}

function isSentWithin(message: RunMessage, reach: ReadonlySet<StepId>): boolean {
  return message.sentBy !== null && reach.has(message.sentBy);
}

function stepGlimpse({ step, attempt }: RunStep): StepGlimpse {
  const { id, service, name, role, declaredKind, startedAtNs, isPending, errorMessage } = step;
  return {
    id,
    service,
    name,
    role,
    declaredKind,
    startedAtNs,
    seenAtNs: step.endedAtNs,
    isPending,
    isError: step.status === 'error',
    errorMessage,
    skippedReason: step.skippedReason,
    attempt,
    peer: step.peer,
    deadlineMs: step.deadlineMs,
  };
}

function messageGlimpse(message: RunMessage): MessageGlimpse {
  const { id, system, destination, type, sentAtNs, takenByServices, undeliverable } = message;
  return {
    id,
    name: messageName(message),
    system,
    destination,
    type,
    sentAtNs,
    takenByServices,
    deadLetter: message.deadLettered
      ? {
          reason: message.deadLetter?.reason ?? 'moved aside',
          detail: message.deadLetter?.detail ?? null,
        }
      : null,
    undeliverable,
  };
}
