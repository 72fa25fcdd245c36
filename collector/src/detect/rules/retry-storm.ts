import type { Run, RunStep } from '@throughline/model/run';
import type { Mark } from '../mark.js';
import { runLabel } from '../run-label.js';
import { agoText, quotedText, several } from '../wording.js';
import { markStatement, type MarkRule } from './mark-statement.js';

/** Failed attempts of one step in one run, with no success after them. */
const FAILURES_MIN = 5;

/** Attempts of a step pile up in an active run: it is tried again and again and does not get through. */
export const retryStorm: MarkRule = {
  rule: 'retry-storm',

  marksOf(run) {
    if (run.status !== 'active' || run.errorCount < FAILURES_MIN) return NO_MARKS;
    const tries = new Map<string, RunStep[]>();
    for (const each of run.steps) {
      const { role, isPending, service, name } = each.step;
      // Deliveries of a message are the poison message's business.
      if (isPending || (role !== 'call' && role !== 'work')) continue;
      const key = JSON.stringify([service, name]);
      tries.set(key, [...(tries.get(key) ?? []), each]);
    }
    return [...tries.values()].flatMap((same) => {
      const inOrder = same.sort((a, b) => (a.correctedStartNs < b.correctedStartNs ? -1 : 1));
      const lastSuccess = inOrder.findLastIndex(({ step }) => step.status !== 'error');
      const failures = inOrder.slice(lastSuccess + 1);
      return failures.length >= FAILURES_MIN ? [markOf(run, failures)] : [];
    });
  },

  judge(marks, view, now) {
    const { newest } = marks;
    const reason = newest.detail === null ? '' : `: ${quotedText(newest.detail)}`;
    const others = marks.length - 1;
    return markStatement(marks, view, {
      severity: 'warning',
      confidence: 1,
      subject: null,
      where: `${newest.what} in ${newest.service}`,
      sentence: `${newest.service} has tried "${quotedText(newest.what)}" for ${newest.label} ${several(newest.count, 'time')} in a row, last ${agoText(newest.sinceNs, now)}${reason}.${others === 0 ? '' : ` ${several(others, 'other run does', 'other runs do')} the same.`} Next: mend the cause or stop the retries.`,
      evidence: [{ text: 'failed attempts in a row', value: newest.count }],
      next: [
        {
          text: 'mend the cause or stop the retries',
          command: `throughline explain ${newest.runId}`,
        },
      ],
    });
  },
};

const NO_MARKS: readonly Mark[] = [];

function markOf(run: Run, failures: readonly RunStep[]): Mark {
  const last = failures[failures.length - 1]?.step;
  return {
    rule: 'retry-storm',
    cause: JSON.stringify([run.workflow, last?.service, last?.name]),
    runId: run.id,
    label: runLabel(run),
    workflow: run.workflow,
    sinceNs: last?.endedAtNs ?? run.lastActivityAtNs,
    service: last?.service ?? '',
    what: last?.name ?? '',
    where: null,
    detail: last?.errorMessage ?? null,
    count: failures.length,
  };
}
