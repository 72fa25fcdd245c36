import type { RunId } from '@throughline/model/ids';
import { describe, expect, it } from 'vitest';
import { DirtyRuns } from './dirty-runs.js';

const [A, B, C] = ['r_a', 'r_b', 'r_c'] as unknown as readonly [RunId, RunId, RunId];

function all(dirty: DirtyRuns, nowMs: number): RunId[] {
  const taken: RunId[] = [];
  for (let id = dirty.take(nowMs); id !== undefined; id = dirty.take(nowMs)) taken.push(id);
  return taken;
}

describe('runs to assemble', () => {
  it('come in the order in which they fell silent, each once', () => {
    const dirty = new DirtyRuns();
    for (const [at, id] of [A, B, C, A].entries()) dirty.changed(id, at);
    expect(all(dirty, 4)).toEqual([B, C, A]);
    expect(dirty.size).toBe(0);
  });

  it('are not put off for ever by changing again and again', () => {
    const dirty = new DirtyRuns();
    dirty.changed(A, 0);
    dirty.changed(B, 500);
    dirty.changed(A, 999);
    dirty.changed(B, 1_400);
    dirty.changed(A, 1_500);
    expect(all(dirty, 1_500)).toEqual([A, B]);
  });

  it('rest in proportion to what they cost', () => {
    const dirty = new DirtyRuns();
    dirty.assembled(A, 200, 1_000);
    dirty.changed(A, 1_001);
    dirty.changed(A, 2_000);
    expect(dirty.take(2_999)).toBeUndefined();
    expect(dirty.waitMs(2_000)).toBe(1_000);
    expect(dirty.take(3_000)).toBe(A);
    expect(dirty.waitMs(3_000)).toBeNull();
  });

  it('are taken out of their rest by whoever wants them all', () => {
    const dirty = new DirtyRuns();
    dirty.assembled(A, 200, 0);
    dirty.changed(A, 1);
    expect(dirty.takeAny()).toBe(A);
  });

  it('are forgotten when they are gone', () => {
    const dirty = new DirtyRuns();
    dirty.changed(A, 0);
    dirty.assembled(B, 200, 0);
    dirty.changed(B, 0);
    dirty.gone(A);
    dirty.gone(B);
    expect(dirty.size).toBe(0);
    expect(dirty.takeAny()).toBeUndefined();
  });
});
