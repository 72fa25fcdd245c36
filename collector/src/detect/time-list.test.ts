import type { RunId } from '@throughline/model/ids';
import type { UnixNs } from '@throughline/model/time';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Affected } from './affected.js';
import { TimeList } from './time-list.js';

/** Instants that doubles cannot tell apart. */
const thing = fc.record({
  runId: fc.constantFrom('r_a', 'r_b', 'r_c') as fc.Arbitrary<RunId>,
  sinceNs: fc.bigInt({
    min: 1_767_225_600_000_000_000n,
    max: 1_767_225_600_000_000_600n,
  }) as fc.Arbitrary<UnixNs>,
});

function inOrder(a: Affected, b: Affected): number {
  if (a.sinceNs !== b.sinceNs) return a.sinceNs < b.sinceNs ? -1 : 1;
  return a.runId < b.runId ? -1 : a.runId > b.runId ? 1 : 0;
}

function shown(things: Iterable<Affected>): string[] {
  return [...things].map(({ runId, sinceNs }) => `${sinceNs} ${runId}`);
}

it('holds things in order of instant and run, exactly, whatever comes and goes', () => {
  const some = fc.array(thing, { maxLength: 1_200 });
  fc.assert(
    fc.property(some, fc.nat(), thing, (all, gone, { sinceNs: atNs }) => {
      const list = new TimeList<Affected>();
      for (const each of all) list.add(each);
      const taken = all.slice(0, gone % (all.length + 1));
      for (const each of taken) expect(list.delete(each)).toBe(true);
      for (const each of taken) expect(list.delete({ ...each })).toBe(false);
      const left = all.slice(taken.length).sort(inOrder);
      expect(list.size).toBe(left.length);
      expect(shown(list.newestFirst())).toEqual(shown(left.toReversed()));
      const later = left.filter(({ sinceNs }) => sinceNs > atNs);
      expect(shown(list.after(atNs))).toEqual(shown(later));
      expect(list.countAfter(atNs)).toBe(later.length);
    }),
    { numRuns: 40 },
  );
});
