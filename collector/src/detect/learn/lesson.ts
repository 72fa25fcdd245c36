import { elapsedMs } from '@throughline/model/business-time';
import type { RunId } from '@throughline/model/ids';
import type { BusinessCalendar, DetectPolicy } from '@throughline/model/policy';
import { msFromNs, nsFromMs, type UnixNs } from '@throughline/model/time';
import { LIMITS } from '../../limits.js';
import { DelaySketch } from '../delay-sketch.js';
import type { Opening } from './opening.js';
import { chanceOfAtLeast } from '../poisson.js';
import { wilsonLower } from './wilson.js';

/**
 * - `learning`: too few runs to say anything
 * - `learned`: all but certain, so it promises
 * - `uncertain`: it follows at times, or once did; nothing is promised
 * - `not-expected`: a person said that it need not follow; nothing is promised
 */
export type LessonState = 'learning' | 'learned' | 'uncertain' | 'not-expected';

/** What the past says of one reaction. */
export interface Lesson {
  readonly reactor: string;
  readonly state: LessonState;
  /** Openings that count, and how many different runs they come from. */
  readonly sampleCount: number;
  readonly runCount: number;
  /** Of the openings that count, those that were reacted to. */
  readonly share: number;
  readonly deadlineMs: number;
  /** Milliseconds until a reaction is seen. */
  readonly delays: DelaySketch;
  /** The first and the last opening that was reacted to. */
  readonly firstOpenedAtNs: UnixNs;
  readonly lastOpenedAtNs: UnixNs;
  /** A message that is sent in place of another, or on top: where it came nothing else is awaited. */
  readonly isAlternative: boolean;
  /** Sure enough to miss a single reaction between others that came. */
  readonly missesSingles: boolean;
  /** A single span shows the reaction as a rule: nothing else tells a lost span from a lost message. */
  readonly isFaint: boolean;
  /** Openings of which other steps prove that they were reacted to, though the reaction was not seen. */
  readonly waivedCount: number;
  /**
   * Where lost spans explain what is absent: only several absences in a row are believed, and these are they. Null
   * where every absence is believed.
   */
  readonly streaks: readonly Streak[] | null;
}

/** Openings in a row that were not reacted to; `toNs` is null while nobody who came later passed. */
export interface Streak {
  readonly fromNs: UnixNs;
  readonly toNs: UnixNs | null;
}

export interface Past {
  /** In order of time. */
  readonly openings: readonly Opening[];
  readonly reactor: string;
  /** Reactors that come in place of others. Where one came, the absence of another teaches nothing. */
  readonly alternatives: ReadonlySet<string>;
  /** Of all spans, the share that gets lost on its way here, as far as it is known. */
  readonly lossShare: number;
  /** A person's word in place of what the delays teach; null as a rule. */
  readonly deadlineMs: number | null;
  /** Only its hours count; null: all do. */
  readonly calendar: BusinessCalendar | null;
}

const DAY_MS = 86_400_000;
/** So few absences in all are news, whatever their share. */
const RARE_MISSES = 2;
/** Beyond this × p90 a reaction was held up. */
const HELD_UP_FACTOR = 4;
/** From so many delays on it is known what is usual; it is reckoned anew whenever they have doubled. */
const RECKON_FROM = 16;
/** Openings without any reaction for so long: it is over: the consumer was taken away on purpose, or for good. */
const FORGOTTEN_MS = 7 * DAY_MS;
/** Deadlines move in steps of this ratio, so that promises are not made anew for every sample. */
const STEP = 1.25;
/** A reaction that shows in one span in more than this share of cases is faint. */
const FAINT_SHARE = 0.02;
/** So many absences in a row are no chance: between others that came, and at the end. */
const STREAK_MIN = 3;
const LAST_STREAK_MIN = 2;
/** What is less likely than this is no chance either. */
const CHANCE_MIN = 0.001;

