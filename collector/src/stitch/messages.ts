import type { StepId } from '@throughline/model/ids';
import type { Edge, RunMessage } from '@throughline/model/run';
import type { DeadLetter, MessageFacet, Step } from '@throughline/model/step';
import type { UnixNs } from '@throughline/model/time';
import type { Member } from './member.js';
import { append } from './multimap.js';
import { refusalsOf } from './refusals.js';
import { deliveryOf, rereadsOf } from './rereads.js';
import { eachOf, type Sliced } from './sliced.js';
import type { StepLookup, StepTable } from './step-table.js';

/** As `normalize` says it where no attribute gives a reason. */
const UNKNOWN_REASON = 'unknown';

/** The messages of a run: one per send, and one per taking whose send nobody reported. */
export function* messagesOf(
  members: readonly Member[],
  steps: StepTable,
  edges: readonly Edge[],
): Sliced<RunMessage[]> {
  const bearing: Member[] = [];
  yield* eachOf(members, (member) => {
    if (member.step.message) bearing.push(member);
  });
  if (bearing.length === 0) return [];
  const rereads = yield* rereadsOf(steps, edges);
  const { takings, explained } = yield* takingsOf(steps, edges, rereads);
  const refusals = yield* refusalsOf(steps.list, steps, edges);
  const reasons = yield* reasonsOf(bearing, refusals);
  const messages: RunMessage[] = [];
  yield* eachOf(bearing, ({ step, takenElsewhere }) => {
    if (step.role !== 'send' || !step.message) return;
    const told = { facet: step.message, sent: step, takings: takings.get(step.id) ?? [] };
    const message = withKnownReason(messageOf(told, refusals), reasons);
    messages.push(withForeignTakings(message, takenElsewhere));
  });
  const unsent = { members: bearing, steps, explained, refusals, rereads };
  yield* addUnsentMessages(unsent, messages);
  return messages;
}

type Rereads = ReadonlyMap<StepId, StepId>;

/** Who took what each send sent, and the takings that some send explains. */
function* takingsOf(
  steps: StepLookup,
  edges: readonly Edge[],
  rereads: Rereads,
): Sliced<{
  readonly takings: ReadonlyMap<StepId, Step[]>;
  readonly explained: ReadonlySet<StepId>;
}> {
  const takings = new Map<StepId, Step[]>();
  const sendsOf = new Map<StepId, StepId[]>();
  yield* eachOf(edges, ({ from, to, kind }) => {
    const taking = kind === 'message' ? steps.get(to) : undefined;
    if (!taking) return;
    append(takings, from, taking);
    append(sendsOf, to, from);
  });
  const explained = new Set(sendsOf.keys());
  yield* eachOf(rereads.keys(), (id) => {
    const sends = sendsOf.get(deliveryOf(id, rereads)) ?? [];
    const taking = steps.get(id);
    const [only] = sends;
    if (!taking || only === undefined) return;
    explained.add(id);
    // Below the taking of a batch nobody knows which of its messages it was.
    if (sends.length === 1) append(takings, only, taking);
  });
  return { takings, explained };
}

type Refusals = ReadonlyMap<StepId, DeadLetter>;

/** Message id → why it was refused, as its consumers or the broker said. */
function* reasonsOf(
  members: readonly Member[],
  refusals: Refusals,
): Sliced<Map<string, DeadLetter>> {
  const reasons = new Map<string, DeadLetter>();
  yield* eachOf(members, ({ step }) => {
    const reason = refusals.get(step.id) ?? step.message?.deadLetter;
    if (step.role === 'take' && step.message?.messageId && reason) {
      reasons.set(step.message.messageId, reason);
    }
  });
  return reasons;
}

/** A service that moves a message aside itself seldom says why; those who refused it before did. */
function withKnownReason(
  message: RunMessage,
  reasons: ReadonlyMap<string, DeadLetter>,
): RunMessage {
  const reason = message.messageId === null ? undefined : reasons.get(message.messageId);
  const isReasonKnown = message.deadLetter && message.deadLetter.reason !== UNKNOWN_REASON;
  if (!message.deadLettered || isReasonKnown || !reason) return message;
  return { ...message, deadLetter: reason };
}

/** Whoever takes a message under a key of its own is in another run; the message is taken all the same. */
function withForeignTakings(message: RunMessage, takings: readonly Step[]): RunMessage {
  const [first] = takings;
  if (!first) return message;
  const { firstTakenAtNs: known } = message;
  const isFirst = known === null || first.startedAtNs < known;
  return {
    ...message,
    takenBy: [...message.takenBy, ...takings.map(({ id }) => id)],
    takenByServices: distinct([
      ...message.takenByServices,
      ...takings.map(({ service }) => service),
    ]),
    firstTakenAtNs: isFirst ? first.startedAtNs : known,
    takenElsewhere: takings.map(({ id, service, startedAtNs, isPending, message: facet }) => ({
      stepId: id,
      service,
      subscription: facet?.subscription ?? null,
      atNs: startedAtNs,
      isPending,
    })),
  };
}

