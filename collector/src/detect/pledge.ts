import { calendarOf, dueNs } from '@throughline/model/business-time';
import type { BusinessCalendar, Flow, FlowExpectation, Policy } from '@throughline/model/policy';
import type { RunPromise } from '@throughline/model/promise';
import type { Run, RunMessage } from '@throughline/model/run';
import { nsFromMs, type UnixNs } from '@throughline/model/time';
import { gapsOf } from './learn/gaps.js';
import type { Passage } from './learn/learned-pledge.js';
import type { Occurrence } from './occurrences.js';
import type { RunIndex } from './run-index.js';

/**
 * A promise before time is laid over it: nothing in it depends on when somebody looks.
 *
 * - `event`: an event should follow · `take`: a service should take the message itself
 * - `finish`: a step should end · `end`: the run should end
 */
export interface Pledge extends Omit<RunPromise, 'state'> {
  readonly form: 'event' | 'take' | 'finish' | 'end';
  readonly event: string | null;
  readonly workflow: string;
  /** The run ended before the promise was kept or due. */
  readonly isCancelled: boolean;
}

/** A promise with what opened it; only of use while the run is at hand. */
export interface OpenedPledge {
  readonly pledge: Pledge;
  readonly opening: Occurrence;
  /** Of a learned one: what others made of it. */
  readonly passage?: Passage;
}

/** The flow that speaks for the run: of its name, else one that begins with an event of the run. */
export function flowOf(index: RunIndex, flows: readonly Flow[]): Flow | null {
  if (flows.length === 0) return null;
  const named = flows.find((flow) => flow.workflow === index.run.workflow);
  if (named !== undefined) return named;
  const happened = index.occurrences;
  const begun = flows.find((flow) => flow.startsWith !== null && happened.has(flow.startsWith));
  return begun ?? null;
}

const NO_PLEDGES: readonly OpenedPledge[] = [];

/** Every promise that the run's acts opened, in order of due time. Pure: depends on the run and the flow only. */
export function pledgesOf(
  index: RunIndex,
  flow: Flow | null,
  policy: Policy,
): readonly OpenedPledge[] {
  const { run } = index;
  const announcing = run.steps.filter(({ step }) => step.deadlineMs !== null);
  if (flow === null && announcing.length === 0) return NO_PLEDGES;
  const frame = {
    index,
    run,
    workflow: flow?.workflow ?? run.workflow,
    policy,
    happened: index.occurrences,
    hasEnded: isOver(index, flow),
  };
  const pledges = [
    ...(flow === null ? [] : flow.expects.flatMap((expect) => declared(expect, flow, frame))),
    ...announcing.flatMap(({ step }) => announced(step, frame)),
    ...(flow === null ? [] : wholeRun(flow, frame)),
  ];
  return pledges.sort(byDue);
}

export function byDue({ pledge: a }: OpenedPledge, { pledge: b }: OpenedPledge): number {
  return a.dueAtNs < b.dueAtNs ? -1 : a.dueAtNs > b.dueAtNs ? 1 : 0;
}

/** Terminal by its status, or an end that the flow declares was reached. */
export function isOver(index: RunIndex, flow: Flow | null): boolean {
  if (index.run.status !== 'active') return true;
  return flow !== null && flow.ends.some(({ event }) => index.occurrences.has(event));
}

interface Frame {
  readonly index: RunIndex;
  readonly run: Run;
  readonly workflow: string;
  readonly policy: Policy;
  readonly happened: ReadonlyMap<string, readonly Occurrence[]>;
  readonly hasEnded: boolean;
}

/**
 * One promise per occurrence of `after`. The first is kept by any occurrence of what was expected, since
 * clocks of two hosts may disagree about which came first; later ones only by what came after them.
 */
