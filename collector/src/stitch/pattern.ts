import { stepId, type StepId } from '@throughline/model/ids';
import type { Edge, Pattern, PatternEvidence, RunMessage } from '@throughline/model/run';
import type { Step } from '@throughline/model/step';
import { isEngineStep } from './engine.js';
import { append } from './multimap.js';
import { eachOf, type Sliced } from './sliced.js';
import type { StepLookup, StepTable } from './step-table.js';

/** Directed share from which on a run counts as orchestrated, and up to which as choreographed (design, 3). */
const ORCHESTRATED_SHARE_MIN = 0.8;
const CHOREOGRAPHED_SHARE_MAX = 0.2;

export interface PatternOfRun {
  readonly pattern: Pattern | null;
  readonly evidence: PatternEvidence;
}

interface Acts {
  readonly directed: number;
  readonly reactions: number;
  readonly handOvers: readonly RunMessage[];
  readonly commands: number;
  readonly director: string | null;
  readonly directorCalls: number;
  /** The steps bear the id of an orchestration engine's execution. */
  readonly isEngineRun: boolean;
}

/**
 * Names the pattern of a run. A step is directed when a call, or a command that is answered, led to it; it is a
 * reaction when a message did that its sender does not wait for. A service that starts work by a message and
 * stays until it has seen outcomes is a front controller: the run is hybrid.
 */
export function* patternOf(
  steps: StepTable,
  messages: readonly RunMessage[],
  edges: readonly Edge[],
): Sliced<PatternOfRun> {
  const acts = yield* actsOf(steps, messages, edges);
  const controller = yield* frontController(steps, messages, edges);
  const because = reasons(acts, controller);
  const { directed, reactions } = acts;
  const evidence = { directed, reactions, handOvers: acts.handOvers.length, because };
  if (steps.size < 2) return { pattern: null, evidence };
  return { pattern: decide(acts, controller !== null, messages), evidence };
}

function decide(acts: Acts, hasController: boolean, messages: readonly RunMessage[]): Pattern {
  const { directed, reactions, handOvers } = acts;
  if (hasController && reactions + directed > 0) return 'hybrid';
  if (directed + reactions === 0) {
    // Nobody was called and nobody has reacted yet: an engine at work, a service that stated facts, or one by itself.
    if (acts.isEngineRun) return 'orchestrated';
    return messages.some(({ kind }) => kind === 'event') ? 'choreographed' : 'orchestrated';
  }
  const share = directed / (directed + reactions);
  if (share >= ORCHESTRATED_SHARE_MIN) return handOvers.length > 0 ? 'hybrid' : 'orchestrated';
  return share <= CHOREOGRAPHED_SHARE_MAX ? 'choreographed' : 'hybrid';
}

function* actsOf(
  steps: StepTable,
  messages: readonly RunMessage[],
  edges: readonly Edge[],
): Sliced<Acts> {
  const callers = new Map<string, number>();
  let directed = 0;
  yield* eachOf(edges, ({ from, to, kind }) => {
    const effect = kind === 'message' ? undefined : steps.get(to);
    const cause = effect?.role === 'serve' ? steps.get(from) : undefined;
    if (!effect || !cause || cause.role === 'send') return;
    directed += 1;
    if (cause.service !== effect.service) {
      callers.set(cause.service, (callers.get(cause.service) ?? 0) + 1);
    }
  });
  let reactions = 0;
  let commands = 0;
  const handOvers: RunMessage[] = [];
  const lastSent = yield* lastSentOf(messages);
  yield* eachOf(messages, (message) => {
    // Several spans of one service for one message are one delivery.
    const readers = message.takenByServices.length;
    if (readers === 0) return;
    if (isAnswered(message, lastSent) || isEngineTask(message, steps)) {
      directed += readers;
      commands += readers;
      return;
    }
    reactions += readers;
    if (isHandOver(message)) handOvers.push(message);
  });
  const [director, directorCalls] = [...callers].sort((a, b) => b[1] - a[1])[0] ?? [null, 0];
  const isEngineRun = steps.list.some(isEngineStep);
  return { directed, reactions, handOvers, commands, director, directorCalls, isEngineRun };
}

/** When, for each pair of services, one last sent something that the other took. */
type LastSent = ReadonlyMap<string, bigint>;

function* lastSentOf(messages: readonly RunMessage[]): Sliced<LastSent> {
  const last = new Map<string, bigint>();
  yield* eachOf(messages, ({ sentByService, takenByServices, sentAtNs }) => {
    if (sentByService === null) return;
    for (const taker of takenByServices) {
      const pair = `${sentByService}\n${taker}`;
      const known = last.get(pair) ?? -1n;
      if ((sentAtNs ?? 0n) > known) last.set(pair, sentAtNs ?? 0n);
    }
  });
  return last;
}

