import { domainStep, type DomainStepOptions } from '@throughline/fixtures/build/domain-step';
import { flow, policy } from '@throughline/fixtures/build/policy';
import type { RunId } from '@throughline/model/ids';
import type { Key } from '@throughline/model/key';
import type { Run } from '@throughline/model/run';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalDump } from './canonical-dump.js';
import { stitchOptionsOf } from './options-of.js';
import type { StitchOptions } from './options-of.js';
import { Stitcher } from './stitch.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ORDER: Key = { type: 'order', value: '8123', relation: 'same' };

function stitcherOf(
  steps: readonly DomainStepOptions[],
  options: Partial<StitchOptions> = {},
): Stitcher {
  const stitcher = new Stitcher({ keyPartnersMax: 20, flows: [], ...options });
  stitcher.add(steps.map(domainStep), 1);
  stitcher.takeChanges();
  return stitcher;
}

function runsOf(stitcher: Stitcher): Run[] {
  const runs = [...stitcher.ids()].map((id) => stitcher.run(id) as Run);
  return runs.sort((a, b) => (a.startedAtNs < b.startedAtNs ? -1 : 1));
}

/** The runs of the steps, each as the traces of its steps. */
function tracesOf(
  steps: readonly DomainStepOptions[],
  options: Partial<StitchOptions> = {},
): number[][] {
  return runsOf(stitcherOf(steps, options)).map(({ traceIds }) =>
    traceIds.map((id) => Number.parseInt(id, 16)),
  );
}

/** A use of the order: placed, and ended a minute later in another trace that only the key ties to it. */
function use(trace: number, atMs: number, keys: readonly Key[] = [ORDER]): DomainStepOptions[] {
  return [
    { trace, span: 1, atMs, keys, role: 'serve', name: 'place' },
    { trace: trace + 1, span: 1, atMs: atMs + 60_000, keys, outcome: 'completed' },
  ];
}

