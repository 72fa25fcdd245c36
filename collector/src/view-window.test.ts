import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ViewWindow } from './view-window.js';

test('never holds much more than the bound, always the newest, and counts what left', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 200 }),
      fc.integer({ min: 50, max: 300 }),
      (counts, max) => {
        const view = new ViewWindow(max);
        let first = 1;
        for (const [index, count] of counts.entries()) first = view.add(index + 1, count) ?? first;
        const inView = counts.slice(first - 1).reduce((sum, count) => sum + count, 0);
        const left = counts.slice(0, first - 1).reduce((sum, count) => sum + count, 0);
        expect(view.spansLeft).toBe(left);
        expect(inView).toBeLessThanOrEqual(Math.max(max * 1.05, counts.at(-1) ?? 0));
      },
    ),
  );
});
