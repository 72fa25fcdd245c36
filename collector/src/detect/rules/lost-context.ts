import type { Run, RunMessage } from '@throughline/model/run';
import type { Step } from '@throughline/model/step';
import type { Mark } from '../mark.js';
import { messageName } from '../occurrences.js';
import { runLabel } from '../run-label.js';
import { listText, several } from '../wording.js';
import { markStatement, type MarkRule } from './mark-statement.js';

/** Where instrumentations say what they are. */
const LIBRARY_ATTRIBUTES = ['otel.scope.name', 'resource.telemetry.sdk.language'];

/** A consumer lost the trace context of its message: only the message's id ties it to the producer. */
export const lostContext: MarkRule = {
  rule: 'lost-context',

  marksOf(run) {
    const tied = run.edges.filter(
      ({ kind, evidence }) => kind === 'message' && evidence === 'message-id',
    );
    if (tied.length === 0) return NO_MARKS;
    const steps = new Map(run.steps.map(({ step }) => [step.id, step]));
    const marks = new Map<string, Mark>();
    for (const { to } of tied) {
      const taking = steps.get(to);
      if (taking === undefined || taking.links.length > 0 || taking.parentSpanId !== null) continue;
      const message = run.messages.find(({ takenBy }) => takenBy.includes(to));
      if (message !== undefined) marks.set(taking.service, markOf(run, taking, message));
    }
    return [...marks.values()];
  },

  judge(marks, view) {
    const { newest } = marks;
    const library = newest.detail === null ? '' : ` (${newest.detail})`;
    const producers = marks.all.values('where').map((where) => where || 'its producer');
    return markStatement(marks, view, {
      severity: 'info',
      confidence: 0.9,
      subject: { kind: 'service', id: `service:${newest.service}`, label: newest.service },
      where: `${newest.what} → ${newest.service}`,
      sentence: `${newest.service}${library} loses the trace context of ${newest.what} from ${listText(producers)}: in ${several(marks.length, 'run')} only the message id ties them. Next: let ${newest.service} read the headers of the message, or set a correlation id.`,
      evidence: [{ text: 'runs tied by the message id alone', value: marks.length }],
      next: [
        {
          text: `let ${newest.service} read traceparent from the headers of the message, or set a correlation id on it`,
        },
      ],
    });
  },
};

const NO_MARKS: readonly Mark[] = [];

function markOf(run: Run, taking: Step, message: RunMessage): Mark {
  const library = LIBRARY_ATTRIBUTES.map((name) => taking.attributes.get(name)).find(
    (value) => typeof value === 'string',
  );
  return {
    rule: 'lost-context',
    cause: JSON.stringify([taking.service, message.system, message.destination]),
    runId: run.id,
    label: runLabel(run),
    workflow: run.workflow,
    sinceNs: taking.startedAtNs,
    service: taking.service,
    what: messageName(message),
    where: message.sentByService,
    detail: library ?? null,
    count: 1,
  };
}