/**
 * Learns one reaction from the openings at its place: a function of their set and *now*.
 *
 * A reaction teaches as soon as it is seen. Its absence is harder: a run with a key that nobody declared an end of
 * never completes, and a dead consumer's silence looks like a choice. So an absence counts only if
 * 1. its deadline has passed. The grace is still to come: what speaks against a promise is known before it breaks;
 * 2. a later opening was reacted to: the reactor lives, and left this one out. The silence of a reactor that
 *    has stopped teaches nothing, however many runs wait for it;
 * 3. neighbouring absences are one incident: an outage that lost five hundred messages is one, five hundred
 *    choices between other reactions are five hundred. After a day each counts;
 * 4. the first day, an incident does not count against a reaction that was proven before it (Wilson's lower
 *    bound): what breaks a promise must not unmake the promise. It counts in the plain share all the same, so
 *    that a reactor which changed its mind is believed after some incidents.
 *
 * Delays follow the same thought: neighbours that were all held up are one backlog worked off after an outage, and
 * count as one; else a single bad hour would stretch the deadline for days.
 *
 * Decay is by what comes after: the newest `learnSamplesMax` openings count. A reaction that has
 * been absent for a week of traffic is forgotten.
 *
 * It promises from `minSamples` runs on, at the share `probability`. Twenty of twenty prove no more than 88 %, so
 * until Wilson's bound reaches `probability` (some 130 samples) a promise is reported only while nobody who came
 * later passed: the reactor seems to have stopped. A single absence among reactions that came is reported
 * once that is proven, and only where it is rare: where every hundredth is absent, spans get lost, or it is a choice.
 * Where spans are known to get lost, a reaction that only one span shows is missed only when several are absent in a
 * row, or more than the loss explains.
 *
 * @returns null when nobody ever reacted so.
 */
export function lessonOf(past: Past, policy: DetectPolicy['stalled'], now: UnixNs): Lesson | null {
  const newest = past.openings.slice(-LIMITS.learnSamplesMax);
  const isYes = ({ reactions }: Opening): boolean => reactions.has(past.reactor);
  const first = newest.findIndex(isYes);
  const last = newest.findLastIndex(isYes);
  const [firstYes, lastYes] = [newest[first], newest[last]];
  if (firstYes === undefined || lastYes === undefined) return null;
  const counted = newest.slice(first, last + 1);
  const runs = new Set<RunId>(counted.filter(isYes).map(({ runId }) => runId));
  const delays = usualDelays(counted, past);
  const deadlineMs = past.deadlineMs ?? deadlineMsOf(delays, policy);
  // Days are counted as the traffic shows them: history that is read in later was not silent since.
  const latestNs = newest.at(-1)?.openedAtNs ?? now;
  const tally = tallied(counted, { past, policy, deadlineMs, latestNs, now });
  const sampleCount = tally.hits + tally.misses + tally.freshMisses;
  const share = tally.hits / sampleCount;
  const isOver = msFromNs(latestNs - lastYes.openedAtNs) > FORGOTTEN_MS;
  const isLikely = share >= policy.probability && !isOver;
  const missed = tally.misses + tally.freshMisses;
  const isFaint = isFaintIn(counted, past.reactor);
  const isExplained =
    isFaint &&
    past.lossShare > 0 &&
    chanceOfAtLeast(missed, past.lossShare * sampleCount) >= CHANCE_MIN;
  return {
    reactor: past.reactor,
    state: runs.size < policy.minSamples ? 'learning' : isLikely ? 'learned' : 'uncertain',
    sampleCount,
    runCount: runs.size,
    share,
    deadlineMs,
    delays,
    firstOpenedAtNs: firstYes.openedAtNs,
    lastOpenedAtNs: lastYes.openedAtNs,
    isAlternative: past.alternatives.has(past.reactor),
    missesSingles:
      wilsonLower(tally.hits, tally.hits + tally.misses) >= policy.probability &&
      (missed <= RARE_MISSES || missed / sampleCount <= (1 - policy.probability) / 10),
    isFaint,
    // What was not seen may be on its way: of late spans the effects often come first.
    waivedCount: counted.filter(
      (opening) =>
        isWaived(opening, past.reactor) &&
        elapsedMs(past.calendar, opening.openedAtNs, now) > deadlineMs + policy.graceMs,
    ).length,
    streaks: isExplained ? streaksOf(newest.slice(first), { past, deadlineMs, now }) : null,
  };
}

interface Tally {
  hits: number;
  misses: number;
  /** Incidents of the last day that came upon a proven reaction. */
  freshMisses: number;
}

interface Frame {
  readonly past: Past;
  readonly policy: DetectPolicy['stalled'];
  readonly deadlineMs: number;
  readonly latestNs: UnixNs;
  readonly now: UnixNs;
}

