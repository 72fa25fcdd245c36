import type { LearnedReaction as Lesson } from './learned-reaction.js';
import type { Opening } from './opening.js';

/** Whether something else is promised at the opening now. */
export type News = (opening: Opening) => boolean;

/**
 * Which openings are promised something else now. Reactions that came stay kept, whatever is learned; and of a
 * lesson that merely moved on with time only openings between its old and its new border are concerned.
 */
export function newsOf(before: readonly Lesson[], after: readonly Lesson[]): News[] {
  const reactors = new Set([...before, ...after].map(({ reactor }) => reactor));
  return [...reactors].flatMap((reactor) => {
    const [was, is] = [before, after].map((all) => all.find((one) => one.reactor === reactor));
    const lacks: News = ({ reactions }) => !reactions.has(reactor);
    const [from, to] = [promisedFrom(was), promisedFrom(is)];
    if (from === null && to === null) return [];
    if (from === null || to === null || termsOf(was) !== termsOf(is)) return [lacks];
    if (from === to) return [];
    const [low, high] = from < to ? [from, to] : [to, from];
    return [(each: Opening) => each.openedAtNs >= low && each.openedAtNs <= high && lacks(each)];
  });
}

/** The opening from which on the lesson promises; null while it promises nothing. */
function promisedFrom(lesson: Lesson | undefined): bigint | null {
  if (lesson?.state !== 'learned') return null;
  if (lesson.streaks !== null) return 0n;
  return lesson.missesSingles ? lesson.firstOpenedAtNs : lesson.lastOpenedAtNs;
}

function termsOf(lesson: Lesson | undefined): string {
  const streaks = lesson?.streaks?.map(({ fromNs, toNs }) => `${fromNs}-${String(toNs)}`).join();
  const condition = JSON.stringify(lesson?.condition);
  return `${String(lesson?.deadlineMs)} ${String(lesson?.isAlternative)} ${String(streaks)} ${condition}`;
}
