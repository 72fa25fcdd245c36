import { elapsedMs } from '@throughline/model/business-time';
import type { Correction } from '@throughline/model/correction';
import type { DetectPolicy } from '@throughline/model/policy';
import type { UnixNs } from '@throughline/model/time';
import { conditionOf, holds, type Condition, type Told } from './condition.js';
import { isUntold, lessonOf, type Lesson, type Past } from './lesson.js';
import type { Opening } from './opening.js';

/** A lesson, with where it holds and what a person said of it. */
export interface LearnedReaction extends Lesson {
  readonly id: string;
  /** Where the reaction is certain; null: wherever it is awaited. */
  readonly condition: Condition | null;
  /** Of all openings that count, those that were reacted to, whatever the condition. */
  readonly shareOfAll: number;
  readonly correction: Correction | null;
}

export interface Subject extends Past {
  readonly id: string;
  readonly correction: Correction | null;
  /** Worth the search for where it reacts. */
  readonly isFrequent: boolean;
  /** Reactors that come in place of others, of some of the openings. */
  alternativesAmong(openings: readonly Opening[]): ReadonlySet<string>;
}

/**
 * One reaction, with the attribute that tells where it comes if there is one: what follows at times only may follow
 * always in one country, and what follows nearly always may never follow in another.
 *
 * @returns null when nobody ever reacted so.
 */
export function learnedReaction(
  subject: Subject,
  policy: DetectPolicy['stalled'],
  now: UnixNs,
): LearnedReaction | null {
  const { id, correction } = subject;
  const past = sinceForgotten({ ...subject, deadlineMs: correction?.deadlineMs ?? null });
  const whole = lessonOf(past, policy, now);
  if (whole === null) return null;
  const { lesson, condition, shareOfAll } = conditioned(past, { whole, policy, now });
  return {
    ...lesson,
    state: correction?.isNotExpected === true ? 'not-expected' : lesson.state,
    id,
    condition,
    shareOfAll,
    correction,
  };
}

function sinceForgotten(subject: Subject): Subject {
  const sinceNs = subject.correction?.forgottenBeforeNs ?? null;
  if (sinceNs === null) return subject;
  return { ...subject, openings: subject.openings.filter((each) => each.openedAtNs >= sinceNs) };
}

interface Frame {
  readonly whole: Lesson;
  readonly policy: DetectPolicy['stalled'];
  readonly now: UnixNs;
}

function conditioned(past: Subject, { whole, policy, now }: Frame) {
  const plain = { lesson: whole, condition: null, shareOfAll: whole.share };
  const isCertain = whole.state === 'learned' && !whole.isAlternative;
  const isPlain = whole.state === 'learning' || (isCertain && whole.share === 1);
  if (isPlain || !past.isFrequent) return plain;
  const told = toldOf(past, whole, now);
  const condition = conditionOf(told, {
    minSamples: policy.minSamples,
    probability: policy.probability,
    wanted: isCertain ? 'excluding' : 'including',
  });
  if (condition === null) return plain;
  const openings = past.openings.filter(({ facets }) => holds(condition, facets));
  const alternatives = past.alternativesAmong(openings);
  const lesson = lessonOf({ ...past, openings, alternatives }, policy, now);
  if (lesson?.state !== 'learned') return plain;
  const shareOfAll = told.filter(({ isHit }) => isHit).length / told.length;
  return { lesson, condition, shareOfAll };
}

/** Openings between the first and the last reaction of which it is settled whether it came. */
function toldOf({ openings, reactor, calendar }: Past, whole: Lesson, now: UnixNs): Told[] {
  const told: Told[] = [];
  for (const opening of openings) {
    const { openedAtNs, reactions } = opening;
    if (openedAtNs < whole.firstOpenedAtNs || openedAtNs > whole.lastOpenedAtNs) continue;
    const isHit = reactions.has(reactor);
    if (!isHit && isUntold(opening, reactor)) continue;
    if (!isHit && elapsedMs(calendar, openedAtNs, now) <= whole.deadlineMs) continue;
    told.push({ opening, isHit });
  }
  return told;
}
