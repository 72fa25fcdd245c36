import type { UnixNs } from '@throughline/model/time';
import { describe, expect, it } from 'vitest';
import { ReceiveTimes } from './receive-times.js';

const ms = (value: number): UnixNs => BigInt(value * 1_000_000) as UnixNs;

describe('receive times', () => {
  it('tell of each body when it came, to the quarter of a second and never too early', () => {
    const times = new ReceiveTimes();
    const received = [0, 10, 240, 251, 252, 9_000, 9_001, 9_260].map(ms);
    received.forEach((at, index) => times.note(index + 1, at));
    const told = received.map((_, index) => times.of(index + 1));
    expect(told).toEqual([250, 250, 250, 500, 500, 9_250, 9_250, 9_500].map(ms));
  });

  it('know nothing of bodies before the first that was noted', () => {
    const times = new ReceiveTimes();
    times.note(5, ms(1_000));
    expect(times.of(4)).toBe(0n);
  });
});