/** Takings of one message id from one destination are deliveries of one message. */
function* addUnsentMessages(
  known: {
    readonly members: readonly Member[];
    readonly steps: StepLookup;
    readonly explained: ReadonlySet<StepId>;
    readonly refusals: Refusals;
    readonly rereads: Rereads;
  },
  messages: RunMessage[],
): Sliced<void> {
  const { members, steps, explained, refusals, rereads } = known;
  const foreign = new Set<StepId>();
  const groups = new Map<string, Step[]>();
  yield* eachOf(members, ({ step, isSentElsewhere }) => {
    if (isSentElsewhere) foreign.add(step.id);
    if (step.role !== 'take' || !step.message || explained.has(step.id)) return;
    const outer = deliveryOf(step.id, rereads);
    const { system, destination, messageId } = (steps.get(outer) ?? step).message ?? step.message;
    const name = messageId === null ? outer : `${system} ${destination} ${messageId}`;
    append(groups, name, step);
  });
  yield* eachOf(groups.values(), (takings) => {
    const facet = takings[0]?.message;
    if (!facet) return;
    const message = messageOf({ facet, sent: null, takings }, refusals);
    const isForeign = takings.some(({ id }) => foreign.has(id));
    messages.push(isForeign ? { ...message, isSentElsewhere: true as const } : message);
  });
}

interface Told {
  readonly facet: MessageFacet;
  readonly sent: Step | null;
  readonly takings: readonly Step[];
}

function messageOf({ facet, sent, takings }: Told, refusals: Refusals): RunMessage {
  const taken = [...takings].sort(byStart);
  const first = taken[0]?.message ?? facet;
  const death = deathOf(sent, taken, refusals);
  const destination = facet.destinationIsVague ? first.destination : facet.destination;
  return {
    id: `m_${sent?.id ?? taken[0]?.id ?? ''}`,
    // A producer that does not know its broker, and a consumer that does, speak of one message.
    system: facet.destinationIsVague ? first.system : facet.system,
    destination,
    subscriptions: distinct(taken.map(({ message }) => message?.subscription)),
    // Where nothing names the type, the destination does (contract, Configuring).
    type: facet.type ?? first.type ?? destination,
    version: facet.version ?? first.version,
    kind: facet.kind,
    messageId: facet.messageId ?? first.messageId,
    sentBy: sent?.id ?? null,
    sentByService: sent?.service ?? null,
    sentAtNs: sent?.startedAtNs ?? null,
    takenBy: taken.map(({ id }) => id),
    takenByServices: distinct(taken.map(({ service }) => service)),
    firstTakenAtNs: taken[0]?.startedAtNs ?? null,
    deadLettered: death !== null,
    deadLetter: death,
    undeliverable: facet.undeliverable,
    payload: facet.payload ?? first.payload,
  };
}

/**
 * A message is dead when it was sent to a dead-letter destination, or when the last who took it moved it
 * aside. A later delivery means that it came back: to the same reader, or, by way of the dead-letter
 * destination, to whoever works that off.
 */
function deathOf(
  sent: Step | null,
  takings: readonly Step[],
  refusals: Refusals,
): DeadLetter | null {
  const facet = sent?.message;
  if (facet?.isDeadLetterDestination) {
    return facet.deadLetter ?? { reason: UNKNOWN_REASON, source: null, detail: null };
  }
  const deaths = new Map<string, { readonly queue: string | null; readonly death: DeadLetter }>();
  for (const { id, service, message } of takings) {
    const queue = message?.subscription ?? message?.destination ?? null;
    const cameFrom = message?.deadLetter?.source ?? null;
    for (const [reader, died] of deaths) if (died.queue === cameFrom) deaths.delete(reader);
    const reader = `${service} ${queue ?? ''}`;
    const death = refusals.get(id);
    if (death) deaths.set(reader, { queue, death });
    else deaths.delete(reader);
  }
  const [left] = deaths.values();
  return left?.death ?? facet?.deadLettered ?? null;
}

function byStart(a: Step, b: Step): number {
  return compareNs(a.startedAtNs, b.startedAtNs) || (a.id < b.id ? -1 : 1);
}

function compareNs(a: UnixNs, b: UnixNs): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function distinct(names: readonly (string | null | undefined)[]): string[] {
  return [...new Set(names.filter((name): name is string => typeof name === 'string'))].sort();
}
