import type { StepId } from '@throughline/model/ids';
import type { Run, RunMessage } from '@throughline/model/run';
import type { DeadLetter, Step } from '@throughline/model/step';
import { msFromNs, type UnixNs } from '@throughline/model/time';
import { refusalsOf } from './refusals.js';
import { eachOf, finished, mapped, type Sliced } from './sliced.js';
import { StepTable } from './step-table.js';
import type { Contribution, Hop, MessageTrail, Place } from '@throughline/model/traffic';

/** What a run adds to the map and to the destinations; taken back and given anew when the run changes. */
export function contributionOf(run: Run): Contribution {
  return finished(contributing(run));
}

/** The same, a slice at a time. */
export function* contributing(run: Run): Sliced<Contribution> {
  const list = yield* mapped(run.steps, ({ step }) => step);
  const steps = yield* StepTable.of(list);
  const refusals = yield* refusalsOf(list, steps, run.edges);
  const messages = yield* withoutRequests(run);
  const hops: Hop[] = [];
  yield* addMessageHops({ ...run, messages }, { steps, refusals }, hops);
  yield* addCallHops(run, steps, hops);
  const trails: MessageTrail[] = [];
  yield* eachOf(messages, (message) => {
    if (message.isSentElsewhere || !wasSent(message, steps)) return;
    trails.push(trailOf(message, steps, refusals));
  });
  return { runId: run.id, workflow: run.workflow, hops, messages: trails };
}

/** What a server answers was a request, though its client called itself a producer: no queue holds it. */
function* withoutRequests({ messages, edges }: Run): Sliced<readonly RunMessage[]> {
  const untaken = messages.some(({ sentBy, takenBy }) => sentBy !== null && takenBy.length === 0);
  if (!untaken) return messages;
  const answered = new Set<StepId>();
  yield* eachOf(edges, ({ from, kind }) => {
    if (kind === 'call') answered.add(from);
  });
  return messages.filter(
    ({ sentBy, takenBy }) => sentBy === null || takenBy.length > 0 || !answered.has(sentBy),
  );
}

type Refusals = ReadonlyMap<StepId, DeadLetter>;

function* addMessageHops(
  run: Run,
  { steps, refusals }: { readonly steps: StepTable; readonly refusals: Refusals },
  hops: Hop[],
): Sliced<void> {
  const attempts = new Map<StepId, number>();
  yield* eachOf(run.steps, ({ step, attempt }) => {
    if (attempt !== 1) attempts.set(step.id, attempt);
  });
  const copies =
    refusals.size === 0
      ? []
      : run.messages.filter((one) => one.sentBy !== null && isGrave(one, steps));
  yield* eachOf(run.messages, (message) => {
    const place = placeOf(message, steps);
    const sent = message.sentBy && steps.get(message.sentBy);
    if (sent) {
      hops.push(hop({ kind: 'send', from: serviceOf(sent), to: place, step: sent, message }));
    }
    const takings = message.takenBy.flatMap((id) => steps.get(id) ?? []);
    // A service's receive span and process span for one message are one delivery.
    const seen = new Map<string, Set<string | null>>();
    for (const taking of takings) {
      const from = fromGrave(taking, place) ?? place;
      const reader = `${taking.service} ${taking.message?.subscription ?? ''} ${from.name}`;
      const delivery = `${reader} ${attempts.get(taking.id) ?? 1}`;
      if (isNews(seen, delivery, taking.message?.messageId ?? null)) {
        hops.push(hop({ kind: 'take', from, to: serviceOf(taking), step: taking, message }));
      }
      if (!refusals.has(taking.id) || copies.some((copy) => isCopy(copy, message, taking)))
        continue;
      const to = graveOf(message, taking, takings);
      hops.push(hop({ kind: 'dead-letter', from: place, to, step: taking, message }));
    }
  });
}

/** Who refused the message sent it on to a dead-letter destination himself: that send is on the map already. */
function isCopy(copy: RunMessage, message: RunMessage, refusedBy: Step): boolean {
  if ((copy.sentAtNs ?? 0n) < refusedBy.startedAtNs) return false;
  if (copy.messageId !== null && copy.messageId === message.messageId) return true;
  return copy.sentByService === refusedBy.service && copy.type === message.type;
}

/** One span of a batch sends many messages: they are told apart by the ids that their takings know. */
function isNews(
  seen: Map<string, Set<string | null>>,
  delivery: string,
  messageId: string | null,
): boolean {
  const ids = seen.get(delivery);
  if (!ids) {
    seen.set(delivery, new Set([messageId]));
    return true;
  }
  if (messageId === null || ids.has(messageId)) return false;
  const isNew = !ids.delete(null);
  ids.add(messageId);
  return isNew;
}

/** The dead-letter destination that a message was taken from, where it was sent elsewhere. */
function fromGrave({ message: facet }: Step, sentTo: Place): Place | null {
  if (!facet?.isDeadLetterDestination || sentTo.kind === 'dead-letter') return null;
  return { kind: 'dead-letter', name: facet.destination, system: facet.system };
}

