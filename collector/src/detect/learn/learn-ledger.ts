import { calendarOf } from '@throughline/model/business-time';
import type { RunId } from '@throughline/model/ids';
import type { Correction } from '@throughline/model/correction';
import type { Policy } from '@throughline/model/policy';
import type { Run } from '@throughline/model/run';
import { msFromNs, nsFromMs, type UnixNs } from '@throughline/model/time';
import { LIMITS } from '../../limits.js';
import { Agenda } from '../agenda.js';
import { DelaySketch } from '../delay-sketch.js';
import { alternativesAmong, alternativesOf } from './alternatives.js';
import { Corrections, reactionId } from './corrections.js';
import { HeldRuns } from './held-runs.js';
import { learnedReaction, type LearnedReaction as Lesson } from './learned-reaction.js';
import { isMeant, type Passage } from './learned-pledge.js';
import { LossEstimate } from './loss-estimate.js';
import { newsOf } from './news.js';
import type { Opened, Opening, Place } from './opening.js';
import { Openings, type Filed } from './openings.js';

/** A place is learned anew at most this often, however much goes on there. */
const RELEARN_MS = 5_000;
/** A place of which less than this share is new waits for more to come. */
const NEWS_SHARE = 0.1;
/** An absence settles with time: places where something is absent are learned anew after this. */
const SETTLE_PERIOD_MS = 30_000;
/** Openings that are looked through at a stretch; places beyond are learned at the next refresh. */
const SLICE_OPENINGS = 50_000;

export interface Known {
  readonly key: string;
  readonly openings: Openings;
  lessons: readonly Lesson[];
  learnedAtNs: UnixNs | null;
  /** Openings that came or changed since. */
  newsCount: number;
  /** They are so many that it is on the agenda for that. */
  isEnough: boolean;
}

export interface LessonAt {
  readonly place: Place;
  readonly lesson: Lesson;
}

/**
 * What all runs together teach. It depends on the set of runs and the instants of `refresh` only; runs may
 * come in any order.
 */
export class LearnLedger {
  readonly #policy: Policy;
  readonly #corrections = new Corrections();
  readonly #places = new Map<string, Known>();
  readonly #filedOfRun = new Map<RunId, readonly Filed[]>();
  readonly #knownOf = new Map<Openings, Known>();
  readonly #held = new HeldRuns();
  readonly #loss = new LossEstimate();
  readonly #agenda = new Agenda();
  #hasRefreshed = false;

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /** All that people say over what runs teach, in place of what they said before. Shows at the next refresh. */
  correct(all: readonly Correction[]): void {
    const changed = this.#corrections.replace(all);
    if (changed.size === 0) return;
    for (const known of this.#places.values()) {
      if (!changed.has(known.openings.place.workflow)) continue;
      known.learnedAtNs = null;
      this.#agenda.changed(known.key);
    }
  }

  /** Replaces what the run taught before. */
  put(run: Run, opened: readonly Opened[]): void {
    this.#replace(run.id, opened);
    const isOpen = run.status === 'active' || run.status === 'completed';
    if (isOpen && opened.length > 0) this.#held.put(run, opened);
    else this.#held.delete(run.id);
  }

  remove(id: RunId): void {
    this.#replace(id, NOTHING_OPENED);
    this.#held.delete(id);
  }

  /** What the run taught stays, for as long as newer runs leave it room; the run itself is let go. */
  left(id: RunId): void {
    this.#filedOfRun.delete(id);
    this.#held.delete(id);
  }

  /** A run whose promises may still change. */
  held(id: RunId): Run | undefined {
    return this.#held.get(id);
  }

  /** Of all spans, the share that gets lost on its way here, as far as it is known. */
  get lossShare(): number {
    return this.#loss.share;
  }

  lessonsAt(key: string): readonly Lesson[] {
    return this.#places.get(key)?.lessons ?? NO_LESSONS;
  }

  passage(key: string, reactor: string): Passage {
    const now = (): Lesson | undefined =>
      this.lessonsAt(key).find((lesson) => lesson.reactor === reactor);
    const last = now();
    return {
      get delays() {
        return (now() ?? last)?.delays ?? NO_DELAYS;
      },
      get lastPassedOpenedAtNs() {
        return now()?.lastOpenedAtNs ?? null;
      },
      get runCount() {
        return (now() ?? last)?.runCount ?? 0;
      },
    };
  }

