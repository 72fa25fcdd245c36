import { describe, expect, it } from 'vitest';
import { lossesOf, ratiosOf, type Ratios } from './judge.js';

const stored: Ratios = { timesLessThanNaive: 10, timesInflating: 3, bytesPerSpan: 150 };
const of = (...changes: readonly Partial<Ratios>[]): readonly Ratios[] =>
  changes.map((change) => ({ ...stored, ...change }));
const names = (repetitions: readonly Ratios[]) =>
  lossesOf(stored, repetitions).map(({ what }) => what);

describe('the guard', () => {
  it('is content with what is stored, and with anything better', () => {
    expect(names(of({}, {}, {}))).toEqual([]);
    const better = { timesLessThanNaive: 17, timesInflating: 2, bytesPerSpan: 50 };
    expect(names(of(better, better, better))).toEqual([]);
  });

  it('finds a loss of more than a tenth in each ratio, in the direction in which it is one', () => {
    expect(names(of({ timesLessThanNaive: 9 }, { timesLessThanNaive: 8.9 }))).toEqual([
      'timesLessThanNaive',
    ]);
    expect(names(of({ timesInflating: 3.4 }))).toEqual(['timesInflating']);
    expect(names(of({ bytesPerSpan: 166 }))).toEqual(['bytesPerSpan']);
  });

  it('lets a loss of a tenth pass, and says by how much more it is worse', () => {
    expect(names(of({ bytesPerSpan: 165 }))).toEqual([]);
    expect(names(of({ timesLessThanNaive: 9.1 }))).toEqual([]);
    const [loss] = lossesOf(stored, of({ timesInflating: 4.5 }));
    expect(loss).toEqual({ what: 'timesInflating', stored: 3, median: 4.5, worseBy: 0.5 });
  });

  it('is not taken in by one slow repetition, nor by one quick one', () => {
    const slow = { timesInflating: 9 };
    expect(names(of({}, slow, {}, {}, {}))).toEqual([]);
    expect(names(of(slow, slow, {}, slow, slow))).toEqual(['timesInflating']);
  });

  it('believes no loss that less than three of four repetitions agree with', () => {
    const [worse, better] = [{ timesInflating: 3.6 }, { timesInflating: 2.9 }];
    expect(names(of(worse, worse, worse, better, better))).toEqual([]);
    expect(names(of(worse, worse, worse, better))).toEqual(['timesInflating']);
  });

  it('takes a collector that lost everything for a loss', () => {
    expect(names(of({ timesLessThanNaive: 0 }, { timesLessThanNaive: 0 }))).toEqual([
      'timesLessThanNaive',
    ]);
  });
});

describe('what is stored', () => {
  it('is the median of the repetitions', () => {
    const repetitions = of(
      { timesInflating: 2 },
      { timesInflating: 7 },
      { timesInflating: 3.3333 },
    );
    expect(ratiosOf(repetitions)).toEqual({ ...stored, timesInflating: 3.33 });
  });
});
