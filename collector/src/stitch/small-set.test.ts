import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SmallSet } from './small-set.js';

const things = Array.from({ length: 40 }, (_, number) => ({ number }));

const acts = fc.array(
  fc.record({
    thing: fc.constantFrom(...things),
    isAdding: fc.boolean(),
  }),
  { maxLength: 120 },
);

test('a small set holds what a set holds, in the same order, whether it is small or not', () => {
  fc.assert(
    fc.property(acts, (all) => {
      const small = new SmallSet<(typeof things)[number]>();
      const plain = new Set<(typeof things)[number]>();
      for (const { thing, isAdding } of all) {
        if (isAdding) {
          small.add(thing);
          plain.add(thing);
        } else {
          expect(small.delete(thing)).toBe(plain.delete(thing));
        }
        expect([...small]).toEqual([...plain]);
        expect([...small.values()]).toEqual([...plain]);
        expect(small.size).toBe(plain.size);
        expect(things.filter((each) => small.has(each))).toEqual(
          things.filter((each) => plain.has(each)),
        );
      }
    }),
  );
});

test('what is taken out while a set is gone through is no reason to miss another', () => {
  for (const count of [1, 3, 40]) {
    const set = new SmallSet<(typeof things)[number]>();
    for (const thing of things.slice(0, count)) set.add(thing);
    const seen: number[] = [];
    for (const thing of set) {
      seen.push(thing.number);
      set.delete(thing);
    }
    expect(seen).toEqual(things.slice(0, count).map(({ number }) => number));
    expect(set.size).toBe(0);
  }
});