function tallied(openings: readonly Opening[], frame: Frame): Tally {
  const { past, policy, deadlineMs, latestNs, now } = frame;
  const tally: Tally = { hits: 0, misses: 0, freshMisses: 0 };
  let isWithinIncident = false;
  for (const opening of openings) {
    if (opening.reactions.has(past.reactor)) {
      tally.hits += 1;
      isWithinIncident = false;
      continue;
    }
    if (isUntold(opening, past.reactor) || hasAlternative(opening, past)) continue;
    if (elapsedMs(past.calendar, opening.openedAtNs, now) <= deadlineMs) continue;
    if (msFromNs(latestNs - opening.openedAtNs) > DAY_MS) tally.misses += 1;
    else if (!isWithinIncident) {
      const proven = wilsonLower(tally.hits, tally.hits + tally.misses);
      if (proven >= policy.probability) tally.freshMisses += 1;
      else tally.misses += 1;
    }
    isWithinIncident = true;
  }
  return tally;
}

function isFaintIn(openings: readonly Opening[], reactor: string): boolean {
  let [hits, faint] = [0, 0];
  for (const opening of openings) {
    if (!opening.reactions.has(reactor)) continue;
    hits += 1;
    if (opening.reactions.isFaint(reactor)) faint += 1;
  }
  return faint > FAINT_SHARE * hits;
}

function isWaived({ reactions, waived }: Opening, reactor: string): boolean {
  return !reactions.has(reactor) && waived !== 'all' && waived.has(reactor);
}

function streaksOf(
  openings: readonly Opening[],
  { past, deadlineMs, now }: Pick<Frame, 'past' | 'deadlineMs' | 'now'>,
): readonly Streak[] {
  const streaks: Streak[] = [];
  let absent: Opening[] = [];
  const end = (min: number, toNs: UnixNs | null): void => {
    const [from] = absent;
    if (from !== undefined && absent.length >= min) {
      streaks.push({ fromNs: from.openedAtNs, toNs });
    }
    absent = [];
  };
  for (const opening of openings) {
    if (opening.reactions.has(past.reactor)) {
      end(STREAK_MIN, absent.at(-1)?.openedAtNs ?? null);
      continue;
    }
    if (isUntold(opening, past.reactor) || hasAlternative(opening, past)) continue;
    if (elapsedMs(past.calendar, opening.openedAtNs, now) > deadlineMs) absent.push(opening);
  }
  end(LAST_STREAK_MIN, null);
  return streaks;
}

function hasAlternative({ reactions }: Opening, { alternatives }: Past): boolean {
  if (alternatives.size === 0) return false;
  for (const reactor of reactions.keys()) if (alternatives.has(reactor)) return true;
  return false;
}

/**
 * Neighbours that were held up count once, by the first of them. What is usual is reckoned from those before, so that a
 * backlog that builds up does not become usual while it does; after a day it has.
 */
function usualDelays(
  openings: readonly Opening[],
  { reactor, calendar }: Pick<Past, 'reactor' | 'calendar'>,
): DelaySketch {
  const usual = new DelaySketch();
  let heldUpMs = Infinity;
  let reckonAt = RECKON_FROM;
  let heldUpSinceNs: UnixNs | null = null;
  for (const { reactions, openedAtNs } of openings) {
    const tookMs = reactions.get(reactor);
    if (tookMs === undefined) continue;
    const ms =
      calendar === null
        ? tookMs
        : calendar.elapsedMs(openedAtNs, (openedAtNs + nsFromMs(tookMs)) as UnixNs);
    const isHeldUp = ms > heldUpMs;
    if (!isHeldUp) heldUpSinceNs = null;
    if (heldUpSinceNs === null || msFromNs(openedAtNs - heldUpSinceNs) > DAY_MS) usual.add(ms);
    if (isHeldUp) heldUpSinceNs ??= openedAtNs;
    if (usual.count < reckonAt) continue;
    heldUpMs = HELD_UP_FACTOR * (usual.quantileMs(0.9) ?? 0);
    reckonAt *= 2;
  }
  return usual;
}

export function isUntold({ untold, waived }: Opening, reactor: string): boolean {
  return untold === 'all' || waived === 'all' || untold.has(reactor) || waived.has(reactor);
}

/** At least the floor, else `factor` × p99, in steps. The grace comes on top of it. */
function deadlineMsOf(delays: DelaySketch, { factor, floorMs }: DetectPolicy['stalled']): number {
  const wantedMs = factor * (delays.quantileMs(0.99) ?? 0);
  if (wantedMs <= floorMs) return floorMs;
  const steps = Math.ceil(Math.log(wantedMs / Math.max(1, floorMs)) / Math.log(STEP));
  return Math.round(Math.max(1, floorMs) * STEP ** steps);
}