function declared(expect: FlowExpectation, flow: Flow, frame: Frame): OpenedPledge[] {
  const { after, event, by, withinMs } = expect;
  const openings = distinct(openingsOf(expect, frame));
  if (openings.length === 0) return [];
  const events = answersOf(expect, frame).filter(
    ({ service }) => by === null || service === null || service === by,
  );
  return openings.map((opening, at) => {
    const answers = event === null ? takings(by, opening, frame) : events;
    const answer = at === 0 ? answers[0] : firstSince(answers, opening.atNs);
    return pledge(frame, opening, {
      form: event === null ? 'take' : 'event',
      event,
      what: expect.what ?? event ?? `takes ${after}`,
      by,
      withinMs,
      calendar: calendarFor(frame, flow, expect.isBusinessTime),
      keptAtNs: answer?.atNs ?? (event === null ? takenUnseenNs(by, opening, frame) : null),
    });
  });
}

/** A service that went on in the run without any cause that was seen took the message: the span of that was lost. */
function takenUnseenNs(by: string | null, { atNs }: Occurrence, { index }: Frame): UnixNs | null {
  return by === null ? null : gapsOf(index).aliveAtNs(by, atNs);
}

/** Of sendings that were not seen, and of which no id tells how many there were, the first stands for all. */
function distinct(openings: readonly Occurrence[]): readonly Occurrence[] {
  const first = openings.find(({ message }) => isUnseenSending(message));
  return openings.filter((each) => each === first || !isUnseenSending(each.message));
}

function isUnseenSending(message: RunMessage | null): boolean {
  return message !== null && message.sentBy === null && message.messageId === null;
}

/** Of several names for one step, only one counts: its spans may go by more than one of them. */
function openingsOf(expect: FlowExpectation, { happened }: Frame): readonly Occurrence[] {
  const found = happened.get(expect.after);
  if (found !== undefined || expect.alsoAfter === undefined) return found ?? [];
  const name = expect.alsoAfter.find((each) => happened.has(each));
  return name === undefined ? [] : (happened.get(name) ?? []);
}

/** Earliest first. */
function answersOf(expect: FlowExpectation, { happened }: Frame): readonly Occurrence[] {
  const { event, alsoEvents } = expect;
  const found = event === null ? [] : (happened.get(event) ?? []);
  if (alsoEvents === undefined) return found;
  const others = alsoEvents.flatMap((each) => happened.get(each) ?? []);
  return [...found, ...others].sort((a, b) => (a.atNs < b.atNs ? -1 : 1));
}

interface Instant {
  readonly atNs: UnixNs;
}

/** @param answers earliest first. */
function firstSince(answers: readonly Instant[], atNs: UnixNs): Instant | undefined {
  let from = 0;
  let to = answers.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((answers[middle]?.atNs ?? 0n) < atNs) from = middle + 1;
    else to = middle;
  }
  return answers[from];
}

function takings(by: string | null, opening: Occurrence, { index }: Frame): readonly Instant[] {
  const messages = sameSending(opening, index);
  const within = messages
    .flatMap(({ takenBy }) => takenBy)
    .flatMap((id) => {
      const taking = index.steps.get(id);
      if (taking === undefined || taking.step.isPending || taking.step.status === 'error')
        return [];
      return by === null || taking.step.service === by ? [{ atNs: taking.correctedStartNs }] : [];
    });
  const elsewhere = messages
    .flatMap(({ takenElsewhere = [] }) => takenElsewhere)
    .filter(({ service, isPending }) => !isPending && (by === null || service === by));
  return [...within, ...elsewhere].sort((a, b) => (a.atNs < b.atNs ? -1 : 1));
}

/** Takings of one message whose sending was not seen, and that share no id, look like as many messages. */
function sameSending({ message }: Occurrence, { run }: RunIndex): readonly RunMessage[] {
  if (message === null) return [];
  if (!isUnseenSending(message)) return [message];
  return run.messages.filter(
    (each) =>
      isUnseenSending(each) &&
      each.type === message.type &&
      each.destination === message.destination &&
      each.system === message.system,
  );
}

