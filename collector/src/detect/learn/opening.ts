import type { RunId, StepId } from '@throughline/model/ids';
import type { RunMessage, RunStep } from '@throughline/model/run';
import { msFromNs, type UnixNs } from '@throughline/model/time';
import { sending, type MessageOccurrence, type Occurrence } from '../occurrences.js';
import type { RunIndex } from '../run-index.js';
import { FacetsOfRun, type Facets } from './facets.js';
import { gapsOf, type Gaps } from './gaps.js';
import { Seen, type Reactions } from './reactions.js';

/**
 * Acts of one kind to which others may react.
 *
 * - `sent`: messages of one name at one destination; services react by taking them
 * - `handled`: messages of one name that one service took; it reacts by sending messages of some type
 */
export interface Place {
  readonly kind: 'sent' | 'handled';
  readonly workflow: string;
  readonly system: string;
  readonly destination: string;
  readonly name: string;
  /** The service that handled it; null for what was sent. */
  readonly service: string | null;
}

/** One act to which others may react, and who did. As much as learning needs of it, and no more. */
export interface Opening {
  readonly runId: RunId;
  readonly openedAtNs: UnixNs;
  /** What was known then of the run, where it may tell who reacts. */
  readonly facets: Facets;
  /**
   * By reactor (a service, or a message type): milliseconds until the reaction could be seen. A taking is seen
   * when it ends, since that is when its span is sent: a deadline learned from starts would break for every
   * handler that is slower than the grace.
   */
  readonly reactions: Reactions;
  /** Reactors whose absence teaches nothing: they failed at it, are at it, or the run was given up. */
  readonly untold: 'all' | ReadonlySet<string>;
  /** Reactors that are seen at it: nothing was lost on its way to them. */
  readonly begun: ReadonlySet<string>;
  /** Reactors of which other steps show that they did react, though the reaction itself was not seen. */
  readonly waived: 'all' | ReadonlySet<string>;
}

export interface Opened {
  readonly key: string;
  readonly place: Place;
  readonly opening: Opening;
  readonly occurrence: Occurrence;
}

const NOBODY: ReadonlySet<string> = new Set();
const NO_OPENINGS: readonly Opened[] = [];

/** Every act of the run that could be reacted to. Depends on the run and the name of its workflow only. */
export function openingsOf(index: RunIndex, workflow: string): readonly Opened[] {
  const { run } = index;
  if (run.messages.length === 0) return NO_OPENINGS;
  const gaps = gapsOf(index);
  const facets = new FacetsOfRun(index);
  // Failed, cancelled and compensated runs were given up: what is absent there says nothing.
  const isGivenUp = run.status !== 'active' && run.status !== 'completed';
  const opened: Opened[] = [];
  for (const message of run.messages) {
    const occurrence = sending(message, index.steps);
    if (occurrence === null) continue;
    const taking = { occurrence, index, workflow, gaps, facets, isGivenUp };
    opened.push(sent(taking));
    if (message.takenBy.length > 0) handled(taking, opened);
  }
  return opened;
}

interface Taking {
  readonly occurrence: MessageOccurrence;
  readonly index: RunIndex;
  readonly workflow: string;
  readonly gaps: Gaps;
  readonly facets: FacetsOfRun;
  readonly isGivenUp: boolean;
}

function sent({ occurrence, index, workflow, gaps, facets, isGivenUp }: Taking): Opened {
  const { message, atNs, stepId } = occurrence;
  const seen = new Seen();
  let untold: Set<string> | null = null;
  let begun: Set<string> | null = null;
  for (const id of message.takenBy) {
    const taken = index.steps.get(id);
    if (taken === undefined) continue;
    const { service, isPending, status } = taken.step;
    if (isPending || status === 'error') (untold ??= new Set()).add(service);
    else seen.note(service, seenAfterMs(taken, atNs), !index.effects.has(id));
    if (isPending) (begun ??= new Set()).add(service);
  }
  const isAside = message.deadLettered || message.undeliverable;
  return openedAt(
    placeOf('sent', workflow, occurrence),
    {
      runId: index.run.id,
      openedAtNs: atNs,
      facets: facets.at(atNs, stepId === null ? undefined : index.steps.get(stepId)),
      reactions: seen.reactions,
      untold: isGivenUp || isAside ? 'all' : (untold ?? NOBODY),
      begun: isGivenUp || isAside ? NOBODY : (begun ?? NOBODY),
      waived: gaps.sendersLostAfter(message, atNs) ? 'all' : gaps.servicesAliveAfter(atNs),
    },
    occurrence,
  );
}

