import type { Run } from '@throughline/model/run';
import { failureOf, type Failure } from '../failure.js';
import { lacksSpans } from '../lost-spans.js';
import type { Mark } from '../mark.js';
import { runLabel } from '../run-label.js';
import { agoText, quotedText, several } from '../wording.js';
import { markStatement, type MarkRule } from './mark-statement.js';

/** A failure without the spans around it is believed when nothing more of the run has come for so long. */
const UNSEEN_END_MS = 45_000;

/** A run failed for good. Runs that failed at one step with one error are one finding. */
export const failedRun: MarkRule = {
  rule: 'failed-run',

  marksOf(run, { index, settledNs }) {
    if (run.status !== 'failed') return NO_MARKS;
    const { service, name, errorMessage } = failureOf(run) ?? nowhere(run);
    const mark: Mark = {
      rule: 'failed-run',
      cause: JSON.stringify([run.workflow, service, name, withoutIds(errorMessage ?? '')]),
      runId: run.id,
      label: runLabel(run),
      workflow: run.workflow,
      sinceNs: run.endedAtNs ?? run.lastActivityAtNs,
      service,
      what: name,
      where: null,
      detail: errorMessage,
      count: 1,
    };
    // Of a run that lacks the spans around it the end was not seen: whoever directs it may go on.
    const isTold = run.steps.some(({ step }) => step.outcome !== null);
    const isWhole = isTold || !lacksSpans(index);
    return [isWhole ? mark : { ...mark, ripeNs: settledNs(UNSEEN_END_MS) }];
  },

  judge(marks, view, now) {
    const { newest } = marks;
    const others = marks.length - 1;
    const reason = newest.detail === null ? '' : `: ${quotedText(newest.detail)}`;
    return markStatement(marks, view, {
      severity: 'critical',
      confidence: 1,
      subject: null,
      where: `${newest.what} in ${newest.service}`,
      sentence: `${newest.label} failed ${agoText(newest.sinceNs, now)} at "${quotedText(newest.what)}" in ${newest.service}${reason}.${others === 0 ? '' : ` ${several(others, 'other run', 'other runs')} failed the same way.`} Next: look at the failing step of the run.`,
      evidence: [
        { text: `failed at "${quotedText(newest.what)}" in ${newest.service}${reason}` },
        { text: 'runs that failed there with this error', value: marks.length },
      ],
      next: [
        {
          text: 'look at the failing step of the run',
          command: `throughline explain ${newest.runId}`,
        },
      ],
    });
  },
};

const NO_MARKS: readonly Mark[] = [];

function nowhere(run: Run): Failure {
  const service = run.steps.at(-1)?.step.service ?? run.workflow;
  return { service, name: run.workflow, errorMessage: null };
}

/** `order 8123 not found` and `order 8124 not found` are one cause. */
export function withoutIds(message: string): string {
  return message.replace(/[0-9a-f]{8,}|\d+/gi, '#');
}
