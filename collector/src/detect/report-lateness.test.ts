import type { UnixNs } from '@throughline/model/time';
import { describe, expect, it } from 'vitest';
import { ReportLateness } from './report-lateness.js';

const SECOND_NS = 1_000_000_000n;
const at = (seconds: number): UnixNs =>
  (BigInt(Math.round(seconds * 1_000)) * 1_000_000n) as UnixNs;

function told(lateS: readonly number[], service = 'billing'): ReportLateness {
  const lateness = new ReportLateness();
  lateS.forEach((late, second) => lateness.note(service, at(second), at(second + late)));
  return lateness;
}

describe('how late reports are', () => {
  it('is not known from a few', () => {
    expect(told(Array<number>(99).fill(50)).allowanceMs('billing')).toBe(0);
  });

  it('is what nearly all of them keep to, with a reserve', () => {
    const late = Array.from({ length: 500 }, (_, each) => (each % 60) as number);
    const allowanceMs = told(late).allowanceMs('billing');
    expect(allowanceMs).toBeGreaterThan(59_000);
    expect(allowanceMs).toBeLessThan(72_000);
  });

  it('is told of all services for one that nobody knows', () => {
    const late = Array<number>(200).fill(20);
    expect(told(late).allowanceMs('unknown')).toBe(told(late).allowanceMs(null));
    expect(told(late).allowanceMs('unknown')).toBeGreaterThan(20_000);
  });

  it('is at most two minutes, and not told by history that is read in', () => {
    expect(told(Array<number>(200).fill(590)).allowanceMs(null)).toBe(120_000);
    expect(told(Array<number>(200).fill(3_600)).allowanceMs(null)).toBe(0);
  });

  it('is forgotten when it is over for an hour', () => {
    const lateness = new ReportLateness();
    for (let second = 0; second < 9_000; second += 10) {
      const late = second < 1_800 ? 50n : 1n;
      const endedNs = at(second);
      lateness.note('billing', endedNs, (endedNs + late * SECOND_NS) as UnixNs);
      lateness.allowanceMs('billing');
    }
    expect(lateness.allowanceMs('billing')).toBeLessThan(2_000);
  });
});
