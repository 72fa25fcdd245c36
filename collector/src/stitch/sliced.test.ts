import fc from 'fast-check';
import { expect, test } from 'vitest';
import { domainStep } from '@throughline/fixtures/build/domain-step';
import { contributing, contributionOf } from './contribution.js';
import { finished, sorted } from './sliced.js';
import { Stitcher } from './stitch.js';

/** A run of some ten thousand steps: calls, events that others take, and parents that name each other. */
function stitcherOf(count: number): Stitcher {
  const stitcher = new Stitcher({ keyPartnersMax: 20, flows: [] });
  stitcher.add(
    Array.from({ length: count }, (_, at) => domainStep(stepAt(at))),
    1,
  );
  stitcher.takeChanges();
  return stitcher;
}

function stepAt(at: number): Parameters<typeof domainStep>[0] {
  const role = (['serve', 'call', 'send', 'take', 'work'] as const)[at % 5] ?? 'work';
  const message = { messageId: `m${Math.floor(at / 5)}`, destination: `d${at % 7}` };
  return {
    trace: Math.floor(at / 50) + 1,
    span: at + 1,
    // Every so often the clock of a host is behind.
    atMs: at % 11 === 0 ? at - 9 : at,
    service: `s${at % 3}`,
    role,
    keys: [{ type: 'order', value: '8123', relation: 'same' }],
    ...(at % 50 === 0 ? {} : { parent: at % 97 === 0 ? at + 2 : at }),
    ...(role === 'send' || role === 'take' ? { message } : {}),
  };
}

test('a run that is assembled in slices is the run that is assembled at once', () => {
  const stitcher = stitcherOf(5_000);
  const [id = ''] = stitcher.ids();
  const work = stitcher.assembling(id);
  let slices = 1;
  let result = work.next();
  for (; result.done !== true; result = work.next()) slices += 1;
  const whole = stitcher.run(id);
  expect(whole?.steps.length).toBe(5_000);
  expect(result.value).toEqual(whole);
  expect(slices).toBeGreaterThan(200);
  if (!whole) throw new Error('there is no run');
  expect(finished(contributing(whole))).toEqual(contributionOf(whole));
});

test('a run that is assembled while its steps come and go breaks nothing, and is right when it is made once more', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2_999), { minLength: 1, maxLength: 40 }), (late) => {
      const stitcher = stitcherOf(2_000);
      const [id = ''] = stitcher.ids();
      const work = stitcher.assembling(id);
      for (let at = 0; work.next().done !== true; at += 1) {
        const number = late[at];
        if (number === undefined) continue;
        if (number % 3 === 0) stitcher.forget(1);
        else stitcher.add([domainStep(stepAt(number))], at + 2);
        stitcher.takeChanges();
      }
      const fresh = new Stitcher({ keyPartnersMax: 20, flows: [] });
      fresh.add(
        (stitcher.run(id)?.steps ?? []).map(({ step }) => step),
        1,
      );
      fresh.takeChanges();
      expect(fresh.run(id)).toEqual(stitcher.run(id));
    }),
    { numRuns: 8 },
  );
});

test('sorting in slices sorts', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer(), { maxLength: 3_000, size: 'max' }), (numbers) => {
      const compare = (a: number, b: number): number => a - b;
      expect(finished(sorted(numbers, compare))).toEqual([...numbers].sort(compare));
    }),
    { numRuns: 40 },
  );
});

test('a run that was read is not made again for its next page, until it changes', () => {
  const stitcher = stitcherOf(3_000);
  const [id = ''] = stitcher.ids();
  const first = stitcher.run(id);
  expect(stitcher.run(id)).toBe(first);
  const other = { ...stepAt(0), trace: 999, span: 90_000 };
  stitcher.add(
    [domainStep({ ...other, keys: [{ type: 'order', value: '1', relation: 'same' }] })],
    2,
  );
  expect(stitcher.run(id)).toEqual(first);
  stitcher.takeChanges();
  expect(stitcher.run(id)).toBe(first);
  stitcher.add([domainStep({ ...other, span: 90_001 })], 3);
  stitcher.takeChanges();
  expect(stitcher.run(id)?.steps).toHaveLength(3_001);
});
