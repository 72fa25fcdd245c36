import type { Run } from '@throughline/model/run';
import { failureOf, type Failure } from '../failure.js';
import type { Mark } from '../mark.js';
import { runLabel } from '../run-label.js';
import { agoText, quotedText, several } from '../wording.js';
import { markStatement, type MarkRule } from './mark-statement.js';

/** A run failed for good. Runs that failed at one step with one error are one finding. */
export const failedRun: MarkRule = {
  rule: 'failed-run',

  marksOf(run) {
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
    return [mark];
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
