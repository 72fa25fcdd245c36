import fc from 'fast-check';
import { domainStep, type DomainStepOptions } from '@throughline/fixtures/build/domain-step';
import type { Step } from '@throughline/model/step';
import { expect, test } from 'vitest';
import { canonicalDump } from './canonical-dump.js';
import { Stitcher } from './stitch.js';

const OPTIONS = { keyPartnersMax: 3, flows: [] };
const ORDER = { type: 'order', value: '8123', relation: 'same' } as const;

/** One report of span 1 in trace 1. */
function report(options: Partial<DomainStepOptions>): Step {
  const isPending = options.signal !== undefined && options.signal !== 'end';
  return domainStep({
    trace: 1,
    span: 1,
    lengthMs: 0,
    name: '',
    isPending,
    status: isPending ? 'pending' : 'ok',
    ...options,
  });
}

const start = report({ signal: 'start', atMs: 10, name: 'send invoice', keys: [ORDER] });
const heartbeat = (atMs: number): Step => report({ signal: 'heartbeat', atMs });
const end = report({ signal: 'end', atMs: 90, status: 'error', errorMessage: 'no such address' });
const span = report({ atMs: 11, lengthMs: 50, name: 'invoice' });

/** The one step that the reports make, each in a body of its own. */
function stepOf(...reports: readonly Step[]): Step | undefined {
  const stitcher = new Stitcher(OPTIONS);
  for (const [index, each] of reports.entries()) stitcher.add([each], index + 1);
  const [id] = stitcher.takeChanges().changed;
  const run = id === undefined ? undefined : stitcher.run(id);
  expect(run?.steps).toHaveLength(1);
  return run?.steps[0]?.step;
}

const lengthMs = (step: Step | undefined): number =>
  Number((step?.endedAtNs ?? 0n) - (step?.startedAtNs ?? 0n)) / 1e6;

test('a step that only started is pending, and lives up to its last heartbeat', () => {
  expect(stepOf(start)).toMatchObject({ status: 'pending', name: 'send invoice', keys: [ORDER] });
  const alive = stepOf(heartbeat(40), start, heartbeat(30));
  expect(alive).toMatchObject({ status: 'pending', name: 'send invoice', keys: [ORDER] });
  expect(lengthMs(alive)).toBe(30);
});

test('an end ends what the start began, and repeats nothing of it', () => {
  const ended = stepOf(end, heartbeat(40), start);
  expect(ended).toMatchObject({
    status: 'error',
    errorMessage: 'no such address',
    isPending: false,
    name: 'send invoice',
    keys: [ORDER],
  });
  expect(lengthMs(ended)).toBe(80);
});

test('a finished span says everything, before or after any signal', () => {
  expect(stepOf(start, end, span)).toEqual(span);
  expect(stepOf(span, heartbeat(95), start)).toEqual(span);
});

test('a snapshot of the open span and heartbeats in the log add up', () => {
  const snapshot = report({
    atMs: 11,
    lengthMs: 5,
    name: 'invoice',
    isPending: true,
    status: 'pending',
  });
  const step = stepOf(heartbeat(60), snapshot);
  expect(step).toMatchObject({ name: 'invoice', status: 'pending' });
  expect(lengthMs(step)).toBe(49);
});

test('a step that no report names has a name all the same', () => {
  expect(stepOf(heartbeat(1))?.name).toBe('unnamed step');
});

test('every body that says something of the step is told, for those who read it again', () => {
  const stitcher = new Stitcher(OPTIONS);
  for (const [index, each] of [start, heartbeat(20), heartbeat(30), end].entries()) {
    stitcher.add([each], index + 1);
  }
  const [id = ''] = stitcher.takeChanges().changed;
  expect(stitcher.bodyIds(id)).toEqual([1, 3, 4]);
});

const anyReport = fc
  .record({
    span: fc.integer({ min: 1, max: 3 }),
    signal: fc.constantFrom(undefined, 'start', 'heartbeat', 'heartbeat', 'end'),
    parent: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    atMs: fc.integer({ min: 0, max: 40 }),
    lengthMs: fc.integer({ min: 0, max: 20 }),
    name: fc.constantFrom('', 'pay', 'ship'),
    isOpen: fc.boolean(),
    keys: fc.subarray([ORDER, { type: 'order', value: '2', relation: 'same' } as const]),
    attributes: fc
      .dictionary(fc.constantFrom('a', 'b'), fc.integer({ min: 0, max: 3 }))
      .map((entries) => new Map(Object.entries(entries))),
  })
  .map(({ signal, isOpen, parent, ...rest }) => {
    const isPending = signal === undefined ? isOpen : signal !== 'end';
    return report({
      ...rest,
      ...(signal === undefined ? {} : { signal }),
      ...(parent === undefined ? {} : { parent }),
      isPending,
      status: isPending ? 'pending' : 'ok',
    });
  });

const shuffledTwice = fc.array(anyReport, { minLength: 1, maxLength: 10 }).chain((reports) =>
  fc.record({
    reports: fc.constant(reports),
    order: fc.shuffledSubarray([...reports, ...reports], { minLength: reports.length * 2 }),
    cuts: fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }),
  }),
);

test('signals and spans make the same steps in any order, however often and in whatever batches', () => {
  fc.assert(
    fc.property(shuffledTwice, ({ reports, order, cuts }) => {
      const atOnce = new Stitcher(OPTIONS);
      atOnce.add(reports, 1);
      const bit = new Stitcher(OPTIONS);
      for (const [index, each] of order.entries()) {
        bit.add([each], index + 1);
        if (cuts[index]) for (const id of bit.takeChanges().changed) bit.run(id);
      }
      expect(canonicalDump(bit)).toBe(canonicalDump(atOnce));
    }),
    { numRuns: 1_000 },
  );
});

/** Of each kind one: of two spans under one id that disagree, the preferred one is not looked for again. */
const oneOfEach = fc.uniqueArray(anyReport, {
  maxLength: 10,
  selector: ({ spanId, signal }) => `${spanId} ${signal ?? 'span'}`,
});

test('forgetting old bodies leaves what a rebuild from the others finds', () => {
  fc.assert(
    fc.property(oneOfEach, fc.integer({ min: 0, max: 10 }), (reports, forgotten) => {
      const kept = new Stitcher(OPTIONS);
      const rebuilt = new Stitcher(OPTIONS);
      for (const [index, each] of reports.entries()) {
        kept.add([each], index + 1);
        if (index + 1 >= forgotten) rebuilt.add([each], index + 1);
      }
      kept.forget(forgotten);
      expect(canonicalDump(kept)).toBe(canonicalDump(rebuilt));
    }),
    { numRuns: 1_000 },
  );
});
