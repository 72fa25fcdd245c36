import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ViewWindow } from './view-window.js';

test('sheds the oldest bodies, never the newest, and counts what it shed', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 200 }),
      (counts) => {
        const view = new ViewWindow();
        for (const [index, count] of counts.entries()) view.add(index + 1, count, 0);
        let first = 1;
        for (;;) {
          const next = view.shed(0);
          if (next === null) break;
          expect(next).toBeGreaterThan(first);
          first = next;
          const shed = counts.slice(0, first - 1).reduce((sum, count) => sum + count, 0);
          expect(view.spansForgotten).toBe(shed);
        }
        expect(first).toBe(counts.length);
        expect(view.newestId).toBe(counts.length);
      },
    ),
  );
});

test('bodies that nothing in memory needs are not shed: there is nothing to be had', () => {
  const view = new ViewWindow();
  for (let id = 1; id <= 100; id += 1) view.add(id, 10, 0);
  expect(view.shed(91)).toBe(92);
  expect(view.spansForgotten).toBe(10);
});
