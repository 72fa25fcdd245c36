import type { RunId } from '@throughline/model/ids';
import type { DetectPolicy } from '@throughline/model/policy';
import type { Run } from '@throughline/model/run';
import { msFromNs, nsFromMs, type UnixNs } from '@throughline/model/time';
import { LIMITS } from '../../limits.js';
import { Agenda } from '../agenda.js';
import { DelaySketch } from '../delay-sketch.js';
import type { Passage } from './learned-pledge.js';
import { lessonOf, type Lesson } from './lesson.js';
import type { Opened, Place } from './opening.js';
import { Openings } from './openings.js';

/** A place is learned anew at most this often, however much goes on there. */
const RELEARN_MS = 5_000;
/** An absence settles with time: places where something is absent are learned anew after this. */
const SETTLE_PERIOD_MS = 30_000;
const RELEASE_PERIOD_MS = 60_000;

interface Known {
  readonly openings: Openings;
  lessons: readonly Lesson[];
  /** What the lessons promise, as text: only when it changes are promises made anew. */
  terms: string;
  learnedAtNs: UnixNs | null;
}

export interface LessonAt {
  readonly place: Place;
  readonly lesson: Lesson;
}

/**
 * What all runs together teach. It depends on the set of runs and the instant of the last `refresh` only; runs may
 * come in any order.
 *
 * Runs in which a reaction is absent are held as they are, so that a lesson that is learned later, or changes,
 * finds them; they are let go when all reacted that are awaited, or when nothing more can be awaited.
 */
export class LearnLedger {
  readonly #policy: DetectPolicy['stalled'];
  readonly #sinceNs: UnixNs;
  readonly #places = new Map<string, Known>();
  readonly #openedOfRun = new Map<RunId, ReadonlySet<string>>();
  readonly #held = new Map<RunId, Run>();
  readonly #agenda = new Agenda();
  #releasedAtNs = 0n as UnixNs;

  constructor({ stalled, learnSinceNs }: DetectPolicy) {
    this.#policy = stalled;
    this.#sinceNs = learnSinceNs ?? (0n as UnixNs);
  }

  /** Replaces what the run taught before. */
  put(run: Run, opened: readonly Opened[]): void {
    this.#replace(run.id, opened);
    const isOpen = run.status === 'active' || run.status === 'completed';
    if (isOpen && opened.length > 0) this.#held.set(run.id, run);
    else this.#held.delete(run.id);
  }

  remove(id: RunId): void {
    this.#replace(id, []);
    this.#held.delete(id);
  }

  /** A run whose promises may still change. */
  held(id: RunId): Run | undefined {
    return this.#held.get(id);
  }

