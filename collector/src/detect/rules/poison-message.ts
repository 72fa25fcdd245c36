import type { Run, RunMessage, RunStep } from '@throughline/model/run';
import type { Mark } from '../mark.js';
import { messageName } from '../occurrences.js';
import { runLabel } from '../run-label.js';
import { agoText, quotedText, several } from '../wording.js';
import { markStatement, type MarkRule } from './mark-statement.js';

/** Deliveries that one consumer failed, with none in between that it mastered. Most brokers give up before. */
const FAILURES_MIN = 5;

/** The same message fails its consumer again and again, and nothing puts it aside. */
export const poisonMessage: MarkRule = {
  rule: 'poison-message',

  marksOf(run) {
    if (run.errorCount < FAILURES_MIN) return NO_MARKS;
    const steps = new Map(run.steps.map((each) => [each.step.id, each]));
    const aside = new Set(run.messages.flatMap((m) => (m.deadLettered ? (m.messageId ?? []) : [])));
    return run.messages.flatMap((message) => {
      if (message.deadLettered || aside.has(message.messageId ?? '')) return [];
      return message.takenByServices.flatMap((service) => {
        const takes = message.takenBy
          .flatMap((id) => steps.get(id) ?? [])
          .filter(({ step }) => step.service === service && !step.isPending);
        return takes.length >= FAILURES_MIN && takes.every(({ step }) => step.status === 'error')
          ? [markOf(run, message, takes)]
          : [];
      });
    });
  },

  judge(marks, view, now) {
    const { newest } = marks;
    const reason = newest.detail === null ? '' : `: ${quotedText(newest.detail)}`;
    const others = marks.length - 1;
    return markStatement(marks, view, {
      severity: 'critical',
      confidence: 1,
      subject: null,
      where: `${newest.what} → ${newest.service}`,
      sentence: `${newest.what} of ${newest.label} has failed ${newest.service} ${several(newest.count, 'time')}, last ${agoText(newest.sinceNs, now)}${reason}.${others === 0 ? '' : ` ${several(others, 'other message does', 'other messages do')} the same.`} Next: limit the deliveries of ${newest.where} and put the message aside.`,
      evidence: [{ text: `failed deliveries to ${newest.service}`, value: newest.count }],
      next: [
        {
          text: `limit the deliveries of ${newest.where} and put the message aside`,
          command: `throughline explain ${newest.runId}`,
        },
      ],
    });
  },
};

const NO_MARKS: readonly Mark[] = [];

function markOf(run: Run, message: RunMessage, takes: readonly RunStep[]): Mark {
  const last = takes.reduce((a, b) => (b.correctedStartNs > a.correctedStartNs ? b : a));
  const { service, errorMessage, endedAtNs } = last.step;
  return {
    rule: 'poison-message',
    cause: JSON.stringify([service, message.system, message.destination, messageName(message)]),
    runId: run.id,
    label: runLabel(run),
    workflow: run.workflow,
    sinceNs: endedAtNs,
    service,
    what: messageName(message),
    where: message.destination,
    detail: errorMessage,
    count: takes.length,
  };
}
