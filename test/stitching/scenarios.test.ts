import { ALL_SCENARIOS } from '@throughline/fixtures/scenarios/all-scenarios';
import type { ExpectedRun, Scenario } from '@throughline/fixtures/scenarios/scenario';
import type { Run } from '@throughline/model/run';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalDump } from '../../collector/src/stitch/canonical-dump.js';
import { Stitcher } from '../../collector/src/stitch/stitch.js';
import { LIMITS } from '../../collector/src/limits.js';
import { stepsOf, stitched } from './telling.js';

const scenarios = ALL_SCENARIOS.map((scenario): [string, Scenario] => [scenario.name, scenario]);

describe.each(scenarios)('%s', (_, scenario) => {
  const telling = scenario.tell();
  const steps = stepsOf(telling.spans, scenario.policy.keys);
  const stitcher = stitched(steps, scenario.policy.flows);
  const runs = [...stitcher.ids()].map((id) => stitcher.run(id) as Run);

  test('gives exactly the runs of the story', () => {
    expect(runs.map(stepIds).sort()).toEqual(
      telling.runs.map(({ steps: told }) => [...told].sort().join(' ')).sort(),
    );
  });

  test.each(telling.runs.map((told): [string, ExpectedRun] => [told.label, told]))(
    'run “%s” is as told',
    (_label, told) => {
      const run = find(runs, told);
      expect(run.services).toEqual([...told.services].sort());
      expect(run.traceIds.length).toBe(told.traceCount);
      expect(run.errorCount).toBe(told.errorCount);
      const shown = {
        ...(told.workflow === undefined ? {} : { workflow: run.workflow }),
        ...(told.pattern === undefined ? {} : { pattern: run.pattern }),
        ...(told.status === undefined ? {} : { status: run.status }),
        ...(told.isProvisional === undefined ? {} : { isProvisional: run.isProvisional }),
      };
      const { workflow, pattern, status, isProvisional } = told;
      expect({ workflow, pattern, status, isProvisional }).toMatchObject(shown);
      if (told.edges) {
        expect(
          run.edges
            .map(({ from, to, kind, evidence }) => ({ from, to, kind, evidence }))
            .sort(byText),
        ).toEqual([...told.edges].sort(byText));
      }
      expect(
        run.messages
          .map(({ type, messageId, sentBy, takenBy, deadLettered, destination }) => ({
            type,
            destination,
            messageId,
            sentBy,
            takenBy: [...takenBy].sort(),
            deadLettered,
          }))
          .sort(byText),
      ).toEqual(
        told.messages.map((one) => ({ ...one, takenBy: [...one.takenBy].sort() })).sort(byText),
      );
      if (told.parent !== undefined) {
        const parent = find(
          runs,
          telling.runs.find(({ label }) => label === told.parent) as ExpectedRun,
        );
        expect(run.parent).toBe(parent.id);
        expect(parent.children).toContain(run.id);
      }
      if (told.skewed) {
        expect(run.skewCorrections.map(({ service }) => service).sort()).toEqual(
          [...told.skewed].sort(),
        );
      }
    },
  );

  test('names the coarse keys of the story', () => {
    expect(
      stitcher.coarseKeys().map(({ type, value, reason }) => ({ type, value, reason })),
    ).toEqual([...telling.coarseKeys].sort((a, b) => (a.type < b.type ? -1 : 1)));
  });

  test('gives the same, byte for byte, in any order, twice, in any batching', () => {
    const whole = canonicalDump(stitcher);
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...steps, ...steps], { minLength: steps.length * 2 }),
        fc.integer({ min: 1, max: 7 }),
        (order, batch) => {
          const other = new Stitcher({
            keyPartnersMax: LIMITS.keyPartnersMax,
            flows: scenario.policy.flows,
          });
          for (let at = 0; at < order.length; at += batch) {
            other.add(order.slice(at, at + batch), at + 1);
            for (const id of other.takeChanges().changed) other.run(id);
          }
          expect(canonicalDump(other)).toBe(whole);
        },
      ),
      { numRuns: 12 },
    );
  });
});

function stepIds(run: Run): string {
  return run.steps
    .map(({ step }) => step.id)
    .sort()
    .join(' ');
}

function find(runs: readonly Run[], told: ExpectedRun): Run {
  const text = [...told.steps].sort().join(' ');
  const run = runs.find((one) => stepIds(one) === text);
  if (!run) throw new Error(`no run holds exactly the steps of “${told.label}”`);
  return run;
}

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}
