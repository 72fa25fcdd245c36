import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareInstants, instantList } from './sorted-list.js';

/** Instants that doubles cannot tell apart, among others. */
const instant = fc.oneof(
  fc.bigInt({ min: 1_767_225_600_000_000_000n, max: 1_767_225_600_000_000_600n }),
  fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
);

it('holds instants in order, exactly, whatever comes and goes', () => {
  const acts = fc.array(fc.record({ isAdded: fc.boolean(), atNs: instant }), { maxLength: 300 });
  fc.assert(
    fc.property(acts, instant, (all, probe) => {
      const list = instantList();
      const plain: bigint[] = [];
      for (const { isAdded, atNs } of all) {
        const at = plain.indexOf(atNs);
        if (isAdded) {
          list.add(atNs);
          plain.push(atNs);
        } else {
          expect(list.delete(atNs)).toBe(at >= 0);
          if (at >= 0) plain.splice(at, 1);
        }
      }
      plain.sort(compareInstants);
      expect([...list.after(null)]).toEqual(plain);
      expect([...list.before(null)]).toEqual(plain.toReversed());
      expect([...list.after(probe)]).toEqual(plain.filter((each) => each > probe));
      expect([...list.before(probe)]).toEqual(plain.filter((each) => each < probe).reverse());
      expect(list.countUpTo(probe)).toBe(plain.filter((each) => each <= probe).length);
      expect([list.size, list.first, list.last]).toEqual([plain.length, plain[0], plain.at(-1)]);
    }),
  );
});

it('stays in order beyond one chunk', () => {
  const list = instantList();
  const all = Array.from(
    { length: 3_000 },
    (_, index) => BigInt((index * 7_919) % 3_000) + 10n ** 18n,
  );
  for (const each of all) list.add(each);
  for (const each of all.slice(0, 1_000)) list.delete(each);
  expect([...list.after(null)]).toEqual(all.slice(1_000).sort(compareInstants));
});
