import type { StepId } from '@throughline/model/ids';
import type { Run, RunMessage, RunStep } from '@throughline/model/run';
import { nsFromMs } from '@throughline/model/time';
import type { Mark } from '../mark.js';
import { messageName } from '../occurrences.js';
import type { RunIndex } from '../run-index.js';
import { runLabel } from '../run-label.js';
import { agoText, quotedText, several } from '../wording.js';
import { markStatement, type MarkRule } from './mark-statement.js';

/** Two instances that take a message as if it were their first within so long share a broadcast. */
const BROADCAST_MS = 1_000;

/** One message led to the same effect twice: both handlings went well, and each sent or asked the same again. */
export const duplicateEffect: MarkRule = {
  rule: 'duplicate-effect',

  marksOf(run, { index }) {
    const marks: Mark[] = [];
    for (const message of run.messages) {
      if (message.takenBy.length < 2) continue;
      for (const takings of takingsByReader(message, index)) {
        const repeated = repeatedOf(takings, index);
        if (repeated !== null) marks.push(markOf(run, message, repeated));
      }
    }
    return marks.length === 0 ? NO_MARKS : marks;
  },

  judge(marks, view, now) {
    const { newest } = marks;
    const others = marks.length - 1;
    const effect = quotedText(newest.where ?? '');
    const act = `let ${newest.service} recognise what it has handled, by the id of the message or the key of the run`;
    return markStatement(marks, view, {
      severity: 'critical',
      confidence: 0.95,
      subject: null,
      where: `${newest.what} → ${newest.service} → ${effect}`,
      sentence: `${newest.service} handled ${newest.what} of ${newest.label} ${several(newest.count, 'time')} with success, last ${agoText(newest.sinceNs, now)}, and each time led to ${effect}.${others === 0 ? '' : ` ${several(others, 'other message was', 'other messages were')} handled twice the same way.`} Next: ${act}.`,
      evidence: [
        { text: `successful handlings of one ${newest.what}`, value: newest.count },
        { text: 'message', value: newest.detail ?? 'its id is not known' },
        { text: 'messages with a repeated effect', value: marks.length },
      ],
      next: [{ text: act, command: `throughline explain ${newest.runId}` }],
    });
  },
};

const NO_MARKS: readonly Mark[] = [];

/** Handlings that went well, of one reader: two subscriptions of one service are two readers. Earliest first. */
function takingsByReader({ takenBy }: RunMessage, { steps }: RunIndex): readonly RunStep[][] {
  const byReader = new Map<string, RunStep[]>();
  for (const id of takenBy) {
    const each = steps.get(id);
    if (each === undefined) continue;
    const { step } = each;
    if (step.role !== 'take' || step.status === 'error' || step.isPending) continue;
    if (step.skippedReason !== null || step.message?.deadLettered) continue;
    const { subscription, consumerGroup } = step.message ?? {};
    const reader = JSON.stringify([step.service, step.name, subscription, consumerGroup]);
    const same = byReader.get(reader);
    if (same === undefined) byReader.set(reader, [each]);
    else same.push(each);
  }
  return [...byReader.values()]
    .filter(({ length }) => length > 1)
    .map((all) => all.sort((a, b) => (a.correctedStartNs < b.correctedStartNs ? -1 : 1)));
}

interface Repeated {
  readonly effect: string;
  readonly takings: readonly RunStep[];
}

function repeatedOf(takings: readonly RunStep[], index: RunIndex): Repeated | null {
  const [first, ...later] = takings;
  if (first === undefined) return null;
  const done = effectsOf(first, index);
  const again = later.filter((each) => !isBroadcast(first, each));
  const both = again.flatMap((each) => {
    const effects = effectsOf(each, index);
    const sent = [...effects.sent].find(([what, ids]) => isNewSend(ids, done.sent.get(what)));
    // Whoever only asked first whether it had been done asked again, and stopped there.
    const isWhole =
      done.asked.size > 0 &&
      [...done.sent.keys()].every((what) => effects.sent.has(what)) &&
      [...done.asked].every((what) => effects.asked.has(what));
    const effect = sent?.[0] ?? (isWhole ? [...done.asked].sort()[0] : undefined);
    return effect === undefined ? [] : [{ effect, taking: each }];
  });
  const effect = both[0]?.effect;
  if (effect === undefined) return null;
  return { effect, takings: [first, ...both.map(({ taking }) => taking)] };
}

/** Sent again under the id of the first is for the broker, or the reader, to recognise. */
function isNewSend(ids: ReadonlySet<string>, before: ReadonlySet<string> | undefined): boolean {
  return before !== undefined && [...ids].some((id) => !before.has(id));
}

/** Each instance has its own copy of what goes to all of them. */
function isBroadcast(first: RunStep, second: RunStep): boolean {
  const { step } = second;
  if (step.instance === first.step.instance || second.attempt > first.attempt) return false;
  return second.correctedStartNs - first.correctedStartNs < nsFromMs(BROADCAST_MS);
}

interface Effects {
  /** What was sent where, and the ids of the messages. */
  readonly sent: ReadonlyMap<string, ReadonlySet<string>>;
  readonly asked: ReadonlySet<string>;
}

/** What the handling sent and asked for within its own service. */
function effectsOf(taking: RunStep, { steps, effects, messagesOfSender }: RunIndex): Effects {
  const sent = new Map<string, Set<string>>();
  const asked = new Set<string>();
  const open: StepId[] = [...(effects.get(taking.step.id) ?? [])];
  const seen = new Set<StepId>();
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const each = steps.get(id);
    if (each === undefined || seen.has(id) || each.step.service !== taking.step.service) continue;
    seen.add(id);
    // What came back by a message is an effect of that message.
    if (each.step.role === 'take') continue;
    if (each.step.role === 'send') noteSends(messagesOfSender.get(id) ?? [], each, sent);
    else if (changesSomething(each)) asked.add(askedText(each));
    open.push(...(effects.get(id) ?? []));
  }
  return { sent, asked };
}

function noteSends(
  messages: readonly RunMessage[],
  { step }: RunStep,
  sent: Map<string, Set<string>>,
): void {
  if (step.status === 'error' || step.isPending) return;
  for (const message of messages) {
    if (step.message?.isDeadLetterDestination === true) continue;
    const what = `${messageName(message)} to ${message.destination}`;
    sent.set(what, (sent.get(what) ?? new Set()).add(message.messageId ?? message.id));
  }
}

const CHANGING: ReadonlySet<unknown> = new Set(['POST', 'PATCH']);

/** A request that is not safe to repeat; of databases and caches nobody knows from the outside. */
function changesSomething({ step }: RunStep): boolean {
  if (step.role !== 'call' || step.status === 'error' || step.isPending) return false;
  const { attributes } = step;
  return CHANGING.has(attributes.get('http.request.method') ?? attributes.get('http.method'));
}

function askedText({ step }: RunStep): string {
  return step.peer === null ? step.name : `${step.name} of ${step.peer}`;
}

function markOf(run: Run, message: RunMessage, { effect, takings }: Repeated): Mark {
  const last = takings.at(-1)?.step;
  const what = messageName(message);
  return {
    rule: 'duplicate-effect',
    cause: JSON.stringify([last?.service, message.system, message.destination, what, effect]),
    runId: run.id,
    label: runLabel(run),
    workflow: run.workflow,
    sinceNs: last?.endedAtNs ?? run.lastActivityAtNs,
    service: last?.service ?? '',
    what,
    where: effect,
    detail: message.messageId,
    count: takings.length,
  };
}