/** A command whose taker sends something back that the commander takes. */
function isAnswered(command: RunMessage, lastSent: LastSent): boolean {
  const { sentByService: commander, takenByServices, sentAtNs } = command;
  if (command.kind !== 'command' || commander === null || sentAtNs === null) return false;
  return takenByServices.some((taker) => {
    const answeredAt = taker === commander ? undefined : lastSent.get(`${taker}\n${commander}`);
    return answeredAt !== undefined && answeredAt >= sentAtNs;
  });
}

/** A message that an engine's state sent and stayed open for: a task queue, whatever broker it lies in. */
function isEngineTask(message: RunMessage, steps: StepLookup): boolean {
  const send = message.sentBy && steps.get(message.sentBy);
  if (!send || !isEngineStep(send) || message.firstTakenAtNs === null) return false;
  const state = send.parentSpanId ? steps.get(stepId(send.traceId, send.parentSpanId)) : undefined;
  return state !== undefined && isEngineStep(state) && isOpenAt(state, message.firstTakenAtNs);
}

/** A message to another service whose result nobody in the run waits for. */
function isHandOver({ sentByService, takenByServices }: RunMessage): boolean {
  return takenByServices.some((service) => service !== sentByService);
}

/**
 * The step of a service that sends a message and is still open when the same service takes a message that
 * another service sent: it started the work by an event and watches its outcome.
 */
function* frontController(
  steps: StepLookup,
  messages: readonly RunMessage[],
  edges: readonly Edge[],
): Sliced<Step | null> {
  const watched = yield* takingsFromOthers(steps, messages);
  if (watched.size === 0) return null;
  const causeOf = new Map<StepId, StepId>();
  yield* eachOf(edges, ({ from, to }) => causeOf.set(to, from));
  let found: Step | null = null;
  yield* eachOf(messages, ({ sentBy, sentByService, takenByServices }) => {
    const send = found === null && sentBy ? steps.get(sentBy) : undefined;
    if (!send || !takenByServices.some((service) => service !== sentByService)) return;
    const outcomeAtNs = firstAfter(watched.get(send.service) ?? [], send.startedAtNs);
    if (outcomeAtNs === undefined) return;
    found = enclosing(send, steps, causeOf).find((step) => isOpenAt(step, outcomeAtNs)) ?? null;
  });
  return found;
}

/** Service → when it took messages that somebody else sent, ascending. */
function* takingsFromOthers(
  steps: StepLookup,
  messages: readonly RunMessage[],
): Sliced<Map<string, bigint[]>> {
  const takings = new Map<string, bigint[]>();
  yield* eachOf(messages, ({ takenBy, sentByService }) => {
    for (const id of takenBy) {
      const taking = steps.get(id);
      if (taking && taking.service !== sentByService) {
        append(takings, taking.service, taking.startedAtNs);
      }
    }
  });
  for (const times of takings.values()) times.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return takings;
}

function firstAfter(times: readonly bigint[], atNs: bigint): bigint | undefined {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as bigint) > atNs) high = middle;
    else low = middle + 1;
  }
  return times[low];
}

/** Steps of the sender's service that the send lies in, innermost first. */
function enclosing(send: Step, steps: StepLookup, causeOf: ReadonlyMap<StepId, StepId>): Step[] {
  const found: Step[] = [];
  let id = causeOf.get(send.id);
  while (id !== undefined && found.length < ENCLOSING_MAX) {
    const step = steps.get(id);
    if (!step || step.service !== send.service || step.role === 'take') break;
    found.push(step);
    id = causeOf.get(id);
  }
  return found;
}

/** A controller is not looked for further above a send than this. */
const ENCLOSING_MAX = 64;

function isOpenAt(step: Step, atNs: bigint): boolean {
  return step.startedAtNs <= atNs && (step.isPending || step.endedAtNs >= atNs);
}

function reasons(acts: Acts, controller: Step | null): string[] {
  const because: string[] = [];
  if (controller) {
    because.push(
      `${controller.service} starts work by a message in “${controller.name}” and stays until it sees outcomes.`,
    );
  }
  const { directed, reactions, handOvers, commands, director, directorCalls } = acts;
  if (directed > 0) {
    const by = director === null ? '' : `, ${directorCalls} of them by calls of ${director}`;
    because.push(
      `${plural(directed, 'step is', 'steps are')} directed: called, with the caller waiting${by}.`,
    );
  }
  if (commands > 0) because.push(`${plural(commands, 'command is', 'commands are')} answered.`);
  if (reactions > 0) {
    because.push(`${plural(reactions, 'step is a reaction', 'steps are reactions')} to messages.`);
  }
  const [handOver] = handOvers;
  if (handOver && directed > 0) {
    const what = handOver.type ?? handOver.destination;
    because.push(
      `${handOver.sentByService ?? 'Somebody'} hands ${what} over to ` +
        `${handOver.takenByServices.join(', ')} and nobody waits for the result.`,
    );
  }
  if (acts.isEngineRun) because.push('The steps bear the execution id of an orchestration engine.');
  if (because.length === 0) because.push('No service was called and no message was taken.');
  return because;
}

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
