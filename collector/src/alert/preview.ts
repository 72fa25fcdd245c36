import type { AlertMatch } from '@throughline/model/alert';
import type { UnixNs } from '@throughline/model/time';
import { matches } from './alert-match.js';
import { nextChangeNs, step, type Life, type Timing } from './alert-state.js';
import type { Episode } from './finding-history.js';

export interface PreviewRoute extends Timing {
  readonly match: AlertMatch;
}

export interface PreviewWindow {
  readonly fromNs: UnixNs;
  readonly now: UnixNs;
}

/** One time that somebody would have been told. */
export interface Firing {
  readonly finding: Episode['finding'];
  readonly runsAffected: number;
  readonly firedAtNs: UnixNs;
  /** Null: it would fire still. */
  readonly resolvedAtNs: UnixNs | null;
  /** Told again while it held. */
  readonly repeats: number;
}

export interface Preview {
  /** Firings that begin within the window, the oldest first. */
  readonly firings: readonly Firing[];
  /** Findings that matched and were over before anybody was to be told. */
  readonly tooShort: number;
}

/**
 * What a route would have told, had it been there: the same life of an alert as the real one, led over the episodes
 * that findings really had. Acknowledgements, snoozes and silences are left out: they were answers to being told.
 */
export function preview(
  episodes: Iterable<Episode>,
  route: PreviewRoute,
  { fromNs, now }: PreviewWindow,
): Preview {
  const byFinding = new Map<string, Episode[]>();
  for (const episode of episodes) {
    if (!matches(route.match, episode.finding)) continue;
    const others = byFinding.get(episode.finding.id);
    if (others === undefined) byFinding.set(episode.finding.id, [episode]);
    else others.push(episode);
  }
  const told = [...byFinding.values()].map((each) => live(each, route, now));
  const isWithin = (at: UnixNs): boolean => at >= fromNs && at <= now;
  return {
    firings: told
      .flatMap(({ firings }) => firings)
      .filter(({ firedAtNs }) => isWithin(firedAtNs))
      .sort((a, b) => (a.firedAtNs < b.firedAtNs ? -1 : 1)),
    tooShort: told.flatMap(({ unheardNs }) => unheardNs).filter(isWithin).length,
  };
}

interface Lived {
  readonly firings: Firing[];
  /** When episodes ended of which nobody was told. */
  readonly unheardNs: UnixNs[];
}

/** The episodes of one finding, one after the other. */
function live(episodes: readonly Episode[], timing: Timing, now: UnixNs): Lived {
  const lived: Lived = { firings: [], unheardNs: [] };
  const sorted = [...episodes].sort((a, b) => (a.seenAtNs < b.seenAtNs ? -1 : 1));
  let life: Life | null = null;
  for (const [index, episode] of sorted.entries()) {
    const { seenAtNs, endedAtNs } = episode;
    const endNs = endedAtNs === null ? null : latest(endedAtNs, seenAtNs);
    const held = { episode, fromNs: seenAtNs, toNs: before(endNs) ?? now, holds: true };
    life = pass(life, held, { timing, lived });
    if (endNs === null) break;
    if (life?.phase === 'pending') lived.unheardNs.push(endNs);
    const toNs = before(sorted[index + 1]?.seenAtNs ?? null) ?? now;
    life = pass(life, { episode, fromNs: endNs, toNs, holds: false }, { timing, lived });
  }
  return lived;
}

interface Stretch {
  readonly episode: Episode;
  readonly fromNs: UnixNs;
  readonly toNs: UnixNs;
  readonly holds: boolean;
}

interface Telling {
  readonly timing: Timing;
  readonly lived: Lived;
}

/** Steps at the beginning of the stretch, and whenever time alone changes something in it. */
function pass(start: Life | null, stretch: Stretch, { timing, lived }: Telling): Life | null {
  const { episode, fromNs, toNs, holds } = stretch;
  let life = start;
  for (let at: UnixNs | null = fromNs; at !== null && at <= toNs;) {
    const seen = { holds, sinceNs: episode.openedAtNs, isMuted: false, now: at };
    const next = step(life, seen, timing);
    life = next.life;
    if (next.tells !== null) tell(lived, next.tells, { episode, at });
    const changeNs: UnixNs | null = life === null ? null : nextChangeNs(life, holds, timing);
    at = changeNs === null || changeNs <= at ? null : changeNs;
  }
  return life;
}

function tell(
  { firings }: Lived,
  tells: 'firing' | 'resolved',
  { episode, at }: { readonly episode: Episode; readonly at: UnixNs },
): void {
  const last = firings.at(-1);
  const isOpen = last !== undefined && last.resolvedAtNs === null;
  if (tells === 'resolved') {
    if (isOpen) firings[firings.length - 1] = { ...last, resolvedAtNs: at };
  } else if (isOpen) {
    firings[firings.length - 1] = { ...last, repeats: last.repeats + 1 };
  } else {
    const { finding, runsAffected } = episode;
    firings.push({ finding, runsAffected, firedAtNs: at, resolvedAtNs: null, repeats: 0 });
  }
}

/** The last instant of a stretch that ends when the next begins. */
function before(at: UnixNs | null): UnixNs | null {
  return at === null ? null : ((at - 1n) as UnixNs);
}

function latest(a: UnixNs, b: UnixNs): UnixNs {
  return a > b ? a : b;
}
