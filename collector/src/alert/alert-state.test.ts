import type { UnixNs } from '@throughline/model/time';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { step, type Life } from './alert-state.js';

const SECOND = 1_000_000_000n;

interface Moment {
  readonly afterS: number;
  readonly holds: boolean;
  readonly isMuted: boolean;
}

interface Telling {
  readonly atNs: bigint;
  readonly tells: 'firing' | 'resolved';
}

/** What is told as the moments go by, and the life at the end. */
function live(moments: readonly Moment[], timing = { forMs: 0, repeatMs: 0 }) {
  let now = 1_767_225_600n * SECOND;
  let life: Life | null = null;
  const told: Telling[] = [];
  for (const { afterS, holds, isMuted } of moments) {
    now += BigInt(afterS) * SECOND;
    const seen = { holds, isMuted, sinceNs: now as UnixNs, now: now as UnixNs };
    const next = step(life, seen, timing);
    life = next.life;
    if (next.tells !== null) told.push({ atNs: now, tells: next.tells });
    // The same sighting at the same instant is no news.
    expect(step(life, seen, timing)).toEqual({ life, tells: null });
  }
  return { told, life };
}

const moment = fc.record({
  afterS: fc.integer({ min: 1, max: 4_000 }),
  holds: fc.boolean(),
  isMuted: fc.boolean(),
});
const timing = fc.record({
  forMs: fc.constantFrom(0, 60_000),
  repeatMs: fc.constantFrom(0, 600_000),
});

describe('the life of an alert', () => {
  it('tells of an end only after a beginning, and of each end once', () => {
    fc.assert(
      fc.property(fc.array(moment, { maxLength: 80 }), timing, (moments, route) => {
        let isTold = false;
        for (const { tells } of live(moments, route).told) {
          if (tells === 'resolved') expect(isTold).toBe(true);
          isTold = tells === 'firing';
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('tells of whatever holds long enough unmuted, and of its end when it stays away', () => {
    fc.assert(
      fc.property(fc.array(moment, { maxLength: 40 }), timing, (moments, route) => {
        const quiet = { afterS: 3_600, holds: false, isMuted: false };
        const steady = { afterS: 120, holds: true, isMuted: false };
        const { told, life } = live(
          [...moments, quiet, quiet, steady, steady, quiet, quiet],
          route,
        );
        expect(told.at(-2)?.tells).toBe('firing');
        expect(told.at(-1)?.tells).toBe('resolved');
        expect(life?.phase).toBe('resolved');
      }),
      { numRuns: 1_000 },
    );
  });

  it('tells little of what flaps every second for a day', () => {
    const flapping = Array.from({ length: 86_400 }, (_, second) => ({
      afterS: 1,
      holds: second % 2 === 0,
      isMuted: false,
    }));
    expect(live(flapping).told.length).toBeLessThanOrEqual(4);
  });

  it('holds back the end longer with each return, up to sixteen minutes', () => {
    const round = [
      { afterS: 5, holds: true, isMuted: false },
      ...Array.from({ length: 1_000 }, () => ({ afterS: 1, holds: false, isMuted: false })),
    ];
    const rounds = 7;
    const { told } = live(Array.from({ length: rounds }, () => round).flat());
    const waits = told.flatMap(({ tells, atNs }, index) =>
      tells === 'resolved' ? [Number((atNs - (told[index - 1]?.atNs ?? 0n)) / SECOND)] : [],
    );
    expect(waits).toEqual([1, 61, 121, 241, 481, 961, 961]);
  });

  it('repeats while it holds, and not while it is muted', () => {
    const hour = (isMuted: boolean): Moment => ({ afterS: 3_600, holds: true, isMuted });
    const moments = [hour(false), hour(false), hour(true), hour(true), hour(false)];
    const { told } = live(moments, { forMs: 0, repeatMs: 3_600_000 });
    expect(told.map(({ tells }) => tells)).toEqual(['firing', 'firing', 'firing']);
  });
});
