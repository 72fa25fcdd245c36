import type { RunId } from '@throughline/model/ids';
import type { UnixNs } from '@throughline/model/time';
import { LIMITS } from '../../limits.js';
import type { Affected } from '../affected.js';
import { TimeList } from '../time-list.js';
import type { Opening, Place } from './opening.js';

/** More are kept than are learned from: some may be taken back, and then others take their place. */
const KEPT_MAX = 2 * LIMITS.learnSamplesMax;

/** An opening in its place. What is known of it may change while its instant stays. */
export class Filed implements Affected {
  readonly openings: Openings;
  readonly runId: RunId;
  readonly sinceNs: UnixNs;
  opening: Opening;
  isKept = true;

  constructor(openings: Openings, opening: Opening) {
    this.openings = openings;
    this.opening = opening;
    this.runId = opening.runId;
    this.sinceNs = opening.openedAtNs;
  }
}

/** The newest openings at one place, over all runs, in order of time. Depends on the set of runs only. */
export class Openings {
  readonly place: Place;
  readonly #sorted = new TimeList<Filed>();
  /** How many openings each reactor reacted to. */
  readonly #reactors = new Map<string, number>();
  #answeredCount = 0;

  constructor(place: Place) {
    this.place = place;
  }

  get size(): number {
    return this.#sorted.size;
  }

  /** Openings that anybody reacted to. */
  get answeredCount(): number {
    return this.#answeredCount;
  }

  /** Files an opening, unless it is older than all that are kept. @param onDropped told of one that had to go. */
  add(opening: Opening, onDropped: (dropped: Opening) => void): Filed {
    const filed = new Filed(this, opening);
    this.#sorted.add(filed);
    this.#tally(opening, 1);
    const oldest = this.#sorted.size > KEPT_MAX ? this.#sorted.first() : undefined;
    if (oldest === undefined) return filed;
    this.#sorted.delete(oldest);
    oldest.isKept = false;
    this.#tally(oldest.opening, -1);
    onDropped(oldest.opening);
    return filed;
  }

  /** What is known of the same opening now. */
  change(filed: Filed, opening: Opening): void {
    const before = filed.opening;
    filed.opening = opening;
    if (!filed.isKept || haveSameReactors(before, opening)) return;
    this.#tally(before, -1);
    this.#tally(opening, 1);
  }

  delete(filed: Filed): void {
    if (!filed.isKept) return;
    this.#sorted.delete(filed);
    this.#tally(filed.opening, -1);
  }

  /** The newest ones that may teach, of the instant and later, oldest first. */
  since(atNs: UnixNs): readonly Opening[] {
    const newest: Opening[] = [];
    for (const { opening } of this.#sorted.newestFirst()) {
      if (newest.push(opening) === LIMITS.learnSamplesMax) break;
    }
    newest.reverse();
    const first = newest[0];
    if (first === undefined || first.openedAtNs >= atNs) return newest;
    return newest.filter(({ openedAtNs }) => openedAtNs >= atNs);
  }

  reactors(): ReadonlyMap<string, number> {
    return this.#reactors;
  }

  #tally({ reactions }: Opening, by: 1 | -1): void {
    if (reactions.size === 0) return;
    this.#answeredCount += by;
    for (const reactor of reactions.keys()) {
      const count = (this.#reactors.get(reactor) ?? 0) + by;
      if (count === 0) this.#reactors.delete(reactor);
      else this.#reactors.set(reactor, count);
    }
  }
}

function haveSameReactors({ reactions: a }: Opening, { reactions: b }: Opening): boolean {
  if (a.size !== b.size) return false;
  for (const reactor of a.keys()) if (!b.has(reactor)) return false;
  return true;
}
