import { ALL_SCENARIOS } from '@throughline/fixtures/scenarios/all-scenarios';
import type { Scenario } from '@throughline/fixtures/scenarios/scenario';
import type { Finding } from '@throughline/model/finding';
import type { Run } from '@throughline/model/run';
import type { UnixNs } from '@throughline/model/time';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Detector } from '../../collector/src/detect/detector.js';
import { contributionOf } from '../../collector/src/stitch/contribution.js';
import { stepsOf, stitched } from '../stitching/telling.js';

const scenarios = ALL_SCENARIOS.map((scenario): [string, Scenario] => [scenario.name, scenario]);

function stage(scenario: Scenario) {
  const telling = scenario.tell();
  const stitcher = stitched(stepsOf(telling.spans, scenario.policy.keys), scenario.policy.flows);
  const runs = [...stitcher.ids()].map((id) => stitcher.run(id) as Run);
  const judge = (order: readonly Run[], detector = new Detector(scenario.policy, new Map())) => {
    for (const run of order) detector.runChanged(run, contributionOf(run), telling.judgedAtNs);
    detector.keysDemoted(stitcher.coarseKeys());
    detector.sweep(telling.judgedAtNs);
    return detector;
  };
  return { telling, runs, judge };
}

const byId = (findings: readonly Finding[]): Finding[] =>
  [...findings].sort((a, b) => (a.id < b.id ? -1 : 1));

describe.each(scenarios)('%s', (_, scenario) => {
  const { telling, runs, judge } = stage(scenario);

  test('gives the findings of the story and no other', () => {
    const findings = judge(runs).findings();
    const said = findings.map(({ rule, runsAffected }) => `${rule} × ${runsAffected}`).sort();
    expect(said, findings.map(({ sentence }) => sentence).join('\n')).toEqual(
      telling.findings.map(({ rule, runsAffected }) => `${rule} × ${runsAffected}`).sort(),
    );
    for (const told of telling.findings) {
      const found = findings.find(
        ({ rule, sentence }) =>
          rule === told.rule && told.says.every((word) => sentence.includes(word)),
      );
      expect(found, findings.map(({ sentence }) => sentence).join('\n')).toBeDefined();
      if (told.verdict !== undefined) expect(found?.verdict).toBe(told.verdict);
    }
  });

  test('gives the same findings whatever order the runs come in, and once more', () => {
    const expected = byId(judge(runs).findings());
    fc.assert(
      fc.property(fc.shuffledSubarray(runs, { minLength: runs.length }), fc.nat(), (order, at) => {
        const again = order.slice(0, at % (order.length + 1));
        expect(byId(judge([...order, ...again]).findings())).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });

  test('gives the same findings after a restart', () => {
    const first = judge(runs);
    const saved = new Map(first.toSave().map(({ id, value }) => [id, structuredClone(value)]));
    const second = judge(runs, new Detector(scenario.policy, saved));
    expect(byId(second.findings())).toEqual(byId(first.findings()));
  });

  test('takes everything back when the runs are gone', () => {
    const detector = judge(runs);
    for (const { id } of runs) detector.runGone(id);
    detector.keysDemoted([]);
    detector.sweep((telling.judgedAtNs + 1n) as UnixNs);
    expect(detector.findings().filter(({ state }) => state !== 'closed')).toEqual([]);
  });
});
