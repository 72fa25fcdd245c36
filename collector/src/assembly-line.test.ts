import type { RunId } from '@throughline/model/ids';
import { expect, test } from 'vitest';
import { AssemblyLine, type RunWork } from './assembly-line.js';

const HUGE = 'r_huge' as RunId;
const QUICK = 'r_quick' as RunId;

/** A line whose time is its work: each piece of a run takes a millisecond; a huge run has as many as it is told. */
function lineOf(hugePieces: number) {
  const clock = { ms: 0 };
  const begun: RunId[] = [];
  function* work(id: RunId): RunWork {
    begun.push(id);
    for (let piece = 0; piece < (id === HUGE ? hugePieces : 1); piece += 1) {
      clock.ms += 1;
      yield;
    }
    return true;
  }
  const line = new AssemblyLine({ work, nowMs: () => clock.ms });
  const slice = (): readonly RunId[] => line.advance(clock.ms + 20);
  return { line, clock, begun, slice };
}

/** Slices until the run is shown. */
function slicesUntil(id: RunId, slice: () => readonly RunId[], between: () => void = () => {}) {
  for (let count = 1; count < 1_000; count += 1) {
    if (slice().includes(id)) return count;
    between();
  }
  throw new Error(`${id} is never shown`);
}

test('a huge run is made in slices, none of which goes on much beyond its time', () => {
  const { line, clock, begun, slice } = lineOf(1_000);
  line.changed(HUGE);
  const lengths: number[] = [];
  const count = slicesUntil(HUGE, () => {
    const startedMs = clock.ms;
    const done = slice();
    lengths.push(clock.ms - startedMs);
    return done;
  });
  expect(count).toBeGreaterThan(40);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(22);
  expect(begun).toEqual([HUGE]);
  expect(line.size).toBe(0);
});

test('a quick run is not kept waiting by a huge one', () => {
  const { line, slice } = lineOf(1_000);
  line.changed(HUGE);
  slice();
  line.changed(QUICK);
  expect(slice()).toEqual([QUICK]);
  expect(line.behindMs()).toBeGreaterThan(20);
});

test('a half-made run that changes is begun anew, and one that is gone is not gone on with', () => {
  const { line, begun, slice } = lineOf(100);
  line.changed(HUGE);
  slice();
  line.changed(HUGE);
  expect(line.size).toBe(1);
  slicesUntil(HUGE, slice);
  expect(begun).toEqual([HUGE, HUGE]);
  line.changed(QUICK);
  line.changed(HUGE);
  line.gone(HUGE);
  expect(line.advance(null)).toEqual([QUICK]);
  expect(line.size).toBe(0);
});

test('a run that changes all the time is shown all the same, and once more when it is quiet', () => {
  const { line, begun, slice } = lineOf(200);
  line.changed(HUGE);
  slicesUntil(HUGE, slice, () => line.changed(HUGE));
  expect(begun.length).toBe(3);
  expect(line.waitMs()).toBeGreaterThan(100);
  expect(line.advance(null)).toEqual([HUGE]);
  expect(line.waitMs()).toBe(null);
});

test('who must see everything gets what is half made, what rests and what waits', () => {
  const { line, slice } = lineOf(100);
  line.changed(HUGE);
  slice();
  line.changed(QUICK);
  expect([...line.advance(null)].sort()).toEqual([HUGE, QUICK]);
});
