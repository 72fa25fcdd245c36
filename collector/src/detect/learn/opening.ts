import type { RunId, StepId } from '@throughline/model/ids';
import type { Run, RunMessage, RunStep } from '@throughline/model/run';
import { msFromNs, type UnixNs } from '@throughline/model/time';
import { occurrencesOf, type Occurrence } from '../occurrences.js';

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
  /**
   * By reactor (a service, or a message type): milliseconds until the reaction could be seen. A taking is seen
   * when it ends, since that is when its span is sent: a deadline learned from starts would break for every
   * handler that is slower than the grace.
   */
  readonly reactions: ReadonlyMap<string, number>;
  /** Reactors whose absence teaches nothing: they failed at it, are at it, or the run was given up. */
  readonly untold: 'all' | ReadonlySet<string>;
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

/** Every act of the run that could be reacted to. Depends on the run and the name of its workflow only. */
export function openingsOf(run: Run, workflow: string): readonly Opened[] {
  if (run.messages.length === 0) return [];
  const surroundings = surroundingsOf(run, workflow);
  const opened: Opened[] = [];
  for (const occurrences of occurrencesOf(run).values()) {
    for (const occurrence of occurrences) {
      const { message } = occurrence;
      if (message === null) continue;
      const taking = { occurrence, message, ...surroundings };
      opened.push(sent(taking), ...handled(taking));
    }
  }
  return opened;
}

interface Surroundings {
  readonly run: Run;
  readonly workflow: string;
  readonly steps: ReadonlyMap<StepId, RunStep>;
  readonly effects: ReadonlyMap<StepId, readonly StepId[]>;
  readonly messagesOfSender: ReadonlyMap<StepId, readonly string[]>;
  /** By service: the latest of its steps whose cause was not seen. */
  readonly orphans: ReadonlyMap<string, UnixNs>;
  /** Failed, cancelled and compensated runs were given up: what is absent there says nothing. */
  readonly isGivenUp: boolean;
}

interface Taking extends Surroundings {
  readonly occurrence: Occurrence;
  readonly message: RunMessage;
}

function surroundingsOf(run: Run, workflow: string): Surroundings {
  const effects = new Map<StepId, StepId[]>();
  const caused = new Set<StepId>();
  for (const { from, to } of run.edges) {
    caused.add(to);
    append(effects, from, to);
  }
  const messagesOfSender = new Map<StepId, string[]>();
  for (const { sentBy, type, destination } of run.messages) {
    if (sentBy !== null) append(messagesOfSender, sentBy, type ?? destination);
  }
  const orphans = new Map<string, UnixNs>();
  for (const { step, correctedStartNs } of run.steps) {
    if (caused.has(step.id) || step.role === 'fetch' || step.role === 'settle') continue;
    if (step.role === 'take') continue;
    const latest = orphans.get(step.service);
    if (latest === undefined || correctedStartNs > latest)
      orphans.set(step.service, correctedStartNs);
  }
  return {
    run,
    workflow,
    steps: new Map(run.steps.map((each) => [each.step.id, each])),
    effects,
    messagesOfSender,
    orphans,
    isGivenUp: run.status !== 'active' && run.status !== 'completed',
  };
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const known = lists.get(key);
  if (known === undefined) lists.set(key, [value]);
  else known.push(value);
}

function sent({ occurrence, message, ...around }: Taking): Opened {
  const { run, workflow, steps, orphans, isGivenUp } = around;
  const reactions = new Map<string, number>();
  const untold = new Set<string>();
  for (const id of message.takenBy) {
    const taken = steps.get(id);
    if (taken === undefined) continue;
    const { service, isPending, status } = taken.step;
    if (isPending || status === 'error') untold.add(service);
    else earliest(reactions, service, seenAfterMs(taken, occurrence.atNs));
  }
  const waived = new Set<string>();
  for (const [service, atNs] of orphans) if (atNs > occurrence.atNs) waived.add(service);
  const isAside = message.deadLettered || message.undeliverable;
  return openedAt(
    { kind: 'sent', workflow, ...placeOf(occurrence, message), service: null },
    {
      runId: run.id,
      openedAtNs: occurrence.atNs,
      reactions,
      untold: isGivenUp || isAside ? 'all' : orNobody(untold),
      waived: orNobody(waived),
    },
    occurrence,
  );
}

/** One opening for each service that took the message and is through with it. */
function handled(taking: Taking): Opened[] {
  const { occurrence, message, run, workflow, steps } = taking;
  const services = new Set<string>();
  const opened: Opened[] = [];
  for (const id of message.takenBy) {
    const taken = steps.get(id);
    if (taken?.step.role !== 'take' || services.has(taken.step.service)) continue;
    const { step, correctedStartNs } = taken;
    if (step.isPending || step.status === 'error') continue;
    services.add(step.service);
    const { reactions, isAside } = sentWithin(taken, taking);
    const isSkipped = step.skippedReason !== null || isAside;
    opened.push(
      openedAt(
        { kind: 'handled', workflow, ...placeOf(occurrence, message), service: step.service },
        {
          runId: run.id,
          openedAtNs: correctedStartNs,
          reactions,
          untold: taking.isGivenUp || isSkipped ? 'all' : NOBODY,
          waived: isSkipped ? 'all' : NOBODY,
        },
        { ...occurrence, stepId: step.id, service: step.service, atNs: correctedStartNs },
      ),
    );
  }
  return opened;
}

/** What the service sent while or because it handled the message; other services' part is their own. */
function sentWithin(taken: RunStep, { effects, steps, messagesOfSender }: Taking) {
  const reactions = new Map<string, number>();
  let isAside = false;
  const reach = new Set<StepId>([taken.step.id]);
  for (const id of reach) {
    const at = steps.get(id);
    for (const next of effects.get(id) ?? []) {
      const step = steps.get(next)?.step;
      if (step?.service === taken.step.service && step.role !== 'take') reach.add(next);
    }
    if (at === undefined || at.step.isPending || at.step.status === 'error') continue;
    if (at.step.role === 'send' && at.step.message?.isDeadLetterDestination === true) {
      isAside = true;
      continue;
    }
    for (const name of messagesOfSender.get(id) ?? []) {
      earliest(reactions, name, seenAfterMs(at, taken.correctedStartNs));
    }
  }
  return { reactions, isAside };
}

function placeOf(
  { name }: Occurrence,
  { system, destination }: RunMessage,
): Pick<Place, 'name' | 'system' | 'destination'> {
  return { name, system, destination };
}

function openedAt(place: Place, opening: Opening, occurrence: Occurrence): Opened {
  const { kind, workflow, system, destination, name, service } = place;
  const key = JSON.stringify([kind, workflow, system, destination, name, service]);
  return { key, place, opening, occurrence };
}

/** Milliseconds from the instant to the end of the step, which is when its span was sent. */
function seenAfterMs({ step, correctedStartNs }: RunStep, sinceNs: UnixNs): number {
  return Math.max(0, msFromNs(correctedStartNs + (step.endedAtNs - step.startedAtNs) - sinceNs));
}

function earliest(reactions: Map<string, number>, reactor: string, ms: number): void {
  const known = reactions.get(reactor);
  if (known === undefined || ms < known) reactions.set(reactor, ms);
}

function orNobody(reactors: ReadonlySet<string>): ReadonlySet<string> {
  return reactors.size === 0 ? NOBODY : reactors;
}
