import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { busyStretches, foldedScale } from './fold.js';

const stretches = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: 10_000_000 }), fc.integer({ min: 0, max: 5000 }))
    .map(([start, length]) => ({ start, end: start + length })),
  { minLength: 1, maxLength: 30 },
);
const options = { medianHopMs: 10, isFolding: true, unfolded: new Set<number>() };

describe('the folded time axis', () => {
  it('keeps the order of time and the whole width', () => {
    fc.assert(
      fc.property(
        stretches,
        fc.array(fc.integer({ min: 0, max: 10_005_000 })),
        (list, instants) => {
          const { at, segments } = foldedScale(list, options);
          const shares = [...instants].sort((a, b) => a - b).map(at);
          for (const share of shares) expect(share).toBeGreaterThanOrEqual(0);
          for (const share of shares) expect(share).toBeLessThanOrEqual(1.000001);
          shares.slice(1).forEach((share, index) => {
            expect(share).toBeGreaterThanOrEqual((shares[index] ?? 0) - 1e-9);
          });
          expect(segments.at(-1)?.to).toBeCloseTo(1, 6);
        },
      ),
    );
  });

  it('folds only where nothing happens', () => {
    fc.assert(
      fc.property(stretches, (list) => {
        const folded = foldedScale(list, options).segments.filter(({ isFolded }) => isFolded);
        for (const { start, end } of folded) {
          const inside = busyStretches(list).filter((one) => one.start < end && one.end > start);
          expect(inside).toEqual([]);
        }
      }),
    );
  });

  it('gives two hours of silence little room, and all of it when unfolded', () => {
    const list = [
      { start: 0, end: 100 },
      { start: 7_200_000, end: 7_200_100 },
    ];
    const [, gap] = foldedScale(list, options).segments;
    expect(gap).toMatchObject({ isFolded: true, start: 100, end: 7_200_000 });
    expect((gap?.to ?? 1) - (gap?.from ?? 0)).toBeLessThan(0.05);
    const open = foldedScale(list, { ...options, unfolded: new Set([100]) });
    expect(open.segments.filter(({ isFolded }) => isFolded)).toEqual([]);
  });
});