describe('a key that is used again', () => {
  const first = use(1, 0);
  const second = use(11, DAY);

  test('begins a new run once its run has ended and was silent for an hour', () => {
    expect(tracesOf([...first, ...second])).toEqual([
      [1, 2],
      [11, 12],
    ]);
    expect(tracesOf([...first, ...use(11, HOUR)])).toEqual([[1, 2, 11, 12]]);
  });

  test('begins it after the silence that the operator chose', () => {
    const again = [...first, ...use(11, HOUR)];
    const epochSilenceMs = 30 * 60_000;
    expect(tracesOf(again, stitchOptionsOf(policy({ epochSilenceMs }))).length).toBe(2);
    expect(tracesOf(again, stitchOptionsOf(policy())).length).toBe(1);
  });

  test('goes on with a run that nobody has ended, though it be silent for ninety days', () => {
    const placed = first.slice(0, 1);
    expect(tracesOf([...placed, ...use(11, 90 * DAY)])).toEqual([[1, 11, 12]]);
  });

  test('takes late spans of the old run to the old run', () => {
    const late = { trace: 3, span: 1, atMs: 30_000, keys: [ORDER] };
    const afterItsEnd = { trace: 4, span: 1, atMs: HOUR / 2, keys: [ORDER] };
    expect(tracesOf([...second, ...first, late, afterItsEnd])).toEqual([
      [1, 2, 3, 4],
      [11, 12],
    ]);
  });

  test.each<[string, Partial<DomainStepOptions>]>([
    ['the trace goes on', { trace: 2, parent: 1 }],
    ['a link leads back', { links: [linkTo(2)] }],
    ['it undoes a step of the run', { compensates: 'place' }],
    ['it is a repeated delivery', { role: 'take', attempt: 3, message: {} }],
    ['it is a letter from the dead', { role: 'take', message: { isDeadLetterDestination: true } }],
  ])('re-opens the old run when %s', (_, told) => {
    const refund = { trace: 5, span: 5, atMs: 20 * DAY, keys: [ORDER], ...told };
    const runs = runsOf(stitcherOf([...first, refund]));
    expect(runs.length).toBe(1);
  });

  test('keeps a refund of the first use out of the second, which began before it', () => {
    const refund = { trace: 5, span: 1, atMs: 20 * DAY, keys: [ORDER], links: [linkTo(2)] };
    expect(tracesOf([...first, ...second, refund])).toEqual([
      [1, 2, 5],
      [11, 12],
    ]);
  });

  test('ends by the event that its declared flow names, and by that only', () => {
    const shipped = { trace: 2, span: 1, atMs: 60_000, keys: [ORDER], name: 'ship' };
    const steps = [...first.slice(0, 1), shipped, ...second];
    const checkout = {
      workflow: 'checkout',
      ends: [{ event: 'ship', outcome: 'completed' as const }],
    };
    expect(tracesOf(steps).length).toBe(1);
    expect(tracesOf(steps, { flows: [flow({ ...checkout, startsWith: 'place' })] }).length).toBe(2);
    expect(tracesOf(steps, { flows: [flow({ ...checkout, startsWith: 'other' })] }).length).toBe(1);
  });

  test('has other correlation ids, which lead to their own use of it', () => {
    const correlation = (value: string): Key => ({ type: 'correlation', value, relation: 'same' });
    const stitcher = stitcherOf([
      ...use(1, 0, [ORDER, correlation('a')]),
      ...use(11, DAY, [ORDER, correlation('b')]),
    ]);
    const [one, two] = runsOf(stitcher);
    expect(one?.keys.map(({ value }) => value)).toEqual(['a', '8123']);
    expect(two?.keys.map(({ value }) => value)).toEqual(['b', '8123']);
    const alone = (value: string): Run | undefined =>
      runsOf(stitcherOf(use(1, 0, [correlation(value)])))[0];
    expect(stitcher.run(alone('a')?.id ?? '')?.id).toBe(one?.id);
    expect(stitcher.run(alone('b')?.id ?? '')?.id).toBe(two?.id);
  });

  test('is the parent of those children that began while it lasted', () => {
    const child = (trace: number, value: string, atMs: number): DomainStepOptions => ({
      trace,
      span: 1,
      atMs,
      keys: [
        { type: 'parcel', value, relation: 'same' },
        { ...ORDER, relation: 'child-of' },
      ],
    });
    const stitcher = stitcherOf([
      ...first,
      ...second,
      child(6, 'p1', 90_000),
      child(16, 'p2', DAY + 90_000),
    ]);
    const parcel = (value: string): Run | undefined =>
      runsOf(stitcher).find(({ keys }) => keys.some((key) => key.value === value));
    const [one, two] = runsOf(stitcher).filter(({ keys }) =>
      keys.every(({ type }) => type === 'order'),
    );
    expect(parcel('p1')?.parent).toBe(one?.id);
    expect(parcel('p2')?.parent).toBe(two?.id);
    expect([one?.children, two?.children]).toEqual([[parcel('p1')?.id], [parcel('p2')?.id]]);
  });
});

describe('the ids of the runs of a key that is used again', () => {
  test('the first keeps the id of the key, and no later use changes any', () => {
    const before = runsOf(stitcherOf(use(1, 0)));
    const ids = (count: number): RunId[] =>
      runsOf(
        stitcherOf(Array.from({ length: count }, (_, at) => use(at * 10 + 1, at * DAY)).flat()),
      ).map(({ id }) => id);
    expect(ids(1)).toEqual([before[0]?.id]);
    expect(ids(9).slice(0, 4)).toEqual(ids(4));
    expect(new Set(ids(9)).size).toBe(9);
  });

  test('a late span that joins two uses makes one run of them, and the younger id its alias', () => {
    const steps = [...use(1, 0), ...use(11, DAY)];
    const [, younger] = runsOf(stitcherOf(steps));
    const stitcher = stitcherOf(steps);
    stitcher.add(
      [domainStep({ trace: 11, span: 1, atMs: DAY - 1, keys: [ORDER], links: [linkTo(2)] })],
      2,
    );
    const told = stitcher.takeChanges();
    // The span itself was known: its better report would be; a new one above it joins them all the same.
    stitcher.add(
      [
        domainStep({
          trace: 12,
          span: 9,
          atMs: DAY,
          keys: [ORDER],
          links: [linkTo(2), linkTo(11)],
        }),
      ],
      3,
    );
    const { gone, changed } = stitcher.takeChanges();
    expect([...told.gone, ...gone]).toContain(younger?.id);
    expect(changed.length).toBe(1);
    const [run] = runsOf(stitcher);
    expect(runsOf(stitcher).length).toBe(1);
    expect(run?.aliases).toContain(younger?.id);
    expect(stitcher.run(younger?.id ?? '')?.id).toBe(run?.id);
  });

  test('an earlier first step gives a later use another id, and the old one still leads to it', () => {
    const stitcher = stitcherOf([...use(1, 0), ...use(11, DAY)]);
    const [, before] = runsOf(stitcher);
    stitcher.add([domainStep({ trace: 10, span: 1, atMs: DAY - 500, keys: [ORDER] })], 2);
    stitcher.takeChanges();
    const [, after] = runsOf(stitcher);
    expect(after?.id).not.toBe(before?.id);
    expect(stitcher.run(before?.id ?? '')?.id).toBe(after?.id);
  });

  test('a span of one use tells only that use anew, however many there are', () => {
    const stitcher = stitcherOf(
      Array.from({ length: 50 }, (_, at) => use(at * 10 + 1, at * DAY)).flat(),
    );
    const runs = runsOf(stitcher);
    stitcher.add([domainStep({ trace: 73, span: 1, atMs: 7 * DAY + 5, keys: [ORDER] })], 2);
    expect(stitcher.takeChanges()).toEqual({ changed: [runs[7]?.id], gone: [] });
  });
});

