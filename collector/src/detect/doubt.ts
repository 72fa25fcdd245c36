import type { Entry } from './entry.js';
import { chanceOfAtLeast } from './poisson.js';

/** What came of an expectation in all runs, as far as it tells a lost span from a lost message. */
export interface Record {
  /** Openings that were answered, and how many of the answers a single span shows. */
  readonly keptCount: number;
  readonly faintCount: number;
  /** Answered openings between two instants. */
  keptBetween(fromNs: bigint, toNs: bigint): number;
}

/** A reaction that a single span shows in more than this share of cases is faint. */
const FAINT_SHARE = 0.02;
/** From this share of lost spans on nobody believes in a single absence, however many there are. */
const LOSSY = 0.007;
/** So many absences in a row are no chance while spans are rarely lost. */
const STREAK_MIN = 3;
/** What is less likely than this is no chance. */
const CHANCE_MIN = 0.001;
const STREAK_CHANCE = 0.0001;

/**
 * Of absences, those that lost spans do not explain. Where spans get lost on their way, a reaction that only one span
 * shows is held to be absent only when it is so in several runs in a row, or in more than the loss explains.
 *
 * @param absent in any order.
 * @param lossShare of all spans, those that get lost; 0 where none is known to.
 */
export function believed(
  absent: readonly Entry[],
  record: Record,
  lossShare: number,
): readonly Entry[] {
  const isFaint = record.faintCount > FAINT_SHARE * record.keptCount;
  const doubtful = absent.filter((entry) => !isShown(entry));
  if (lossShare === 0 || !isFaint || doubtful.length === 0) return absent;
  const expected = lossShare * (record.keptCount + doubtful.length);
  const isExplained = chanceOfAtLeast(doubtful.length, expected) >= CHANCE_MIN;
  if (lossShare < LOSSY && !isExplained) return absent;
  const inRow = new Set(streaks(doubtful, record, streakMin(lossShare)));
  return absent.filter((entry) => isShown(entry) || inRow.has(entry));
}

function streakMin(lossShare: number): number {
  return Math.max(STREAK_MIN, Math.ceil(Math.log(STREAK_CHANCE) / Math.log(lossShare)));
}

/** Something that is there shows why it is absent: a step under way or failed, or a message put aside. */
function isShown({ still }: Entry): boolean {
  if (still === null) return false;
  const { act, pending, waits, opening, held } = still;
  if (act?.isPending === true || act?.isError === true) return true;
  if (pending.length > 0 || waits.length > 0) return true;
  if (opening !== null && (opening.deadLetter !== null || opening.undeliverable)) return true;
  return held.some(({ deadLetter, undeliverable }) => deadLetter !== null || undeliverable);
}

function* streaks(absent: readonly Entry[], record: Record, min: number): Iterable<Entry> {
  const inOrder = [...absent].sort((a, b) => (a.pledge.openedAtNs < b.pledge.openedAtNs ? -1 : 1));
  let streak: Entry[] = [];
  for (const entry of inOrder) {
    const last = streak.at(-1);
    if (last && record.keptBetween(last.pledge.openedAtNs, entry.pledge.openedAtNs) > 0) {
      if (streak.length >= min) yield* streak;
      streak = [];
    }
    streak.push(entry);
  }
  if (streak.length >= min) yield* streak;
}
