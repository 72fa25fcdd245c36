import { stepId, type RunId, type StepId } from '@throughline/model/ids';
import type { Key } from '@throughline/model/key';
import type { RunMessage, RunStep } from '@throughline/model/run';
import type { UnixNs } from '@throughline/model/time';
import { messageName } from './occurrences.js';
import type { RunIndex } from './run-index.js';
import { runLabel } from './run-label.js';

/** What a run shows that began without its beginning: somebody in it acted on what another run did. */
export interface HalfRun {
  readonly runId: RunId;
  readonly label: string;
  readonly startedAtNs: UnixNs;
  readonly keys: readonly SpelledKey[];
  /** Takings of messages that nobody in this run sent. */
  readonly takes: readonly HalfAct[];
  /** Messages that were sent in it. */
  readonly sends: readonly HalfAct[];
}

/** A key, and the attribute that it was read from, where that can be told. */
export interface SpelledKey extends Key {
  readonly attribute: string | null;
}

export interface HalfAct {
  readonly stepId: StepId;
  /** The step that it was done in, if it was done in one. */
  readonly insideOf: StepId | null;
  readonly service: string;
  /** The message, as flows call it. */
  readonly name: string;
  readonly system: string;
  readonly destination: string;
  readonly payloadHash: string | null;
  readonly atNs: UnixNs;
}

/** A half run is short as a rule; of a long one the beginning tells. */
const ACTS_MAX = 32;
const SPELLED_STEPS_MAX = 16;

/** Null: the run has its beginning. */
export function halfOf(index: RunIndex): HalfRun | null {
  const { run } = index;
  const takes = run.messages.filter(isUnsent).flatMap((message) => takings(message, index));
  if (takes.length === 0 && !hasStraySend(index)) return null;
  return {
    runId: run.id,
    label: runLabel(run),
    startedAtNs: run.startedAtNs,
    keys: run.keys.map((key) => ({ ...key, attribute: attributeOf(key, run.steps) })),
    takes: takes.slice(0, ACTS_MAX),
    sends: run.messages.flatMap((message) => sending(message, index)).slice(0, ACTS_MAX),
  };
}

function isUnsent({ sentBy, isSentElsewhere, takenBy }: RunMessage): boolean {
  return (sentBy === null || isSentElsewhere === true) && takenBy.length > 0;
}

/** A message was sent inside something that lies in another run, or nowhere. */
function hasStraySend({ run }: RunIndex): boolean {
  const stray = run.steps.filter(
    ({ step }) => step.role === 'send' && step.parentSpanId !== null && !step.isPending,
  );
  if (stray.length === 0) return false;
  const caused = new Set(run.edges.map(({ to }) => to));
  return stray.some(({ step }) => !caused.has(step.id));
}

function takings(message: RunMessage, { steps }: RunIndex): HalfAct[] {
  return message.takenBy.flatMap((id) => {
    const taking = steps.get(id);
    if (taking === undefined) return [];
    return [actOf(message, taking, taking.step.service)];
  });
}

function sending(message: RunMessage, { steps }: RunIndex): HalfAct[] {
  const sender = message.sentBy === null ? undefined : steps.get(message.sentBy);
  if (sender === undefined || sender.step.status === 'error') return [];
  return [actOf(message, sender, sender.step.service)];
}

function actOf(message: RunMessage, { step, correctedStartNs }: RunStep, service: string): HalfAct {
  const { system, destination, payload } = message;
  return {
    stepId: step.id,
    insideOf: step.parentSpanId === null ? null : stepId(step.traceId, step.parentSpanId),
    service,
    name: messageName(message),
    system,
    destination,
    payloadHash: payload?.hash ?? step.message?.payload?.hash ?? null,
    atNs: correctedStartNs,
  };
}

function attributeOf({ value }: Key, steps: readonly RunStep[]): string | null {
  for (const { step } of steps.slice(0, SPELLED_STEPS_MAX)) {
    for (const [name, each] of step.attributes) if (isText(each, value)) return name;
  }
  return null;
}

function isText(value: unknown, text: string): boolean {
  return typeof value === 'string' || typeof value === 'number' ? String(value) === text : false;
}
