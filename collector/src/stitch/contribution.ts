import type { StepId } from '@throughline/model/ids';
import type { Edge, Run, RunMessage } from '@throughline/model/run';
import type { Step } from '@throughline/model/step';
import { msFromNs, type UnixNs } from '@throughline/model/time';
import type { Contribution, Hop, MessageTrail, Place } from '@throughline/model/traffic';

/** What a run adds to the map and to the destinations; taken back and given anew when the run changes. */
export function contributionOf(run: Run): Contribution {
  const steps = new Map(run.steps.map(({ step }) => [step.id, step]));
  return {
    runId: run.id,
    workflow: run.workflow,
    hops: [...messageHops(run, steps), ...callHops(steps, run.edges)],
    messages: run.messages
      .filter((message) => wasSent(message, steps))
      .map((message) => trailOf(message, steps)),
  };
}

function* messageHops(run: Run, steps: ReadonlyMap<StepId, Step>): Iterable<Hop> {
  const attempts = new Map(run.steps.map(({ step, attempt }) => [step.id, attempt]));
  for (const message of run.messages) {
    const place = placeOf(message, steps);
    const sent = message.sentBy && steps.get(message.sentBy);
    if (sent) yield hop('send', serviceOf(sent), place, { step: sent, message });
    // A service's receive span and process span for one message are one delivery.
    const seen = new Set<string>();
    for (const id of message.takenBy) {
      const taking = steps.get(id);
      if (!taking) continue;
      const reader = `${taking.service} ${taking.message?.subscription ?? ''}`;
      const delivery = `${reader} ${attempts.get(id) ?? 1}`;
      if (!seen.has(delivery)) {
        seen.add(delivery);
        yield hop('take', place, serviceOf(taking), { step: taking, message });
      }
      const death = taking.message?.deadLettered;
      if (death)
        yield hop('dead-letter', place, graveOf(message, taking), { step: taking, message });
    }
  }
}

function* callHops(steps: ReadonlyMap<StepId, Step>, edges: readonly Edge[]): Iterable<Hop> {
  const served = new Set<StepId>();
  for (const { from, to, kind } of edges) {
    const [cause, effect] = [steps.get(from), steps.get(to)];
    if (kind !== 'call' || !cause || !effect || cause.service === effect.service) continue;
    served.add(from);
    const timed = cause.role === 'call' ? cause : effect;
    yield hop('call', serviceOf(cause), serviceOf(effect), { step: timed, message: null });
  }
  for (const step of steps.values()) {
    const isOpenCall = step.role === 'call' && !served.has(step.id) && step.peer !== null;
    if (!isOpenCall || step.peer === null || hasServedChild(step, edges, steps)) continue;
    const peer: Place = { kind: 'external', name: step.peer, system: step.callSystem };
    yield hop('call', serviceOf(step), peer, { step, message: null });
  }
}

/** The other half reported itself inside the same service, or below a proxy: the peer is no stranger. */
function hasServedChild(
  step: Step,
  edges: readonly Edge[],
  steps: ReadonlyMap<StepId, Step>,
): boolean {
  return edges.some(({ from, to }) => from === step.id && steps.get(to)?.role === 'serve');
}

function hop(
  kind: Hop['kind'],
  from: Place,
  to: Place,
  { step, message }: { step: Step; message: RunMessage | null },
): Hop {
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

function placeOf(message: RunMessage, steps: ReadonlyMap<StepId, Step>): Place {
  const { destination: name, system } = message;
  return { kind: isGrave(message, steps) ? 'dead-letter' : 'destination', name, system };
}

/** Where a message goes that its consumer refused: named by the broker's own words where a span knows them. */
function graveOf(message: RunMessage, refusedBy: Step): Place {
  const source = refusedBy.message?.subscription ?? message.destination;
  return { kind: 'dead-letter', name: `${source} dead letters`, system: message.system };
}

function isGrave(message: RunMessage, steps: ReadonlyMap<StepId, Step>): boolean {
  const ids = message.sentBy ? [message.sentBy] : message.takenBy.slice(0, 1);
  return ids.some((id) => steps.get(id)?.message?.isDeadLetterDestination ?? false);
}

/** A send that failed left nothing behind that anybody could take; unless somebody did take it. */
function wasSent(message: RunMessage, steps: ReadonlyMap<StepId, Step>): boolean {
  const sent = message.sentBy && steps.get(message.sentBy);
  return !sent || sent.status !== 'error' || message.undeliverable || message.takenBy.length > 0;
}

function trailOf(message: RunMessage, steps: ReadonlyMap<StepId, Step>): MessageTrail {
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
    deadLettered: deathOf(message, sent, takings),
    undeliverable: message.undeliverable,
  };
}

function deathOf(
  message: RunMessage,
  sent: Step | null,
  takings: readonly Step[],
): MessageTrail['deadLettered'] {
  const refusals = takings.filter((step) => step.message?.deadLettered);
  const refused = refusals.at(-1);
  const death = message.deadLetter ?? refused?.message?.deadLettered ?? null;
  if (!death) return null;
  const at = refused ?? sent ?? takings[0];
  return {
    reason: death.reason,
    source: death.source,
    atNs: refused?.endedAtNs ?? at?.startedAtNs ?? (0n as UnixNs),
    service: refused?.service ?? sent?.service ?? null,
    version: refused?.serviceVersion ?? sent?.serviceVersion ?? null,
    cameBack: !message.deadLettered,
  };
}
