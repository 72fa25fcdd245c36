import type { StepId } from '@throughline/model/ids';
import type { Run, RunMessage } from '@throughline/model/run';
import type { Mark } from '../mark.js';
import { messageName } from '../occurrences.js';
import type { RunIndex } from '../run-index.js';
import { runLabel } from '../run-label.js';
import { agoText, countText, listText, several } from '../wording.js';
import { markStatement, type MarkRule } from './mark-statement.js';

/** How often a message has to come round. What differs from round to round may be a talk that has an end. */
const ROUNDS_MIN = 3;
const ROUNDS_MIN_CHANGING = 10;
/** A circle of more sends than this is not recognised as one. */
const HOPS_MAX = 64;

/** Messages cause themselves: a service sends the same type to the same destination, round after round. */
export const eventCycle: MarkRule = {
  rule: 'event-cycle',

  marksOf(run, { index }) {
    if (run.messages.length < ROUNDS_MIN) return NO_MARKS;
    const longest = new Map<string, Round>();
    for (const round of roundsOf(run, index)) {
      const known = longest.get(round.circle);
      if (known === undefined || round.count > known.count) longest.set(round.circle, round);
    }
    return [...longest.values()].filter(isCycle).map((round) => markOf(run, round));
  },

  judge(marks, view, now) {
    const { newest } = marks;
    const others = marks.length - 1;
    const act = `break the circle: let ${newest.service} not react to what it caused`;
    return markStatement(marks, view, {
      severity: 'critical',
      confidence: 0.95,
      subject: null,
      where: newest.detail ?? newest.what,
      sentence: `${newest.what} of ${newest.label} causes itself: ${newest.service} has sent it to ${newest.where} ${several(newest.count, 'time')}, each because of the one before, last ${agoText(newest.sinceNs, now)} (${newest.detail}).${others === 0 ? '' : ` ${several(others, 'other run goes', 'other runs go')} round the same way.`} Next: ${act}.`,
      evidence: [
        ...(newest.evidence ?? []),
        { text: 'rounds', value: countText(newest.count) },
        { text: 'runs that go round', value: marks.length },
      ],
      next: [{ text: act, command: `throughline explain ${newest.runId}` }],
    });
  },
};

const NO_MARKS: readonly Mark[] = [];

interface Round {
  readonly message: RunMessage;
  /** The names of the circle, in an order that does not depend on where it is entered. */
  readonly circle: string;
  /** Sends of this message in a row, each caused by the one before. */
  readonly count: number;
  readonly services: readonly string[];
  /** Of these, the latest in a row with the same content, or whose content is not known. */
  readonly sameCount: number;
  readonly atNs: bigint;
}

/** For each send that was caused by one like it: how often it has come round so far. */
function* roundsOf(run: Run, index: RunIndex): Iterable<Round> {
  const causes = new Map<StepId, StepId>();
  for (const { from, to, kind } of run.edges) {
    if (kind !== 'compensates' && !causes.has(to)) causes.set(to, from);
  }
  const sends = run.messages.filter(({ sentBy }) => sentBy !== null);
  const messageOf = new Map(sends.map((message) => [message.sentBy as StepId, message]));
  const rounds = new Map<string, Round>();
  const inOrder = sends.sort((a, b) => ((a.sentAtNs ?? 0n) < (b.sentAtNs ?? 0n) ? -1 : 1));
  for (const message of inOrder) {
    const back = cameRound(message, { causes, messageOf, index });
    if (back === null) continue;
    const before = rounds.get(back.message.id);
    const isSame = hashOf(message) === hashOf(back.message);
    const round: Round = {
      message,
      circle: JSON.stringify([...back.names].sort()),
      count: (before?.count ?? 1) + 1,
      services: [...new Set([...(before?.services ?? []), ...back.services])].sort(),
      sameCount: isSame ? (before?.sameCount ?? 1) + 1 : 1,
      atNs: message.sentAtNs ?? 0n,
    };
    rounds.set(message.id, round);
    yield round;
  }
}

interface Ways {
  readonly causes: ReadonlyMap<StepId, StepId>;
  readonly messageOf: ReadonlyMap<StepId, RunMessage>;
  readonly index: RunIndex;
}

interface Back {
  readonly message: RunMessage;
  readonly names: ReadonlySet<string>;
  readonly services: ReadonlySet<string>;
}

/** The nearest send before this one that it follows from and that is like it; null when a retry lies between. */
function cameRound(message: RunMessage, { causes, messageOf, index }: Ways): Back | null {
  const names = new Set([messageName(message)]);
  const services = new Set<string>();
  let hops = 0;
  for (
    let id = causes.get(message.sentBy as StepId);
    id !== undefined && hops < HOPS_MAX;
    id = causes.get(id)
  ) {
    const each = index.steps.get(id);
    // To hand in again what failed is a retry, however often.
    if (each === undefined || each.step.status === 'error' || each.attempt > 1) return null;
    services.add(each.step.service);
    const sent = messageOf.get(id);
    if (sent === undefined) continue;
    if (sent.deadLettered) return null;
    hops += 1;
    if (isLike(sent, message)) return { message: sent, names, services };
    names.add(messageName(sent));
  }
  return null;
}

function isLike(a: RunMessage, b: RunMessage): boolean {
  return (
    a.type === b.type &&
    a.destination === b.destination &&
    a.sentByService === b.sentByService &&
    a.system === b.system
  );
}

/** A service that hands work on to itself, page by page, goes round for a reason: unless nothing changes. */
function isCycle({ count, sameCount, services, message }: Round): boolean {
  if (services.length < 2) return hashOf(message) !== null && sameCount >= ROUNDS_MIN;
  return sameCount >= ROUNDS_MIN || count >= ROUNDS_MIN_CHANGING;
}

function hashOf({ payload }: RunMessage): string | null {
  return payload?.hash ?? null;
}

function markOf(run: Run, { message, circle, count, services, atNs }: Round): Mark {
  const names = JSON.parse(circle) as string[];
  return {
    rule: 'event-cycle',
    cause: JSON.stringify([run.workflow, circle, services]),
    runId: run.id,
    label: runLabel(run),
    workflow: run.workflow,
    sinceNs: atNs as Mark['sinceNs'],
    service: message.sentByService ?? '',
    what: messageName(message),
    where: message.destination,
    detail: `${listText(names)} between ${listText(services)}`,
    count,
    evidence: [{ text: 'services in the circle', value: services.join(', ') }],
  };
}
