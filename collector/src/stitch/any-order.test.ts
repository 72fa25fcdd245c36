import { flow } from '@throughline/fixtures/build/policy';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyStep, stepOf, type Told } from './any-step.case.js';
import { canonicalDump } from './canonical-dump.js';
import { Stitcher } from './stitch.js';

/** Silence is short here, and few sends are many, so that both matter among a handful of steps. */
const OPTIONS = {
  keyPartnersMax: 3,
  epochSilenceMs: 8,
  messageSendersMax: 3,
  flows: [
    flow({
      workflow: 'checkout',
      startsWith: 'place',
      ends: [{ event: 'ship', outcome: 'completed' }],
    }),
  ],
};

const shuffledTwice = fc.array(anyStep, { minLength: 1, maxLength: 24 }).chain((steps) =>
  fc.record({
    steps: fc.constant(steps),
    order: fc.shuffledSubarray([...steps, ...steps], { minLength: steps.length * 2 }),
    cuts: fc.array(fc.boolean(), { minLength: steps.length * 2, maxLength: steps.length * 2 }),
  }),
);

/** Adds the steps in the order given, telling and assembling runs at each cut, as a busy collector does. */
function inBatches(order: readonly Told[], cuts: readonly boolean[]): Stitcher {
  const stitcher = new Stitcher(OPTIONS);
  for (const [index, told] of order.entries()) {
    stitcher.add([stepOf(told)], index + 1);
    if (cuts[index]) for (const id of stitcher.takeChanges().changed) stitcher.run(id);
  }
  return stitcher;
}

function atOnce(told: readonly Told[]): Stitcher {
  const stitcher = new Stitcher(OPTIONS);
  stitcher.add(told.map(stepOf), 1);
  return stitcher;
}

test('the runs depend on the set of steps only: any order, batching and repetition gives the same', () => {
  fc.assert(
    fc.property(shuffledTwice, ({ steps, order, cuts }) => {
      expect(canonicalDump(inBatches(order, cuts))).toBe(canonicalDump(atOnce(steps)));
    }),
    { numRuns: 700 },
  );
});

test('what is told as changed and gone always adds up to the runs there are', () => {
  fc.assert(
    fc.property(shuffledTwice, ({ order, cuts }) => {
      const stitcher = new Stitcher(OPTIONS);
      const shown = new Map<string, string>();
      const take = (): void => {
        const { changed, gone } = stitcher.takeChanges();
        for (const id of gone) shown.delete(id);
        for (const id of changed) shown.set(id, text(stitcher, id));
      };
      for (const [index, step] of order.entries()) {
        stitcher.add([stepOf(step)], index + 1);
        if (cuts[index]) take();
      }
      take();
      const fresh = atOnce(order);
      fresh.takeChanges();
      const expected = new Map([...fresh.ids()].map((id) => [id as string, text(fresh, id)]));
      expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(expected));
    }),
    { numRuns: 700 },
  );
});

test('every step lies in at least one run, once per run, and every edge stays within its run', () => {
  fc.assert(
    fc.property(shuffledTwice, ({ steps }) => {
      const stitcher = atOnce(steps);
      stitcher.takeChanges();
      const placed = new Set<string>();
      for (const id of stitcher.ids()) {
        const run = stitcher.run(id);
        const ids = run?.steps.map(({ step }) => step.id) ?? [];
        expect(new Set(ids).size).toBe(ids.length);
        for (const step of ids) placed.add(step);
        for (const { from, to } of run?.edges ?? []) {
          expect(ids).toContain(from);
          expect(ids).toContain(to);
        }
      }
      expect(placed).toEqual(new Set(steps.map((told) => stepOf(told).id)));
    }),
    { numRuns: 500 },
  );
});

test('an id that was ever told still leads to a run after any merge', () => {
  fc.assert(
    fc.property(shuffledTwice, ({ order }) => {
      const stitcher = new Stitcher(OPTIONS);
      const told = new Set<string>();
      for (const [index, step] of order.entries()) {
        stitcher.add([stepOf(step)], index + 1);
        for (const id of stitcher.takeChanges().changed) told.add(id);
      }
      for (const id of told) expect(stitcher.run(id)).toBeDefined();
    }),
    { numRuns: 500 },
  );
});

function text(stitcher: Stitcher, id: string): string {
  return JSON.stringify(stitcher.run(id), (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
}
