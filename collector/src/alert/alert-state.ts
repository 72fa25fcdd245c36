import { nsFromMs, type UnixNs } from '@throughline/model/time';

/** One episode of an alert: from the moment its finding holds until it holds no more. */
export interface Life {
  readonly phase: 'pending' | 'firing' | 'resolved';
  readonly sinceNs: UnixNs;
  readonly firedAtNs: UnixNs | null;
  /** When the receiver was last to be told that it fires; null: never. */
  readonly toldAtNs: UnixNs | null;
  /** Set while it fires though the finding is gone: it flaps, and has to stay quiet for a while. */
  readonly quietSinceNs: UnixNs | null;
  readonly resolvedAtNs: UnixNs | null;
  /** How often it came back shortly after it had gone. */
  readonly flips: number;
  readonly flippedAtNs: UnixNs | null;
}

/** What is seen of the finding now. */
export interface Sighting {
  readonly holds: boolean;
  /** When the finding began to hold, as far as is known. */
  readonly sinceNs: UnixNs;
  /** Acknowledged, snoozed or silenced: it lives on, and nobody is told that it fires. */
  readonly isMuted: boolean;
  /** A snooze is over while it still holds: whoever asked to be left in peace until then is told again. */
  readonly isWoken?: boolean;
  readonly now: UnixNs;
}

export interface Timing {
  /** How long the finding must hold before anybody is told. */
  readonly forMs: number;
  /** Told again this long after the last time, while it holds; 0: never again. */
  readonly repeatMs: number;
}

export interface Step {
  /** Null: there is nothing to remember. */
  readonly life: Life | null;
  readonly tells: 'firing' | 'resolved' | null;
}

/** Whoever comes back within this time of its last turn flaps. */
const FLAP_WINDOW_MS = 30 * 60_000;
const FIRST_QUIET_MS = 60_000;
const LONGEST_QUIET_MS = 16 * 60_000;

/**
 * The next moment in the life of an alert. Pure: no clock, no I/O; the same sighting twice at the same instant
 * tells nothing the second time. *Resolved* is told only after *firing* was.
 *
 * Flapping is damped: the first end is told at once; each return within half an hour doubles how long the finding
 * must then stay away, from one minute to sixteen.
 */
export function step(life: Life | null, seen: Sighting, timing: Timing): Step {
  if (life === null || life.phase === 'resolved') {
    if (!seen.holds) return { life, tells: null };
    return told(begun(life, seen), seen, timing);
  }
  if (seen.holds) return told(backAgain(life, seen.now), seen, timing);
  return gone(life, seen.now);
}

function begun(before: Life | null, { sinceNs, now }: Sighting): Life {
  const isFlap = before !== null && isWithin(before.resolvedAtNs, now, FLAP_WINDOW_MS);
  return {
    phase: 'pending',
    // What comes back is as young as its return: the rule may date it from its first cause.
    sinceNs: before === null && sinceNs < now ? sinceNs : now,
    firedAtNs: null,
    toldAtNs: null,
    quietSinceNs: null,
    resolvedAtNs: null,
    flips: isFlap ? before.flips + 1 : 0,
    flippedAtNs: isFlap ? now : null,
  };
}

function backAgain(life: Life, now: UnixNs): Life {
  if (life.quietSinceNs === null) return life;
  return { ...life, quietSinceNs: null, flips: life.flips + 1, flippedAtNs: now };
}

function told(
  life: Life,
  { isMuted, isWoken = false, now }: Sighting,
  { forMs, repeatMs }: Timing,
): Step {
  if (life.phase === 'pending' && now - life.sinceNs < nsFromMs(forMs)) {
    return { life, tells: null };
  }
  const firing: Life =
    life.phase === 'firing' ? life : { ...life, phase: 'firing', firedAtNs: now };
  const isDue =
    firing.toldAtNs === null ||
    (isWoken && now > firing.toldAtNs) ||
    (repeatMs > 0 && now - firing.toldAtNs >= nsFromMs(repeatMs));
  if (isMuted || !isDue) return { life: firing, tells: null };
  return { life: { ...firing, toldAtNs: now }, tells: 'firing' };
}

function gone(life: Life, now: UnixNs): Step {
  if (life.phase === 'pending') return { life: null, tells: null };
  const quietSinceNs = life.quietSinceNs ?? now;
  if (now - quietSinceNs < nsFromMs(quietMs(life, now))) {
    return { life: { ...life, quietSinceNs }, tells: null };
  }
  const resolved: Life = { ...life, phase: 'resolved', quietSinceNs: null, resolvedAtNs: now };
  return { life: resolved, tells: life.toldAtNs === null ? null : 'resolved' };
}

function quietMs({ flips, flippedAtNs, quietSinceNs }: Life, now: UnixNs): number {
  // A flap long ago does not hold back the end of what has been steady since.
  if (flips === 0 || !isWithin(flippedAtNs, quietSinceNs ?? now, FLAP_WINDOW_MS)) return 0;
  return Math.min(FIRST_QUIET_MS * 2 ** (flips - 1), LONGEST_QUIET_MS);
}

/**
 * When time alone brings the next change, while the finding goes on holding or staying away; null: never. Stepping
 * then and whenever the finding comes or goes tells the same as stepping all the time.
 */
export function nextChangeNs(life: Life, holds: boolean, timing: Timing): UnixNs | null {
  if (life.phase === 'resolved') return null;
  if (holds) {
    if (life.phase === 'pending') return after(life.sinceNs, timing.forMs);
    const isRepeated = timing.repeatMs > 0 && life.toldAtNs !== null;
    return isRepeated ? after(life.toldAtNs, timing.repeatMs) : null;
  }
  if (life.quietSinceNs === null) return null;
  return after(life.quietSinceNs, quietMs(life, life.quietSinceNs));
}

function after(at: UnixNs, ms: number): UnixNs {
  return (at + nsFromMs(ms)) as UnixNs;
}

function isWithin(atNs: UnixNs | null, now: UnixNs, ms: number): boolean {
  return atNs !== null && now - atNs < nsFromMs(ms);
}