function* addCallHops(run: Run, steps: StepTable, hops: Hop[]): Sliced<void> {
  /** Calls whose other half is known, and requests whose caller is. */
  const paired = new Set<StepId>();
  const answers = new Map<StepId, number>();
  yield* eachOf(run.edges, ({ from, kind }) => {
    if (kind === 'call') answers.set(from, (answers.get(from) ?? 0) + 1);
  });
  yield* eachOf(run.edges, ({ from, to, kind }) => {
    const effect = kind === 'message' ? undefined : steps.get(to);
    if (!effect || (kind !== 'call' && effect.role !== 'serve')) return;
    const cause = steps.get(from);
    if (!cause) return;
    // Inside one service, or below a proxy, the other half is no stranger either.
    if (effect.role === 'serve') paired.add(from).add(to);
    if (kind !== 'call' || cause.service === effect.service) return;
    paired.add(from);
    const timed = cause.role === 'call' ? cause : effect;
    const [caller, callee] = [serviceOf(cause), serviceOf(effect)];
    const told = hop({ kind: 'call', from: caller, to: callee, step: timed, message: null });
    // Many clients leave the status to the half that knows what went wrong. Below one call there may be several
    // tries, of which each failed or went well by itself.
    const isCallError = told.isError && answers.get(from) === 1;
    hops.push({ ...told, isError: isCallError || effect.status === 'error' });
  });
  yield* eachOf(run.steps, ({ step, causedFrom, isAnsweredElsewhere }) => {
    if (step.role !== 'serve' && step.role !== 'call') return;
    if (paired.has(step.id)) return;
    if (step.role === 'serve' && causedFrom !== undefined && causedFrom !== step.service) {
      const caller: Place = { kind: 'service', name: causedFrom, system: null };
      hops.push(hop({ kind: 'call', from: caller, to: serviceOf(step), step, message: null }));
    }
    if (step.role !== 'call' || step.peer === null || isAnsweredElsewhere) return;
    const peer: Place = { kind: 'external', name: step.peer, system: step.callSystem };
    hops.push(hop({ kind: 'call', from: serviceOf(step), to: peer, step, message: null }));
  });
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

function placeOf(message: RunMessage, steps: StepTable): Place {
  const { destination: name, system } = message;
  return { kind: isGrave(message, steps) ? 'dead-letter' : 'destination', name, system };
}

/** Where a message goes that its consumer refused: to where it was taken from afterwards, else by the queue's name. */
function graveOf(message: RunMessage, refusedBy: Step, takings: readonly Step[]): Place {
  const place: Place = { kind: 'destination', name: message.destination, system: message.system };
  const later = takings.slice(takings.indexOf(refusedBy) + 1);
  for (const taking of later) {
    const grave = fromGrave(taking, place);
    if (grave) return grave;
  }
  const source = refusedBy.message?.subscription ?? message.destination;
  return { kind: 'dead-letter', name: `${source} dead letters`, system: message.system };
}

function isGrave(message: RunMessage, steps: StepTable): boolean {
  const ids = message.sentBy ? [message.sentBy] : message.takenBy.slice(0, 1);
  return ids.some((id) => steps.get(id)?.message?.isDeadLetterDestination ?? false);
}

/** A send that failed left nothing behind that anybody could take; unless somebody did take it. */
function wasSent(message: RunMessage, steps: StepTable): boolean {
  const sent = message.sentBy && steps.get(message.sentBy);
  return !sent || sent.status !== 'error' || message.undeliverable || message.takenBy.length > 0;
}

function trailOf(message: RunMessage, steps: StepTable, refusals: Refusals): MessageTrail {
  const takings = message.takenBy.flatMap((id) => steps.get(id) ?? []);
  const sent = message.sentBy ? (steps.get(message.sentBy) ?? null) : null;
  return {
    system: message.system,
    destination: message.destination,
    isDeadLetterDestination: isGrave(message, steps),
    messageType: message.type,
    producer: message.sentByService,
    producerVersion: sent?.serviceVersion ?? null,
    ...(message.sentBy === null ? {} : { sentBy: message.sentBy }),
    sentAtNs: message.sentAtNs,
    consumers: [
      ...takings.map(({ service, startedAtNs, isPending, message: facet }) => ({
        service,
        atNs: startedAtNs,
        subscription: facet?.subscription ?? null,
        isPending,
      })),
      ...(message.takenElsewhere ?? []).map(({ service, atNs, subscription, isPending }) => {
        return { service, atNs, subscription, isPending };
      }),
    ],
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
  const refusing = takings.filter(({ id }) => refusals.has(id));
  const refused = refusing.at(-1);
  const death = message.deadLetter ?? (refused ? refusals.get(refused.id) : undefined);
  if (!death) return null;
  const at = refused ?? sent ?? takings[0];
  return {
    reason: death.reason,
    source: death.source,
    queue: refused?.message?.subscription ?? null,
    atNs: refused?.endedAtNs ?? at?.startedAtNs ?? (0n as UnixNs),
    service: at?.service ?? null,
    version: at?.serviceVersion ?? null,
    cameBack: !message.deadLettered,
    ...(refusing.length < 2 ? {} : { times: refusing.length }),
  };
}
