import { afterEach, describe, expect, it } from 'vitest';
import { ALL_SCENARIOS } from '@throughline/fixtures/scenarios/all-scenarios';
import type { ExpectedFinding, ExpectedRun } from '@throughline/fixtures/scenarios/scenario';
import type { RunDetail, RunItem } from '@throughline/model/api/runs';
import type { FindingView } from '@throughline/model/api/findings';
import { OPERATIONS, type Operation } from '../../collector/src/query/operations.js';
import { manualClock } from '../support/manual-clock.js';
import { openCollector, type OpenCollector } from '../support/open-collector.js';

let collector: OpenCollector | undefined;
afterEach(async () => {
  await collector?.close();
  collector = undefined;
});

const stories = ALL_SCENARIOS.map((scenario) => [scenario.name, scenario] as const);

describe('told through the front door', () => {
  it.each(stories)(
    '%s is answered as documented, run by run and finding by finding',
    async (_, scenario) => {
      const telling = scenario.tell();
      const clock = manualClock(telling.spans[0]!.startNs);
      collector = await openCollector({ policy: scenario.policy, clock });
      await collector.send(telling.spans);
      clock.advance(Number(telling.judgedAtNs - clock.now()) / 1e6);

      for (const operation of OPERATIONS.filter(({ method }) => method === 'get')) {
        for (const path of await pathsOf(operation, collector)) {
          const { status, body } = await collector.get(path);
          expect(status, path).toBe(200);
          // What the schema does not know is stripped by parsing: an undocumented field would show here.
          expect(operation.answer.parse(body), path).toEqual(body);
        }
      }
      for (const expected of telling.runs) await expectRun(collector, expected);
      const findings = await itemsOf<FindingView>(collector, '/findings');
      for (const expected of telling.findings) await expectFinding(collector, findings, expected);
    },
  );
});

async function itemsOf<T>(from: OpenCollector, path: string): Promise<T[]> {
  return ((await from.get(path)).body as { items: T[] }).items;
}

/** Values for the parts of paths: what there is, so that every route answers with something. */
async function pathsOf(operation: Operation, from: OpenCollector): Promise<string[]> {
  const runs = await itemsOf<RunItem>(from, '/runs');
  if (operation.path.startsWith('/runs/{id}')) {
    return runs.map(({ id }) => operation.path.replace('{id}', id));
  }
  if (operation.path === '/workflows/{name}') {
    const names = new Set(runs.map(({ workflow }) => workflow));
    return [...names].map((name) => `/workflows/${encodeURIComponent(name)}`);
  }
  if (operation.path.includes('{id}')) {
    const findings = await itemsOf<FindingView>(from, '/findings');
    return findings.map(({ id }) => operation.path.replace('{id}', id));
  }
  return [operation.path];
}

async function expectRun(from: OpenCollector, expected: ExpectedRun): Promise<void> {
  const { findBy } = expected;
  const key = 'trace' in findBy ? `trace:${findBy.trace}` : `${findBy.type}:${findBy.value}`;
  const found = await itemsOf<RunItem>(from, `/runs?key=${encodeURIComponent(key)}`);
  const details = await Promise.all(
    found.map(async ({ id }) => (await from.get(`/runs/${id}`)).body as RunDetail),
  );
  const run = details.find((one) => one.steps.some((step) => step.id === expected.steps[0]));
  if (run === undefined) throw new Error(`${expected.label} is not found by ${key}`);
  expect(run.steps.map(({ id }) => id).sort()).toEqual([...expected.steps].sort());
  expect(
    new Set(run.steps.flatMap(({ id, spanIds }) => spanIds.map((span) => `${id} ${span}`))).size,
  ).toBe(run.spanCount);
  const { workflow, pattern, status } = expected;
  expect(run).toMatchObject({
    services: expected.services,
    traceCount: expected.traceCount,
    errorCount: expected.errorCount,
    ...(workflow === undefined ? {} : { workflow }),
    ...(pattern === undefined ? {} : { pattern }),
    ...(status === undefined ? {} : { status }),
  });
  const ids = new Set(run.steps.map(({ id }) => id));
  expect(run.edges.filter(({ from: cause, to }) => !ids.has(cause) || !ids.has(to))).toEqual([]);
}

async function expectFinding(
  from: OpenCollector,
  findings: readonly FindingView[],
  { rule, says, runsAffected }: ExpectedFinding,
): Promise<void> {
  const finding = findings.find(
    (one) => one.rule === rule && says.every((words) => one.sentence.includes(words)),
  );
  expect(finding, `${rule} that says ${says.join(', ')}`).toMatchObject({ runsAffected });
  const affected = await itemsOf<RunItem>(from, `/runs?finding=${rule}`);
  expect(affected.map(({ id }) => id)).toEqual(expect.arrayContaining(finding?.runIds ?? []));
  for (const run of affected) expect(run.findings.map((one) => one.rule)).toContain(rule);
}
