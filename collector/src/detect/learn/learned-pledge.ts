import { dueNs } from '@throughline/model/business-time';
import type { BusinessCalendar, Flow } from '@throughline/model/policy';
import type { Run } from '@throughline/model/run';
import { nsFromMs, type UnixNs } from '@throughline/model/time';
import type { Occurrence } from '../occurrences.js';
import type { OpenedPledge } from '../pledge.js';
import { conditionText, holds } from './condition.js';
import type { LearnedReaction as Lesson } from './learned-reaction.js';
import type { Streak } from './lesson.js';
import type { Opened, Opening } from './opening.js';

export interface Teaching {
  readonly run: Run;
  readonly flow: Flow | null;
  readonly hasEnded: boolean;
  readonly graceMs: number;
  /** What deadlines are counted by; null: every hour counts. */
  readonly calendar: BusinessCalendar | null;
  /** What is known at a place now. */
  lessonsAt(key: string): readonly Lesson[];
  /** The same for one reactor, for as long as the edge lives. */
  passage(key: string, reactor: string): Passage;
}

/** What others made of a learned reaction, as of the moment it is asked. */
export interface Passage {
  readonly delays: Lesson['delays'];
  readonly lastPassedOpenedAtNs: UnixNs | null;
  /** Runs that showed it. */
  readonly runCount: number;
}

/**
 * What the past promises of the openings of a run. What the flow declares of a reaction is not said again.
 * Of several messages that a handler should have sent only the first is promised: what keeps it from sending one
 * keeps it from sending all.
 *
 * @param scope `unkept`: kept promises only where another of the same opening is not.
 */
export function learnedPledges(
  openings: readonly Opened[],
  teaching: Teaching,
  scope: 'all' | 'unkept',
): OpenedPledge[] {
  const pledges: OpenedPledge[] = [];
  for (const opened of openings) {
    const lessons = teaching.lessonsAt(opened.key);
    if (lessons.length === 0) continue;
    if (scope === 'unkept' && !lessons.some((lesson) => isExpected(opened, lesson))) continue;
    const { kept, awaited } = promisedOf(opened, lessons, teaching.flow);
    if (awaited.length === 0 && scope === 'unkept') continue;
    for (const lesson of kept) pledges.push(pledge(opened, lesson, teaching));
    for (const lesson of awaited) pledges.push(pledge(opened, lesson, teaching));
  }
  return pledges;
}

function promisedOf(opened: Opened, all: readonly Lesson[], flow: Flow | null) {
  const lessons = all.filter(
    (lesson) => lesson.state === 'learned' && !isDeclared(opened, lesson.reactor, flow),
  );
  const kept = lessons.filter(
    (lesson) => opened.opening.reactions.has(lesson.reactor) && isMeant(lesson, opened.opening),
  );
  const missing = lessons.filter((lesson) => isExpected(opened, lesson));
  if (opened.place.kind === 'sent') return { kept, awaited: missing };
  const isOther = hasOtherOutcome(opened, kept);
  return { kept, awaited: isOther ? [] : missing.sort(usualOrder).slice(0, 1) };
}

/** Whether the reaction is certain at such an opening. */
export function isMeant({ condition }: Lesson, { facets }: Opening): boolean {
  return condition === null || holds(condition, facets);
}

function isExpected({ opening }: Opened, lesson: Lesson): boolean {
  if (lesson.state !== 'learned' || !isMeant(lesson, opening)) return false;
  const { reactions, waived, openedAtNs } = opening;
  if (reactions.has(lesson.reactor) || waived === 'all' || waived.has(lesson.reactor)) return false;
  if (openedAtNs < lesson.firstOpenedAtNs) return false;
  // A handler that is seen at work is neither lost on its way nor somebody's choice.
  if (opening.begun.has(lesson.reactor)) return true;
  if (lesson.streaks !== null) return isWithin(lesson.streaks, openedAtNs);
  return lesson.missesSingles || openedAtNs > lesson.lastOpenedAtNs;
}

function isWithin(streaks: readonly Streak[], atNs: UnixNs): boolean {
  return streaks.some(({ fromNs, toNs }) => atNs >= fromNs && (toNs === null || atNs <= toNs));
}

/** Something was sent that is not always sent: the handler decided so, and did not fall silent. */
function hasOtherOutcome({ opening }: Opened, kept: readonly Lesson[]): boolean {
  return kept.length < opening.reactions.size || kept.some(({ isAlternative }) => isAlternative);
}

function usualOrder(a: Lesson, b: Lesson): number {
  if (a.isAlternative !== b.isAlternative) return a.isAlternative ? 1 : -1;
  const [first, second] = [a.delays.quantileMs(0.5) ?? 0, b.delays.quantileMs(0.5) ?? 0];
  return first - second || (a.reactor < b.reactor ? -1 : 1);
}

/** A flow that says who reacts to this, or that this event follows it, has said it better. */
function isDeclared({ place }: Opened, reactor: string, flow: Flow | null): boolean {
  return (flow?.expects ?? []).some(({ after, by, event }) => {
    if (after !== place.name) return false;
    if (place.kind === 'handled') return event === reactor || by === place.service;
    return by === null || by === reactor;
  });
}

function pledge({ key, place, opening, occurrence }: Opened, lesson: Lesson, teaching: Teaching) {
  const { run, flow, hasEnded, graceMs, calendar } = teaching;
  const seenAfterMs = opening.reactions.get(lesson.reactor);
  const keptAtNs =
    seenAfterMs === undefined ? null : ((opening.openedAtNs + nsFromMs(seenAfterMs)) as UnixNs);
  const isTake = place.kind === 'sent';
  const opened: Occurrence = occurrence;
  return {
    opening: opened,
    passage: teaching.passage(key, lesson.reactor),
    pledge: {
      form: isTake ? ('take' as const) : ('event' as const),
      event: isTake ? null : lesson.reactor,
      what: isTake ? `takes ${place.name}` : lesson.reactor,
      by: isTake ? lesson.reactor : place.service,
      runId: run.id,
      workflow: flow?.workflow ?? run.workflow,
      after: occurrence.stepId,
      afterName: place.name,
      openedAtNs: opening.openedAtNs,
      dueAtNs: dueNs(calendar, opening.openedAtNs, lesson.deadlineMs),
      graceMs,
      ...(calendar === null ? {} : { businessMs: lesson.deadlineMs }),
      ...(lesson.condition === null ? {} : { condition: conditionText(lesson.condition) }),
      origin: 'learned' as const,
      sampleCount: lesson.runCount,
      keptAtNs,
      isCancelled: keptAtNs === null && hasEnded,
    },
  };
}
