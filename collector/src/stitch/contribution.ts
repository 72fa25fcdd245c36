import type { StepId } from '@throughline/model/ids';
import type { Run, RunMessage } from '@throughline/model/run';
import type { DeadLetter, Step } from '@throughline/model/step';
import { msFromNs, type UnixNs } from '@throughline/model/time';
import { refusalsOf } from './refusals.js';
import type { Contribution, Hop, MessageTrail, Place } from '@throughline/model/traffic';

/** What a run adds to the map and to the destinations; taken back and given anew when the run changes. */
export function contributionOf(run: Run): Contribution {
  const steps = new Map(run.steps.map(({ step }) => [step.id, step]));
  const refusals = refusalsOf(steps, run.edges);
  return {
    runId: run.id,
    workflow: run.workflow,
    hops: [...messageHops(run, steps, refusals), ...callHops(run, steps)],
    messages: run.messages
      .filter((message) => wasSent(message, steps))
      .map((message) => trailOf(message, steps, refusals)),
  };
}

type Steps = ReadonlyMap<StepId, Step>;
type Refusals = ReadonlyMap<StepId, DeadLetter>;

function* messageHops(run: Run, steps: Steps, refusals: Refusals): Iterable<Hop> {
  const attempts = new Map(run.steps.map(({ step, attempt }) => [step.id, attempt]));
  for (const message of run.messages) {
    const place = placeOf(message, steps);
    const sent = message.sentBy && steps.get(message.sentBy);
    if (sent) yield hop({ kind: 'send', from: serviceOf(sent), to: place, step: sent, message });
    // A service's receive span and process span for one message are one delivery.
    const seen = new Set<string>();
    for (const id of message.takenBy) {
      const taking = steps.get(id);
      if (!taking) continue;
      const reader = `${taking.service} ${taking.message?.subscription ?? ''}`;
      const delivery = `${reader} ${attempts.get(id) ?? 1}`;
      if (!seen.has(delivery)) {
        seen.add(delivery);
        yield hop({ kind: 'take', from: place, to: serviceOf(taking), step: taking, message });
      }
      if (refusals.has(id))
        yield hop({
          kind: 'dead-letter',
          from: place,
          to: graveOf(message, taking),
          step: taking,
          message,
        });
    }
  }
}

function* callHops(run: Run, steps: Steps): Iterable<Hop> {
  /** Calls whose other half is known, and requests whose caller is. */
  const paired = new Set<StepId>();
  for (const { from, to, kind } of run.edges) {
    const [cause, effect] = [steps.get(from), steps.get(to)];
    if (!cause || !effect) continue;
    // Inside one service, or below a proxy, the other half is no stranger either.
    if (effect.role === 'serve') paired.add(from).add(to);
    if (kind !== 'call' || cause.service === effect.service) continue;
    paired.add(from);
    const timed = cause.role === 'call' ? cause : effect;
    const [caller, callee] = [serviceOf(cause), serviceOf(effect)];
    const told = hop({ kind: 'call', from: caller, to: callee, step: timed, message: null });
    // Many clients leave the status to the half that knows what went wrong.
    yield { ...told, isError: told.isError || effect.status === 'error' };
  }
  for (const { step, causedFrom, isAnsweredElsewhere } of run.steps) {
    if (paired.has(step.id)) continue;
    if (step.role === 'serve' && causedFrom !== undefined && causedFrom !== step.service) {
      const caller: Place = { kind: 'service', name: causedFrom, system: null };
      yield hop({ kind: 'call', from: caller, to: serviceOf(step), step, message: null });
    }
    if (step.role !== 'call' || step.peer === null || isAnsweredElsewhere) continue;
    const peer: Place = { kind: 'external', name: step.peer, system: step.callSystem };
    yield hop({ kind: 'call', from: serviceOf(step), to: peer, step, message: null });
  }
}

interface Movement {
  readonly kind: Hop['kind'];
  readonly from: Place;
  readonly to: Place;
  readonly step: Step;
  readonly message: RunMessage | null;
}

function hop({ kind, from, to, step, message }: Movement): Hop {
  return {
    kind,
    from,
    to,
    messageType: message?.type ?? null,
    atNs: step.startedAtNs,
    durationMs: msFromNs(step.endedAtNs - step.startedAtNs),
    isError: step.status === 'error',
  };
}

function serviceOf(step: Step): Place {
  return { kind: 'service', name: step.service, system: null };
}

function placeOf(message: RunMessage, steps: Steps): Place {
  const { destination: name, system } = message;
  return { kind: isGrave(message, steps) ? 'dead-letter' : 'destination', name, system };
}

/** Where a message goes that its consumer refused: named by the broker's own words where a span knows them. */
function graveOf(message: RunMessage, refusedBy: Step): Place {
  const source = refusedBy.message?.subscription ?? message.destination;
  return { kind: 'dead-letter', name: `${source} dead letters`, system: message.system };
}

function isGrave(message: RunMessage, steps: Steps): boolean {
  const ids = message.sentBy ? [message.sentBy] : message.takenBy.slice(0, 1);
  return ids.some((id) => steps.get(id)?.message?.isDeadLetterDestination ?? false);
}

/** A send that failed left nothing behind that anybody could take; unless somebody did take it. */
function wasSent(message: RunMessage, steps: Steps): boolean {
  const sent = message.sentBy && steps.get(message.sentBy);
  return !sent || sent.status !== 'error' || message.undeliverable || message.takenBy.length > 0;
}

function trailOf(message: RunMessage, steps: Steps, refusals: Refusals): MessageTrail {
  const takings = message.takenBy.flatMap((id) => steps.get(id) ?? []);
  const sent = message.sentBy ? (steps.get(message.sentBy) ?? null) : null;
  return {
    system: message.system,
    destination: message.destination,
    isDeadLetterDestination: isGrave(message, steps),
    messageType: message.type,
    producer: message.sentByService,
    producerVersion: sent?.serviceVersion ?? null,
    sentAtNs: message.sentAtNs,
    consumers: takings.map(({ service, startedAtNs, isPending, message: facet }) => ({
      service,
      atNs: startedAtNs,
      subscription: facet?.subscription ?? null,
      isPending,
    })),
    deadLettered: deathOf(message, { sent, takings, refusals }),
    undeliverable: message.undeliverable,
  };
}

function deathOf(
  message: RunMessage,
  known: {
    readonly sent: Step | null;
    readonly takings: readonly Step[];
    readonly refusals: Refusals;
  },
): MessageTrail['deadLettered'] {
  const { sent, takings, refusals } = known;
  const refused = takings.filter(({ id }) => refusals.has(id)).at(-1);
  const death = message.deadLetter ?? (refused ? refusals.get(refused.id) : undefined);
  if (!death) return null;
  const at = refused ?? sent ?? takings[0];
  return {
    reason: death.reason,
    source: death.source,
    atNs: refused?.endedAtNs ?? at?.startedAtNs ?? (0n as UnixNs),
    service: at?.service ?? null,
    version: at?.serviceVersion ?? null,
    cameBack: !message.deadLettered,
  };
}
