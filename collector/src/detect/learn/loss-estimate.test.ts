import { describe, expect, it } from 'vitest';
import { DelaySketch } from '../delay-sketch.js';
import type { Lesson } from './lesson.js';
import { LossEstimate } from './loss-estimate.js';

function lesson(sampleCount: number, waivedCount: number): Lesson {
  return {
    reactor: 'inventory',
    state: 'learned',
    sampleCount,
    runCount: sampleCount,
    share: 1,
    deadlineMs: 5_000,
    delays: new DelaySketch(),
    firstOpenedAtNs: 0n as never,
    lastOpenedAtNs: 0n as never,
    isAlternative: false,
    missesSingles: true,
    isFaint: false,
    waivedCount,
    streaks: null,
  };
}

function estimate(lost: readonly number[]): number {
  const loss = new LossEstimate();
  lost.forEach((waived, place) => loss.note(String(place), [lesson(990, waived)]));
  return loss.share;
}

describe('of all spans, the share that gets lost', () => {
  it('is what all places lose', () => {
    expect(estimate([10, 10, 10, 10, 10, 10])).toBeCloseTo(0.01, 3);
  });

  it('is nothing where one service of six loses every tenth of its own', () => {
    expect(estimate([0, 0, 110, 0, 0, 0])).toBe(0);
  });

  it('is nothing where it is too little to matter', () => {
    expect(estimate([0, 0, 1, 0, 0, 0])).toBe(0);
  });
});
