import type { StepId } from '@throughline/model/ids';
import type { Step } from '@throughline/model/step';
import { nsFromMs } from '@throughline/model/time';
import type { EdgeList } from './edge-list.js';
import type { Member } from './member.js';
import { append } from './multimap.js';
import { rereadsOf } from './rereads.js';
import { eachOf, type Sliced } from './sliced.js';
import type { StepTable } from './step-table.js';

/** Sends to one destination among which the likely cause of a taking is still looked for. */
const CANDIDATES_MAX = 200;

/** Clocks of two hosts may differ by so much that a taking seems to come before its send. */
const SKEW_NS = nsFromMs(10_000);

/** Confidence where a single send could have led to the taking; that of a send that seems later is half of it. */
const CONFIDENCE_MAX = 80;

/**
 * A taking without any proven cause, in a run that holds sends to the same destination: the latest send before
 * it that its reader has not taken yet is its likely cause; without any, the earliest of another service that
 * seems to come after it by no more than clocks differ. The confidence falls with the number of candidates. Both
 * are in the run already, by key: an inferred edge never brings steps together.
 */
export function* inferredEdges(
  members: readonly Member[],
  steps: StepTable,
  edges: EdgeList,
): Sliced<void> {
  const takings: Step[] = [];
  const sendings: Step[] = [];
  yield* eachOf(members, ({ step }) => {
    if (step.role === 'take') takings.push(step);
    else if (step.role === 'send') sendings.push(step);
  });
  if (takings.length === 0 || sendings.length === 0) return;
  const rereads = yield* rereadsOf(steps, edges.all());
  const tied = new Set<StepId>(rereads.keys());
  yield* eachOf(edges.all(), ({ from, to, kind }) => {
    if (kind === 'message') tied.add(from).add(to);
  });
  const sends = new Map<string, Step[]>();
  yield* eachOf(sendings, (step) => {
    if (!tied.has(step.id)) append(sends, placeOf(step), step);
  });
  /** What each reader has taken by an inferred edge. */
  const read = new Map<string, Set<StepId>>();
  yield* eachOf(takings, (taken) => {
    if (tied.has(taken.id)) return;
    const near = sends.get(placeOf(taken)) ?? [];
    // Among so many nobody can tell.
    if (near.length > CANDIDATES_MAX) return;
    const reader = `${placeOf(taken)} ${taken.service} ${taken.message?.subscription ?? ''}`;
    const known = read.get(reader) ?? new Set<StepId>();
    read.set(reader, known);
    const found = likelyCause(taken, near, known);
    if (!found) return;
    known.add(found.cause.id);
    const { cause, confidence } = found;
    const told = { kind: 'message', evidence: 'inferred', confidence } as const;
    edges.add({ from: cause.id, to: taken.id, ...told });
  });
}

function likelyCause(
  taken: Step,
  sends: readonly Step[],
  known: ReadonlySet<StepId>,
): { readonly cause: Step; readonly confidence: number } | null {
  const fitting = sends.filter((sent) => couldBeOne(sent, taken));
  const before = fitting.filter(({ startedAtNs }) => startedAtNs <= taken.startedAtNs);
  const last = before.findLast(({ id }) => !known.has(id)) ?? before.at(-1);
  if (last) return { cause: last, confidence: confidenceOf(CONFIDENCE_MAX, before.length) };
  const after = fitting.filter(
    ({ id, service, startedAtNs }) =>
      service !== taken.service && !known.has(id) && startedAtNs - taken.startedAtNs <= SKEW_NS,
  );
  const [first] = after;
  if (!first) return null;
  return { cause: first, confidence: confidenceOf(CONFIDENCE_MAX / 2, after.length) };
}

function confidenceOf(percent: number, candidates: number): number {
  return Math.round(percent / candidates) / 100;
}

function placeOf({ message }: Step): string {
  return message ? `${message.system} ${message.destination}` : '';
}

function couldBeOne({ message: a }: Step, { message: b }: Step): boolean {
  if (!a || !b) return false;
  if (a.messageId !== null && b.messageId !== null && a.messageId !== b.messageId) return false;
  return a.type === null || b.type === null || a.type === b.type;
}
