import { msFromNs } from '@throughline/model/time';
import { expect, test } from 'vitest';
import { criticalPath } from '../../collector/src/query/view/critical-path.js';
import { runsOf, truth } from './recording.js';

interface Case {
  readonly case: string;
  readonly traceId: string;
  readonly critical_path_exclusive_ms: Readonly<Record<string, number>>;
  readonly critical_path_total_ms: number;
}

const runs = runsOf('critical-path/crisp.json');
const { cases } = truth<{ cases: Case[] }>('critical-path/crisp.truth.json');

test.each(cases.map((each) => [each.case, each] as const))(
  'case %s of the CRISP suite spends its time where the suite says',
  (_, told) => {
    const run = runs.find(({ traceIds }) => traceIds.some((id) => id === told.traceId));
    if (!run) throw new Error('no such run');
    const spent: Record<string, number> = {};
    let totalMs = 0;
    for (const { step: id, fromNs, toNs } of criticalPath(run)) {
      const step = run.steps.find((placed) => placed.step.id === id)?.step;
      const name = `[${step?.service ?? ''}] ${step?.name ?? ''}`;
      spent[name] = (spent[name] ?? 0) + msFromNs(toNs - fromNs);
      totalMs += msFromNs(toNs - fromNs);
    }
    expect(spent).toEqual(told.critical_path_exclusive_ms);
    expect(totalMs).toBe(told.critical_path_total_ms);
  },
);
