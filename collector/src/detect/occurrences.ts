import type { StepId } from '@throughline/model/ids';
import type { Run, RunMessage, RunStep } from '@throughline/model/run';
import type { Step } from '@throughline/model/step';
import type { UnixNs } from '@throughline/model/time';

/** Something that a declared flow can name, as it happened once in a run. */
export interface Occurrence {
  readonly name: string;
  /** The step that did it; null for a message whose sender is not known. */
  readonly stepId: StepId | null;
  readonly service: string | null;
  readonly atNs: UnixNs;
  readonly message: RunMessage | null;
}

export interface MessageOccurrence extends Occurrence {
  readonly message: RunMessage;
}

/** Names by which a step without a message may say which event it is. */
const EVENT_NAMES = ['throughline.event.type', 'event.name'];

/** What the message is called in flows: its type, else its destination. */
export function messageName(message: Pick<RunMessage, 'type' | 'destination'>): string {
  return message.type ?? message.destination;
}

/**
 * Everything that happened in the run, by name, earliest first. A message counts by its type, a step without a
 * message by its event name and its own name. What failed or has not finished has not happened; neither has the
 * copy of a message that was put aside.
 */
export function occurrencesOf(
  run: Run,
  steps: ReadonlyMap<StepId, RunStep>,
): ReadonlyMap<string, readonly Occurrence[]> {
  const found = new Map<string, Occurrence[]>();
  const note = (occurrence: Occurrence): void => {
    const same = found.get(occurrence.name);
    if (same === undefined) found.set(occurrence.name, [occurrence]);
    else same.push(occurrence);
  };
  for (const message of run.messages) {
    const occurrence = sending(message, steps);
    if (occurrence !== null) note(occurrence);
  }
  for (const { step, correctedStartNs } of run.steps) {
    if (step.message !== null || step.isPending || step.status === 'error') continue;
    const length = step.endedAtNs - step.startedAtNs;
    const atNs = (correctedStartNs + length) as UnixNs;
    for (const name of stepNames(step)) {
      note({ name, stepId: step.id, service: step.service, atNs, message: null });
    }
  }
  for (const same of found.values()) same.sort(byTime);
  return found;
}

/** The sending of a message, as something that happened; null when it has not. */
export function sending(
  message: RunMessage,
  steps: ReadonlyMap<StepId, RunStep>,
): MessageOccurrence | null {
  const { sentBy: stepId, sentByService: service } = message;
  const sender = stepId === null ? undefined : steps.get(stepId)?.step;
  const atNs = sentAtNs(message, sender);
  return atNs === null ? null : { name: messageName(message), stepId, service, atNs, message };
}

function sentAtNs(message: RunMessage, sender: Step | undefined): UnixNs | null {
  if (sender?.message?.isDeadLetterDestination === true) return null;
  if (message.firstTakenAtNs !== null) return message.sentAtNs ?? message.firstTakenAtNs;
  if (sender !== undefined && (sender.isPending || sender.status === 'error')) return null;
  return message.sentAtNs;
}

function stepNames(step: Step): ReadonlySet<string> {
  const names = new Set([step.name]);
  for (const attribute of EVENT_NAMES) {
    const name = step.attributes.get(attribute);
    if (typeof name === 'string' && name !== '') names.add(name);
  }
  return names;
}

function byTime(a: Occurrence, b: Occurrence): number {
  if (a.atNs !== b.atNs) return a.atNs < b.atNs ? -1 : 1;
  return (a.stepId ?? '') < (b.stepId ?? '') ? -1 : 1;
}
