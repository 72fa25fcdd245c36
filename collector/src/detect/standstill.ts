import type { StepId } from '@throughline/model/ids';
import type { Key } from '@throughline/model/key';
import type { ForeignTaking, RunMessage, RunStep } from '@throughline/model/run';
import type { UnixNs } from '@throughline/model/time';
import { messageName } from './occurrences.js';
import type { OpenedPledge } from './pledge.js';
import type { RunIndex } from './run-index.js';

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
  readonly sentByService: string | null;
  readonly takenByServices: readonly string[];
  readonly deadLetter: { readonly reason: string; readonly detail: string | null } | null;
  readonly undeliverable: boolean;
  readonly payloadHash: string | null;
  readonly takenElsewhere: readonly ForeignTaking[];
}

/**
 * The facts of one run at the place where a promise waits. Made when the run changes, judged later beside what
 * other runs do, so that the judgement does not depend on the order in which runs came.
 */
export interface Standstill {
  /** Of the run, whatever their relation. */
  readonly keys: readonly Key[];
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

const NO_STEPS: readonly StepGlimpse[] = [];
const NO_MESSAGES: readonly MessageGlimpse[] = [];
const NONE: readonly RunMessage[] = [];
const NONE_NEAR: readonly RunStep[] = [];
const NOWHERE: readonly ForeignTaking[] = [];

export function standstillOf(index: RunIndex, opened: OpenedPledge): Standstill {
  const { opening } = opened;
  const { pending } = index;
  const reach = reachOf(index, opened);
  const message = opening.message === null ? null : messageGlimpse(opening.message);
  return {
    keys: index.run.keys,
    act: actOf(index, reach, opened),
    waits: pending.length === 0 ? NO_STEPS : pending.filter(isWait).map(stepGlimpse),
    pending: pending.length === 0 ? NO_STEPS : unfinished(index, reach).map(stepGlimpse),
    opening: message,
    held: glimpses(heldOf(index, reach), opening.message, message),
  };
}

/** The opening itself is among them as a rule: one glimpse of it will do. */
function glimpses(
  held: readonly RunMessage[],
  opening: RunMessage | null,
  glimpse: MessageGlimpse | null,
): readonly MessageGlimpse[] {
  if (held.length === 0) return NO_MESSAGES;
  return held.map((each) =>
    glimpse !== null && each === opening ? glimpse : messageGlimpse(each),
  );
}

function isWait({ step }: RunStep): boolean {
  return step.declaredKind === 'approval' || step.declaredKind === 'timer';
}

/** Steps that the opening led to, itself included; null for the whole run. */
function reachOf(index: RunIndex, { opening, pledge }: OpenedPledge): ReadonlySet<StepId> | null {
  const seeds = opening.stepId === null ? (opening.message?.takenBy ?? []) : [opening.stepId];
  if (pledge.form === 'end' || seeds.length === 0) return null;
  const { effects } = index;
  const reach = new Set<StepId>(seeds);
  for (const id of reach) for (const next of effects.get(id) ?? []) reach.add(next);
  return reach;
}

/** The last of the held messages behind the opening, in the order of the run. */
function heldOf({ held }: RunIndex, reach: ReadonlySet<StepId> | null): readonly RunMessage[] {
  const found: RunMessage[] = [];
  for (let at = held.length - 1; at >= 0 && found.length < HELD_MAX; at -= 1) {
    const message = held[at] as RunMessage;
    if (reach === null || isSentWithin(message, reach)) found.push(message);
  }
  return found.length === 0 ? NONE : found.reverse();
}

function actOf(
  index: RunIndex,
  reach: ReadonlySet<StepId> | null,
  { pledge: { by, form }, opening }: OpenedPledge,
): StepGlimpse | null {
  if (by === null) return null;
  const isAct = ({ step }: RunStep): boolean =>
    step.service === by && step.role !== 'fetch' && step.role !== 'settle' && step.role !== 'send';
  // Of whoever should take this message, what it did for another one tells nothing.
  const isOfThis = form === 'take' && opening.message !== null;
  const near = isOfThis
    ? NONE_NEAR
    : behind(index, reach).filter((each) => isAct(each) && each.step.id !== opening.stepId);
  const acts = near.length > 0 ? near : takesOf(index, opening.message).filter(isAct);
  const takes = acts.filter(({ step }) => step.role === 'take');
  const last = (takes.length > 0 ? takes : acts).reduce<RunStep | null>(latest, null);
  return last === null ? null : stepGlimpse(last);
}

function behind({ run, steps }: RunIndex, reach: ReadonlySet<StepId> | null): readonly RunStep[] {
  return reach === null ? run.steps : [...reach].flatMap((id) => steps.get(id) ?? []);
}

function takesOf({ steps }: RunIndex, message: RunMessage | null): readonly RunStep[] {
  return (message?.takenBy ?? []).flatMap((id) => {
    const taking = steps.get(id);
    return taking?.step.role === 'take' ? [taking] : [];
  });
}

function latest(best: RunStep | null, each: RunStep): RunStep {
  if (best === null || each.correctedStartNs > best.correctedStartNs) return each;
  if (each.correctedStartNs < best.correctedStartNs) return best;
  return each.step.id > best.step.id ? each : best;
}

/** Pending steps without a pending effect of their own: what the others wait for. */
function unfinished({ run, pending }: RunIndex, reach: ReadonlySet<StepId> | null): RunStep[] {
  const ids = new Set(pending.map(({ step }) => step.id));
  const enclosing = new Set<StepId>();
  for (const { from, to } of run.edges) if (ids.has(to)) enclosing.add(from);
  return pending
    .filter(({ step }) => (reach === null || reach.has(step.id)) && !enclosing.has(step.id))
    .filter((each) => !isWait(each))
    .sort((a, b) => (a.step.startedAtNs > b.step.startedAtNs ? -1 : 1));
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
    sentByService: message.sentByService,
    takenByServices,
    deadLetter: message.deadLettered
      ? {
          reason: message.deadLetter?.reason ?? 'moved aside',
          detail: message.deadLetter?.detail ?? null,
        }
      : null,
    undeliverable,
    payloadHash: message.payload?.hash ?? null,
    takenElsewhere: message.takenElsewhere ?? NOWHERE,
  };
}
