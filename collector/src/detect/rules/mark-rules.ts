import type { Policy } from '@throughline/model/policy';
import { nsFromMs, type UnixNs } from '@throughline/model/time';
import type { Patience } from '../entry.js';
import type { Mark } from '../mark.js';
import type { RunIndex } from '../run-index.js';
import { duplicateEffect } from './duplicate-effect.js';
import { eventCycle } from './event-cycle.js';
import { failedRun } from './failed-run.js';
import { lateSuccess } from './late-success.js';
import { lostContext } from './lost-context.js';
import type { Background, MarkRule } from './mark-statement.js';
import { poisonMessage } from './poison-message.js';
import { retryStorm } from './retry-storm.js';
import { uncompensatedEffect } from './uncompensated-effect.js';

/** The rules that a single run decides. */
export const MARK_RULES: readonly MarkRule[] = [
  duplicateEffect,
  eventCycle,
  failedRun,
  lateSuccess,
  lostContext,
  poisonMessage,
  retryStorm,
  uncompensatedEffect,
];

const NO_MARKS: readonly Mark[] = [];

/** What the rules notice in the run. */
export function marksOf(index: RunIndex, policy: Policy, patience: Patience): readonly Mark[] {
  const { run } = index;
  const background: Background = {
    index,
    policy,
    settledNs: (patienceMs) => settledNs(index, patience, patienceMs),
  };
  let all: readonly Mark[] = NO_MARKS;
  for (const rule of MARK_RULES) {
    const marks = rule.marksOf(run, background);
    if (marks.length > 0) all = [...all, ...marks];
  }
  return all;
}

/** Reports are judged by when they came; whoever does not know that takes the times in them. */
function settledNs({ run }: RunIndex, patience: Patience, ms: number): UnixNs {
  const { arrivedAt, arrivalGraceMs, latenessMs } = patience;
  let arrivedNs = 0n;
  for (const { step } of run.steps) {
    const atNs = arrivedAt(step.id);
    if (atNs > arrivedNs) arrivedNs = atNs;
  }
  if (arrivedNs === 0n) return (run.lastActivityAtNs + nsFromMs(ms)) as UnixNs;
  return (arrivedNs + nsFromMs(Math.max(ms, arrivalGraceMs, latenessMs(null)))) as UnixNs;
}