  lessonsAt(key: string): readonly Lesson[] {
    return this.#places.get(key)?.lessons ?? [];
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
    for (const key of this.#agenda.take(now)) {
      const known = this.#places.get(key);
      if (known === undefined || this.#isTooEarly(key, known, now)) continue;
      const before = known.terms;
      this.#learn(known, now);
      if (known.openings.size === 0) this.#places.delete(key);
      else if (known.lessons.some(({ share }) => share < 1) || this.#hasAbsent(known)) {
        this.#agenda.revisit(key, (now + nsFromMs(SETTLE_PERIOD_MS)) as UnixNs);
      }
      if (known.terms === before) continue;
      for (const id of this.#heldAt(known)) if (lacksAny(known, id)) runs.add(id);
    }
    this.#release(now);
    return runs;
  }

  /** Held runs that may have been at the place; whichever are fewer to look through. */
  *#heldAt({ openings }: Known): Iterable<RunId> {
    if (this.#held.size < openings.runCount) yield* this.#held.keys();
    else for (const id of openings.runs()) if (this.#held.has(id)) yield id;
  }

  #replace(id: RunId, opened: readonly Opened[]): void {
    const byKey = new Map<string, Opened[]>();
    for (const each of opened) {
      const same = byKey.get(each.key);
      if (same === undefined) byKey.set(each.key, [each]);
      else same.push(each);
    }
    for (const key of new Set([...(this.#openedOfRun.get(id) ?? []), ...byKey.keys()])) {
      const own = byKey.get(key) ?? [];
      const known = this.#places.get(key) ?? (own[0] && begun(own[0].place));
      if (known === undefined) continue;
      this.#places.set(key, known);
      known.openings.replace(
        id,
        own.map(({ opening }) => opening),
      );
      this.#agenda.changed(key);
    }
    if (byKey.size === 0) this.#openedOfRun.delete(id);
    else this.#openedOfRun.set(id, new Set(byKey.keys()));
  }

  #isTooEarly(key: string, { learnedAtNs }: Known, now: UnixNs): boolean {
    if (learnedAtNs === null || msFromNs(now - learnedAtNs) >= RELEARN_MS) return false;
    this.#agenda.revisit(key, (learnedAtNs + nsFromMs(RELEARN_MS)) as UnixNs);
    return true;
  }

  #learn(known: Known, now: UnixNs): void {
    const { openings } = known;
    const reactors = [...openings.reactors().keys()].sort();
    const alternatives = alternativesOf(openings, this.#policy.probability);
    const lessons: Lesson[] = [];
    const counting = openings.since(this.#sinceNs);
    for (const reactor of reactors) {
      const past = { openings: counting, reactor, alternatives };
      const lesson = lessonOf(past, this.#policy, now);
      if (lesson !== null) lessons.push(lesson);
    }
    known.lessons = lessons;
    known.terms = lessons.map(termsOf).join('\n');
    known.learnedAtNs = now;
  }

  #hasAbsent({ openings }: Known): boolean {
    const reactors = openings.reactors();
    return [...reactors.values()].some((count) => count < openings.size);
  }

  /** Lets go of runs that need not be looked at again: everybody reacted, or it is settled that nobody has to. */
  #release(now: UnixNs): void {
    if (msFromNs(now - this.#releasedAtNs) < RELEASE_PERIOD_MS) return;
    this.#releasedAtNs = now;
    for (const [id, run] of this.#held) {
      if (this.#held.size <= LIMITS.learnRunsHeldMax && this.#isAwaited(run, now)) continue;
      this.#held.delete(id);
    }
  }

  #isAwaited(run: Run, now: UnixNs): boolean {
    if (msFromNs(now - run.lastActivityAtNs) < LIMITS.learnRunHeldMs) return true;
    for (const key of this.#openedOfRun.get(run.id) ?? []) {
      const known = this.#places.get(key);
      const openings = known?.openings.of(run.id) ?? [];
      for (const { reactor, state } of known?.lessons ?? []) {
        if (state === 'learned' && openings.some(({ reactions }) => !reactions.has(reactor)))
          return true;
      }
    }
    return false;
  }
}

const NO_DELAYS = new DelaySketch();

function begun(place: Place): Known {
  return { openings: new Openings(place), lessons: [], terms: '', learnedAtNs: null };
}

/** What a lesson promises, and of which openings. */
function termsOf(lesson: Lesson): string {
  const { reactor, state, deadlineMs, missesSingles, isAlternative } = lesson;
  if (state !== 'learned') return '';
  const from = missesSingles ? lesson.firstOpenedAtNs : lesson.lastOpenedAtNs;
  return JSON.stringify([reactor, deadlineMs, missesSingles, isAlternative, String(from)]);
}

/** Promises that were kept stay kept, whatever is learned: only runs that lack a reaction are looked at again. */
function lacksAny({ openings }: Known, id: RunId): boolean {
  const reactors = [...openings.reactors().keys()];
  return openings
    .of(id)
    .some(({ reactions }) => reactors.some((reactor) => !reactions.has(reactor)));
}

const NONE: ReadonlySet<string> = new Set();

/** Messages that a handler sends in some cases: of the openings that led to any, not all led to these. */
function alternativesOf(openings: Openings, probability: number): ReadonlySet<string> {
  if (openings.place.kind === 'sent') return NONE;
  const answered = openings.answeredCount;
  const alternatives = [...openings.reactors()].filter(
    ([, count]) => count < probability * answered,
  );
  return new Set(alternatives.map(([reactor]) => reactor));
}