  /** Every reaction that was ever seen in the workflow. */
  lessonsOf(workflow: string): readonly LessonAt[] {
    const found: LessonAt[] = [];
    for (const { openings, lessons } of this.#places.values()) {
      if (openings.place.workflow !== workflow) continue;
      for (const lesson of lessons) found.push({ place: openings.place, lesson });
    }
    return found;
  }

  /** Learns what is new. @returns the held runs of which something else is promised now. */
  refresh(now: UnixNs): ReadonlySet<RunId> {
    const runs = new Set<RunId>();
    let looked = 0;
    for (const key of this.#agenda.take(now)) {
      const known = this.#places.get(key);
      if (known === undefined || this.#isTooEarly(known, now)) continue;
      // The first time everything that is stored is there to learn from, and nobody waits.
      if (this.#hasRefreshed && looked > SLICE_OPENINGS) {
        this.#agenda.revisit(key, now);
        continue;
      }
      looked += known.openings.size * Math.max(1, known.openings.reactors().size);
      this.#relearn(known, now, runs);
    }
    this.#hasRefreshed = true;
    this.#held.release(now, (opened) => this.#isAwaited(opened));
    return runs;
  }

  #relearn(known: Known, now: UnixNs, runs: Set<RunId>): void {
    const { key, openings } = known;
    const before = known.lessons;
    this.#learn(known, now);
    if (openings.size === 0) {
      this.#places.delete(key);
      this.#knownOf.delete(openings);
    } else if (known.lessons.some(({ share }) => share < 1) || hasAbsent(known)) {
      this.#agenda.revisit(key, (now + nsFromMs(SETTLE_PERIOD_MS)) as UnixNs);
    }
    const all = newsOf(before, known.lessons);
    if (all.length === 0) return;
    for (const { opening } of this.#held.at(key)) {
      if (all.some((news) => news(opening))) runs.add(opening.runId);
    }
  }

  #replace(id: RunId, opened: readonly Opened[]): void {
    const before = this.#filedOfRun.get(id) ?? NOTHING_FILED;
    if (before.length === 0 && opened.length === 0) return;
    const left = new Set(before);
    const filed = opened.map((each, at) => {
      const known = this.#knownAt(each);
      const same = sameOpening(before, { known, opening: each.opening, at });
      this.#noteNews(known);
      if (same === undefined || !left.delete(same))
        return known.openings.add(each.opening, this.#forget);
      known.openings.change(same, each.opening);
      return same;
    });
    for (const gone of left) {
      gone.openings.delete(gone);
      const known = this.#knownOf.get(gone.openings);
      if (known !== undefined) this.#noteNews(known);
    }
    // What is too old to be learned from needs no book-keeping either.
    if (filed.some(({ isKept }) => isKept)) this.#filedOfRun.set(id, filed);
    else this.#filedOfRun.delete(id);
  }

