import type { Opening } from './opening.js';
import type { Openings } from './openings.js';

/** Messages that a handler sends in some cases: of the openings that led to any, not all led to these. */
export function alternativesOf(openings: Openings, probability: number): ReadonlySet<string> {
  return rareOf(openings.reactors(), probability * openings.answeredCount);
}

/** The same of some of the openings only. */
export function alternativesAmong(
  openings: readonly Opening[],
  probability: number,
): ReadonlySet<string> {
  const counts = new Map<string, number>();
  let answered = 0;
  for (const { reactions } of openings) {
    if (reactions.size === 0) continue;
    answered += 1;
    for (const reactor of reactions.keys()) counts.set(reactor, (counts.get(reactor) ?? 0) + 1);
  }
  return rareOf(counts, probability * answered);
}

function rareOf(counts: ReadonlyMap<string, number>, usual: number): ReadonlySet<string> {
  return new Set([...counts].flatMap(([reactor, count]) => (count < usual ? [reactor] : [])));
}
