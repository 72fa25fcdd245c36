import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DelaySketch } from './delay-sketch.js';

const durations = fc.array(fc.double({ min: 0.001, max: 1e9, noNaN: true }), { minLength: 1 });

describe('a sketch of delays', () => {
  it('is right within two in a hundred', () => {
    fc.assert(
      fc.property(durations, fc.constantFrom(0.5, 0.95, 0.99, 1), (all, q) => {
        const sketch = new DelaySketch();
        for (const ms of all) sketch.add(ms);
        const sorted = [...all].sort((a, b) => a - b);
        const exact = sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] ?? 0;
        const told = sketch.quantileMs(q) ?? 0;
        expect(Math.abs(told - exact)).toBeLessThanOrEqual(exact * 0.02 + 0.001);
      }),
    );
  });

  it('forgets what is taken back, and adds up by merging', () => {
    fc.assert(
      fc.property(durations, durations, (kept, other) => {
        const expected = new DelaySketch();
        for (const ms of kept) expected.add(ms);
        const sketch = new DelaySketch();
        const addition = new DelaySketch();
        for (const ms of [...other, ...kept]) sketch.add(ms);
        for (const ms of other) sketch.remove(ms);
        expect(sketch.quantileMs(0.9)).toBe(expected.quantileMs(0.9));
        for (const ms of other) addition.add(ms);
        sketch.merge(addition);
        expect(sketch.count).toBe(kept.length + other.length);
      }),
    );
  });

  it('says nothing of nothing, and refuses to take back what it never had', () => {
    expect(new DelaySketch().quantileMs(0.5)).toBeNull();
    expect(() => new DelaySketch().remove(5)).toThrow(/BUG/);
  });
});