/** Uses of one key with hours or days between them, their steps spread over traces, some tied across uses. */
const told = fc
  .array(
    fc.record({
      gapHours: fc.integer({ min: 0, max: 5 }),
      isEnded: fc.boolean(),
      acts: fc.array(
        fc.record({
          afterMinutes: fc.integer({ min: 0, max: 50 }),
          tiedTo: fc.option(fc.nat({ max: 20 }), { freq: 6 }),
          hasKey: fc.boolean(),
          second: fc.boolean(),
        }),
        { minLength: 1, maxLength: 4 },
      ),
    }),
    { minLength: 2, maxLength: 5 },
  )
  .map((uses) => {
    const steps: DomainStepOptions[] = [];
    let atMs = 0;
    for (const { gapHours, isEnded, acts } of uses) {
      atMs += gapHours * HOUR;
      for (const [index, { afterMinutes, tiedTo, hasKey, second }] of acts.entries()) {
        atMs += afterMinutes * 60_000;
        const trace = steps.length + 1;
        const isLast = index === acts.length - 1;
        steps.push({
          trace,
          span: 1,
          atMs,
          role: 'serve',
          keys:
            hasKey || tiedTo === null
              ? [ORDER, ...(second ? [{ ...ORDER, type: 'cart' }] : [])]
              : [],
          links: tiedTo === null ? [] : [linkTo((tiedTo % trace) + 1)],
          ...(isLast && isEnded ? { outcome: 'completed' } : {}),
        });
      }
    }
    return steps;
  });

test('random uses of a key give the same runs in any order, twice, in any batching', () => {
  let divided = 0;
  fc.assert(
    fc.property(
      told.chain((steps) =>
        fc.record({
          steps: fc.constant(steps),
          order: fc.shuffledSubarray([...steps, ...steps], { minLength: steps.length * 2 }),
          batch: fc.integer({ min: 1, max: 5 }),
        }),
      ),
      ({ steps, order, batch }) => {
        const whole = stitcherOf(steps);
        const other = stitcherOf([]);
        const shown = new Map<string, Run | undefined>();
        const ever = new Set<RunId>();
        for (let at = 0; at < order.length; at += batch) {
          other.add(order.slice(at, at + batch).map(domainStep), at + 1);
          const { changed, gone } = other.takeChanges();
          for (const id of gone) shown.delete(id);
          for (const id of changed) shown.set(id, other.run(id));
          for (const id of changed) ever.add(id);
        }
        if (runsOf(whole).length > 1) divided += 1;
        expect(canonicalDump(other)).toBe(canonicalDump(whole));
        for (const id of whole.ids()) expect(shown.get(id)).toEqual(whole.run(id));
        expect([...shown.keys()].sort()).toEqual([...whole.ids()].sort());
        for (const id of ever) expect(other.run(id)?.id).toBe(whole.run(id)?.id);
      },
    ),
    { numRuns: 300 },
  );
  expect(divided).toBeGreaterThan(50);
});

function linkTo(trace: number): {
  traceId: Run['traceIds'][number];
  spanId: never;
  messageId: null;
  destination: null;
} {
  const { traceId, spanId } = domainStep({ trace, span: 1 });
  return { traceId, spanId: spanId as never, messageId: null, destination: null };
}