/** One opening for each service that took the message and is through with it. */
function handled(taking: Taking, opened: Opened[]): void {
  const { occurrence, index, workflow, gaps, facets } = taking;
  const services: string[] = [];
  for (const id of occurrence.message.takenBy) {
    const taken = index.steps.get(id);
    if (taken?.step.role !== 'take' || services.includes(taken.step.service)) continue;
    const { step, correctedStartNs } = taken;
    if (step.isPending || step.status === 'error') continue;
    services.push(step.service);
    const { seen, isAside } = sentWithin(taken, index);
    const isSkipped = step.skippedReason !== null || isAside;
    opened.push(
      openedAt(
        { ...placeOf('handled', workflow, occurrence), service: step.service },
        {
          runId: index.run.id,
          openedAtNs: correctedStartNs,
          facets: facets.at(correctedStartNs, taken),
          reactions: seen.reactions,
          untold: taking.isGivenUp || isSkipped ? 'all' : NOBODY,
          begun: NOBODY,
          waived: waivedAfter(gaps, correctedStartNs, isSkipped),
        },
        {
          name: occurrence.name,
          stepId: step.id,
          service: step.service,
          atNs: correctedStartNs,
          message: occurrence.message,
        },
      ),
    );
  }
}

function waivedAfter(gaps: Gaps, atNs: UnixNs, isSkipped: boolean): Opening['waived'] {
  if (isSkipped) return 'all';
  if (gaps.messagesWithoutSender.size > 0) return gaps.messagesWithoutSender;
  return gaps.goesOnAfter(atNs) ? 'all' : NOBODY;
}

/** What the service sent while or because it handled the message; other services' part is their own. */
function sentWithin(taken: RunStep, { effects, steps, messagesOfSender }: RunIndex) {
  const seen = new Seen();
  let isAside = false;
  const reach: StepId[] = [taken.step.id];
  for (const id of within(reach, taken.step.service, { effects, steps })) {
    const at = steps.get(id);
    if (at === undefined || at.step.isPending || at.step.status === 'error') continue;
    if (at.step.role === 'send' && at.step.message?.isDeadLetterDestination === true) {
      isAside = true;
      continue;
    }
    for (const message of messagesOfSender.get(id) ?? NO_MESSAGES) {
      const name = message.type ?? message.destination;
      seen.note(name, seenAfterMs(at, taken.correctedStartNs), message.takenBy.length === 0);
    }
  }
  return { seen, isAside };
}

const NO_MESSAGES: readonly RunMessage[] = [];

/** The steps that the service itself did because of the first. Edges have no circles, but may meet again. */
function* within(
  reach: StepId[],
  service: string,
  { effects, steps }: Pick<RunIndex, 'effects' | 'steps'>,
): Iterable<StepId> {
  const known = new Set<StepId>();
  for (let id = reach.pop(); id !== undefined; id = reach.pop()) {
    if (known.has(id)) continue;
    known.add(id);
    yield id;
    for (const next of effects.get(id) ?? []) {
      const step = steps.get(next)?.step;
      if (step?.service === service && step.role !== 'take') reach.push(next);
    }
  }
}

function placeOf(
  kind: Place['kind'],
  workflow: string,
  { name, message: { system, destination } }: MessageOccurrence,
): Place {
  return { kind, workflow, system, destination, name, service: null };
}

/** What was sent, or was handled by the service, as lessons are looked up. */
export function placeKeyOf(
  occurrence: MessageOccurrence,
  workflow: string,
  service: string | null,
): string {
  const kind = service === null ? 'sent' : 'handled';
  return keyOf({ ...placeOf(kind, workflow, occurrence), service });
}

function keyOf({ kind, workflow, system, destination, name, service }: Place): string {
  return `${kind}\u0000${workflow}\u0000${system}\u0000${destination}\u0000${name}\u0000${service ?? '\u0000'}`;
}

function openedAt(place: Place, opening: Opening, occurrence: Occurrence): Opened {
  return { key: keyOf(place), place, opening, occurrence };
}

/** Milliseconds from the instant to the end of the step, which is when its span was sent. */
function seenAfterMs({ step, correctedStartNs }: RunStep, sinceNs: UnixNs): number {
  return Math.max(0, msFromNs(correctedStartNs + (step.endedAtNs - step.startedAtNs) - sinceNs));
}
