import { ALL_SCENARIOS } from '@throughline/fixtures/scenarios/all-scenarios';
import { describe, expect, it } from 'vitest';
import { criticalPath } from '../../collector/src/query/view/critical-path.js';
import { stepsOf, stepsOfBody, stitched } from './telling.js';

describe.each(ALL_SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
  'in %s',
  (_, scenario) => {
    const stitcher = stitched(stepsOf(scenario.tell().spans, scenario.policy.keys));
    const runs = [...stitcher.ids()].flatMap((id) => stitcher.run(id) ?? []);

    it('the critical path leads forward in time, within the run, and nothing is on it twice', () => {
      for (const run of runs) {
        const path = criticalPath(run);
        for (const [index, part] of path.entries()) {
          expect(part.toNs).toBeGreaterThan(part.fromNs);
          const next = path[index + 1];
          if (next) expect(next.fromNs).toBeGreaterThanOrEqual(part.toNs);
        }
      }
    });
  },
);

describe('an order that services hand on by events', () => {
  it('spends its time in handlers and between sending and taking', () => {
    const scenario = ALL_SCENARIOS.find(({ name }) => name === 'happy-order');
    if (!scenario) throw new Error('no such scenario');
    const stitcher = stitched(stepsOf(scenario.tell().spans, scenario.policy.keys));
    const [run] = [...stitcher.ids()].flatMap((id) => stitcher.run(id) ?? []);
    if (!run) throw new Error('no run');
    const path = criticalPath(run);
    const first = path[0];
    expect(first?.fromNs).toBe(run.startedAtNs);
    expect(path.some(({ waitOf }) => waitOf !== null)).toBe(true);
    // Without a gap: what a run waits for is on its path, too.
    for (const [index, part] of path.entries()) {
      const next = path[index + 1];
      if (next) expect(next.fromNs).toBe(part.toNs);
    }
  });
});

describe('an order whose services share nothing but its number', () => {
  it('goes by time from one to the other, and says that this is a guess', () => {
    const spanOf = (
      trace: string,
      name: string,
      [atMs, endMs]: readonly [number, number],
    ): object => ({
      traceId: trace.repeat(32),
      spanId: trace.repeat(16),
      name,
      kind: 1,
      startTimeUnixNano: String(1_767_225_600_000_000_000n + BigInt(atMs) * 1_000_000n),
      endTimeUnixNano: String(1_767_225_600_000_000_000n + BigInt(endMs) * 1_000_000n),
      attributes: [{ key: 'throughline.key.order', value: { stringValue: '8123' } }],
    });
    const spans = [spanOf('a', 'book', [0, 10_000]), spanOf('b', 'pay', [70_000, 71_000])];
    const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
    const stitcher = stitched(stepsOfBody(body));
    const [run] = [...stitcher.ids()].flatMap((id) => stitcher.run(id) ?? []);
    if (!run) throw new Error('no run');
    expect(
      criticalPath(run).map(({ waitOf, fromNs, toNs, isGuess }) => [
        waitOf === null ? 'work' : 'wait',
        Number((toNs - fromNs) / 1_000_000n),
        isGuess,
      ]),
    ).toEqual([
      ['work', 10_000, false],
      ['wait', 60_000, true],
      ['work', 1_000, false],
    ]);
  });
});