  readonly #forget = ({ runId }: Opening): void => {
    if (this.#filedOfRun.get(runId)?.every(({ isKept }) => !isKept) === true) {
      this.#filedOfRun.delete(runId);
    }
  };

  #knownAt({ key, place }: Opened): Known {
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const openings = new Openings(place);
    const begun: Known = {
      key,
      openings,
      lessons: NO_LESSONS,
      learnedAtNs: null,
      newsCount: 0,
      isEnough: false,
    };
    this.#places.set(key, begun);
    this.#knownOf.set(openings, begun);
    return begun;
  }

  #noteNews(known: Known): void {
    known.newsCount += 1;
    const isEnough = known.newsCount >= NEWS_SHARE * known.openings.size;
    if (known.newsCount > 1 && (!isEnough || known.isEnough)) return;
    known.isEnough = isEnough;
    this.#agenda.changed(known.key);
  }

  /**
   * A place is learned anew when enough is new to make a difference, or some time has passed; at once where a promise
   * holds only until somebody who came later passes.
   */
  #isTooEarly({ key, learnedAtNs, newsCount, openings, lessons }: Known, now: UnixNs): boolean {
    if (learnedAtNs === null) return false;
    const isNews = newsCount >= NEWS_SHARE * openings.size || lessons.some(isProvisional);
    const periodMs = isNews ? RELEARN_MS : SETTLE_PERIOD_MS;
    if (msFromNs(now - learnedAtNs) >= periodMs) return false;
    const [next, later] = [RELEARN_MS, SETTLE_PERIOD_MS].map((ms) => learnedAtNs + nsFromMs(ms));
    this.#agenda.revisit(key, (isNews ? next : later) as UnixNs);
    return true;
  }

  #learn(known: Known, now: UnixNs): void {
    const { key, openings } = known;
    const { workflow, kind } = openings.place;
    const { stalled, learnSinceNs } = this.#policy.detect;
    const reactors = [...openings.reactors().keys()].sort();
    // Of several messages a handler may choose; services that take a message do not do so in place of each other.
    const isChoice = kind === 'handled';
    const sinceNs = laterOf(learnSinceNs ?? (0n as UnixNs), this.#corrections.sinceNs(workflow));
    const shared = {
      openings: openings.since(sinceNs),
      alternatives: isChoice ? alternativesOf(openings, stalled.probability) : NONE,
      alternativesAmong: (among: readonly Opening[]) =>
        isChoice ? alternativesAmong(among, stalled.probability) : NONE,
      lossShare: this.#loss.share,
      deadlineMs: null,
      calendar: calendarOf(this.#policy, workflow),
    };
    const frequent = mostFrequent(openings.reactors());
    known.lessons = reactors.flatMap((reactor) => {
      const id = reactionId(key, reactor);
      const correction = this.#corrections.of(workflow, id);
      const subject = { ...shared, reactor, id, correction, isFrequent: frequent.has(reactor) };
      return learnedReaction(subject, stalled, now) ?? [];
    });
    known.learnedAtNs = now;
    known.newsCount = 0;
    known.isEnough = false;
    this.#loss.note(known.key, known.lessons);
  }

  /** Whether a learned reaction is absent in the run: it may come, or be believed lost. */
  #isAwaited(opened: readonly Opened[]): boolean {
    for (const { key, place, opening } of opened) {
      if (this.#corrections.concerns(place.workflow, opening.openedAtNs)) return true;
      for (const lesson of this.lessonsAt(key)) {
        const isAbsent = !opening.reactions.has(lesson.reactor);
        if (isAbsent && lesson.state === 'learned' && isMeant(lesson, opening)) return true;
      }
    }
    return false;
  }
}

const NO_DELAYS = new DelaySketch();
const NONE: ReadonlySet<string> = new Set();
const NO_LESSONS: readonly Lesson[] = [];
const NOTHING_OPENED: readonly Opened[] = [];
const NOTHING_FILED: readonly Filed[] = [];

interface Sought {
  readonly known: Known;
  readonly opening: Opening;
  readonly at: number;
}

/** Runs grow: an opening that was there before is found near where it was. One that moved further is filed anew. */
const NEAR = 4;

function sameOpening(before: readonly Filed[], { known, opening, at }: Sought): Filed | undefined {
  for (let index = at; index >= 0 && index >= at - NEAR; index -= 1) {
    const filed = before[index];
    if (filed?.openings !== known.openings) continue;
    if (filed.opening.openedAtNs === opening.openedAtNs) return filed;
  }
  return undefined;
}

function hasAbsent({ openings }: Known): boolean {
  for (const count of openings.reactors().values()) if (count < openings.size) return true;
  return false;
}

function isProvisional({ state, missesSingles }: Lesson): boolean {
  return state === 'learned' && !missesSingles;
}

function mostFrequent(reactors: ReadonlyMap<string, number>): ReadonlySet<string> {
  if (reactors.size <= LIMITS.learnConditionsMax) return new Set(reactors.keys());
  const inOrder = [...reactors].sort(
    ([a, aCount], [b, bCount]) => bCount - aCount || (a < b ? -1 : 1),
  );
  return new Set(inOrder.slice(0, LIMITS.learnConditionsMax).map(([reactor]) => reactor));
}

function laterOf(a: UnixNs, b: UnixNs): UnixNs {
  return a > b ? a : b;
}
