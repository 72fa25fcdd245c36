import { AssemblyLine, type RunWork } from '../../collector/src/assembly-line.js';
import { Detector } from '../../collector/src/detect/detector.js';
import { contributing } from '../../collector/src/stitch/contribution.js';
import { runDetail } from '../../collector/src/query/view/run-detail.js';
import { Stitcher } from '../../collector/src/stitch/stitch.js';
import { createDerivedTables } from '../../collector/src/store/derived/derived-tables.js';
import { summarize } from '../../collector/src/store/derived/run-summary.js';
import {
  domainStep,
  spanNumber,
  traceNumber,
  type DomainStepOptions,
} from '@throughline/fixtures/build/domain-step';
import { policy } from '@throughline/fixtures/build/policy';
import type { RunId } from '@throughline/model/ids';
import type { Key } from '@throughline/model/key';
import type { Run } from '@throughline/model/run';
import type { UnixNs } from '@throughline/model/time';
import { expect, test } from 'vitest';

const ORDER: Key = { type: 'order', value: '8123', relation: 'same' };
const DAY_MS = 86_400_000;
const STEPS_PER_TRACE = 10;

/** Services that react to each other: each trace takes what the one before sent, works, and sends the next. */
function choreographed(at: number, apartMs: number): DomainStepOptions {
  const trace = Math.floor(at / STEPS_PER_TRACE) + 1;
  const place = at % STEPS_PER_TRACE;
  const own = { trace, span: place + 1, atMs: at * apartMs, service: `s${trace % 12}` };
  const message = (number: number): DomainStepOptions['message'] => {
    return { messageId: `m${number}`, destination: `d${number % 20}`, type: `e${number % 20}` };
  };
  if (place === STEPS_PER_TRACE - 1) {
    return { ...own, role: 'send', parent: 1, keys: [ORDER], message: message(trace) ?? {} };
  }
  if (place > 0) return { ...own, parent: place };
  if (trace === 1) return { ...own, role: 'serve', keys: [ORDER] };
  const [traceId, spanId] = [traceNumber(trace - 1), spanNumber(STEPS_PER_TRACE)];
  const links = [{ traceId, spanId, messageId: null, destination: null }];
  return { ...own, role: 'take', keys: [ORDER], links, message: message(trace - 1) ?? {} };
}

/** One trace of calls, eight below each. */
function inOneTrace(at: number): DomainStepOptions {
  const own = { trace: 1, span: at + 1, atMs: at, role: at % 2 ? 'serve' : 'call' } as const;
  if (at === 0) return { ...own, role: 'serve', keys: [ORDER] };
  return { ...own, parent: (at >> 3) + 1, service: `s${at % 7}` };
}

/** Stitches, assembles, files and judges the steps as the line does, piece by piece. */
function made(steps: readonly DomainStepOptions[]) {
  const list = steps.map(domainStep);
  const stitcher = new Stitcher({ keyPartnersMax: 20, flows: [] });
  const tables = createDerivedTables();
  const detector = new Detector(policy(), new Map());
  const now = ((list.at(-1)?.endedAtNs ?? 0n) + 1n) as UnixNs;
  const made: { run: Run | undefined; pieces: number } = { run: undefined, pieces: 0 };
  function* work(id: RunId): RunWork {
    const run = yield* stitcher.assembling(id);
    if (!run) return false;
    made.run = run;
    const contribution = yield* contributing(run);
    yield* tables.putting(run, contribution);
    yield* detector.runChanging(run, contribution, now);
    return true;
  }
  // Its time is its work: a piece between two places to lay it down counts for a millisecond.
  const line = new AssemblyLine({ work, nowMs: () => (made.pieces += 1) });
  for (let at = 0; at < list.length; at += 500) stitcher.add(list.slice(at, at + 500), at);
  for (const id of stitcher.takeChanges().changed) line.changed(id);
  let slices = 0;
  for (; line.size > 0; slices += 1) line.advance(made.pieces + 20);
  if (!made.run) throw new Error('there is no run');
  return { run: made.run, slices, tables, detector };
}

function steps(count: number, shape: (at: number) => DomainStepOptions): DomainStepOptions[] {
  return Array.from({ length: count }, (_, at) => shape(at));
}

test('a run of 100,000 spans in 10,000 traces is one run, right in every count, and made in slices', () => {
  const { run, slices, tables, detector } = made(steps(100_000, (at) => choreographed(at, 10)));
  expect(run.steps.length).toBe(100_000);
  expect(run.traceIds.length).toBe(10_000);
  expect(run.messages.length).toBe(10_000);
  expect(run.edges.length).toBe(99_999);
  expect(run.messages.filter(({ takenBy }) => takenBy.length === 1).length).toBe(9_999);
  expect(run.pattern).toBe('choreographed');
  expect(tables.runs.size).toBe(1);
  const page = { steps: run.steps.slice(0, 500), next: 'next' };
  const facts = { run, summary: summarize(run), page, findings: detector, sentence: '' };
  const first = runDetail(facts);
  expect(first.stepCount).toBe(100_000);
  expect(first.steps.length).toBe(500);
  expect(first.edges.length).toBe(499);
  expect(first.messages.length).toBe(50);
  // No piece is more than a few hundred steps of one stage, however many steps there are.
  expect(slices).toBeGreaterThan(400);
});

test('a run that lasts ninety days is one run, though it be silent for hours in between', () => {
  const { run } = made(steps(2_000, (at) => choreographed(at, (90 * DAY_MS) / 2_000)));
  expect(run.steps.length).toBe(2_000);
  expect(run.lastActivityAtNs - run.startedAtNs).toBeGreaterThan(BigInt(89 * DAY_MS) * 1_000_000n);
  expect(run.status).toBe('active');
});

test('a trace of 50,000 spans is one run, and made in slices', () => {
  const { run, slices } = made(steps(50_000, inOneTrace));
  expect(run.steps.length).toBe(50_000);
  expect(run.edges.length).toBe(49_999);
  expect(run.traceIds.length).toBe(1);
  expect(run.pattern).toBe('orchestrated');
  expect(slices).toBeGreaterThan(100);
});
