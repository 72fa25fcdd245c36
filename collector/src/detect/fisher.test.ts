import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { falseDiscoveryRates, fisherGreater } from './fisher.js';

describe('the exact test', () => {
  test.each([
    // Fisher's lady tasting tea: 4 of 4 right by chance in 1 of 70 cases, 3 of 4 or better in 17.
    [{ hits: 4, of: 4, otherHits: 0, otherOf: 4 }, 1 / 70],
    [{ hits: 3, of: 4, otherHits: 1, otherOf: 4 }, 17 / 70],
    [{ hits: 14, of: 50, otherHits: 0, otherOf: 50 }, 2.122_449_754_328_206_2e-5],
    [{ hits: 94, of: 100, otherHits: 72, otherOf: 1_200 }, 7.423_395_951_013_977e-89],
  ])('%o: %d', (groups, p) => {
    expect(fisherGreater(groups) / p).toBeCloseTo(1, 8);
  });

  test('says nothing of groups that cannot be compared', () => {
    expect(fisherGreater({ hits: 0, of: 0, otherHits: 3, otherOf: 9 })).toBe(1);
    expect(fisherGreater({ hits: 5, of: 5, otherHits: 9, otherOf: 9 })).toBe(1);
  });

  test('is a probability, and falls as hits move into the group', () => {
    const size = fc.integer({ min: 1, max: 2_000 });
    fc.assert(
      fc.property(size, size, fc.nat(), fc.nat(), (of, otherOf, a, b) => {
        const hits = a % (of + 1);
        const otherHits = b % (otherOf + 1);
        const p = fisherGreater({ hits, of, otherHits, otherOf });
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
        if (otherHits === 0 || hits === of) return;
        const more = { hits: hits + 1, of, otherHits: otherHits - 1, otherOf };
        expect(fisherGreater(more)).toBeLessThanOrEqual(p + 1e-9);
      }),
    );
  });
});

describe('many tests at once', () => {
  test('the example of Benjamini and Hochberg: four of fifteen hold at 5 %', () => {
    const p = [
      0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719,
      0.6528, 0.759, 1,
    ];
    expect(falseDiscoveryRates(p).filter((rate) => rate <= 0.05)).toHaveLength(4);
  });

  test('keeps the order that was given, and no rate is below its p-value', () => {
    expect(falseDiscoveryRates([0.9, 0.001, 0.5])).toEqual([0.9, 0.003, 0.75]);
    expect(falseDiscoveryRates([])).toEqual([]);
  });
});