/** `throughline.expects` and `throughline.deadline_ms` of a step: the times run from the step's start. */
function announced(step: Run['steps'][number]['step'], frame: Frame): OpenedPledge[] {
  if (step.deadlineMs === null) return [];
  const withinMs = step.deadlineMs;
  const opening: Occurrence = {
    name: step.message === null ? step.name : (step.message.type ?? step.message.destination),
    stepId: step.id,
    service: step.service,
    atNs: step.startedAtNs,
    message: frame.run.messages.find((message) => message.sentBy === step.id) ?? null,
  };
  if (step.expects.length === 0) {
    return [
      pledge(frame, opening, {
        form: 'finish',
        event: null,
        what: `finishes ${step.name}`,
        by: step.service,
        withinMs,
        calendar: null,
        keptAtNs: step.isPending ? null : step.endedAtNs,
      }),
    ];
  }
  const by = step.attributes.get('throughline.expects_by');
  return step.expects.map((event) =>
    pledge(frame, opening, {
      form: 'event',
      event,
      what: event,
      by: typeof by === 'string' ? by : null,
      withinMs,
      calendar: null,
      keptAtNs: frame.happened.get(event)?.[0]?.atNs ?? null,
    }),
  );
}

/** The deadline of the whole run, from the event that starts the flow, else from the run's first step. */
function wholeRun(flow: Flow, frame: Frame): OpenedPledge[] {
  if (flow.deadlineMs === null) return [];
  const { run } = frame;
  const start = flow.startsWith === null ? undefined : frame.happened.get(flow.startsWith)?.[0];
  const ends = flow.ends.flatMap(({ event }) => frame.happened.get(event)?.[0]?.atNs ?? []);
  const opening: Occurrence = start ?? {
    name: `the start of ${flow.workflow}`,
    stepId: null,
    service: null,
    atNs: run.startedAtNs,
    message: null,
  };
  return [
    pledge(frame, opening, {
      form: 'end',
      event: null,
      what: flow.ends.length === 0 ? 'the end' : flow.ends.map(({ event }) => event).join(' or '),
      by: null,
      withinMs: flow.deadlineMs,
      calendar: calendarFor(frame, flow),
      keptAtNs: ends.sort((a, b) => (a < b ? -1 : 1))[0] ?? run.endedAtNs,
    }),
  ];
}

interface Terms extends Pick<Pledge, 'form' | 'event' | 'what' | 'by'> {
  readonly withinMs: number;
  /** What the deadline is counted by; null: every hour counts. */
  readonly calendar: BusinessCalendar | null;
  readonly keptAtNs: UnixNs | null;
}

function calendarFor(
  { policy }: Frame,
  flow: Flow,
  isBusinessTime?: boolean,
): BusinessCalendar | null {
  if (isBusinessTime === undefined) return calendarOf(policy, flow.workflow);
  return isBusinessTime ? (policy.calendar ?? null) : null;
}

function pledge(
  frame: Frame,
  opening: Occurrence,
  { withinMs, calendar, ...terms }: Terms,
): OpenedPledge {
  const keptAtNs =
    terms.keptAtNs !== null && terms.keptAtNs < opening.atNs ? opening.atNs : terms.keptAtNs;
  return {
    opening,
    pledge: {
      ...terms,
      runId: frame.run.id,
      workflow: frame.workflow,
      after: opening.stepId,
      afterName: opening.name,
      openedAtNs: opening.atNs,
      dueAtNs: dueNs(calendar, opening.atNs, withinMs),
      graceMs: frame.policy.detect.stalled.graceMs,
      ...(calendar === null ? {} : { businessMs: withinMs }),
      origin: 'declared',
      sampleCount: 0,
      keptAtNs,
      isCancelled: keptAtNs === null && frame.hasEnded,
    },
  };
}

/** The instant from which an unkept promise is a finding. */
export function brokenAtNs(pledge: Pick<Pledge, 'dueAtNs' | 'graceMs'>): UnixNs {
  return (pledge.dueAtNs + nsFromMs(pledge.graceMs)) as UnixNs;
}

/** The promise as it stands at an instant. */
export function promiseAt(pledge: Pledge, now: UnixNs): RunPromise {
  const { form: _form, event: _event, workflow: _workflow, isCancelled, ...promise } = pledge;
  if (promise.keptAtNs !== null) return { ...promise, state: 'kept' };
  if (isCancelled) return { ...promise, state: 'cancelled' };
  return { ...promise, state: now > promise.dueAtNs ? 'overdue' : 'open' };
}
