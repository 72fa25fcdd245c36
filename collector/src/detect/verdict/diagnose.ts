import { msFromNs, type UnixNs } from '@throughline/model/time';
import type { Pledge } from '../pledge.js';
import type { Standstill, StepGlimpse } from '../standstill.js';
import { agoText, durationText, forText, quotedText } from '../wording.js';
import type { Diagnosis, Judge, Surroundings, Words } from './diagnosis.js';
import { keyMismatch } from './key-mismatch.js';
import { copyPutAside, laterPutAside, openingPutAside } from './put-aside.js';
import { unread } from './unread.js';

/** A handler that reported itself unfinished and has been silent for longer than this is held to be dead. */
export const HANDLER_SILENT_MS = 60_000;

/** The first judge that has proof decides; the last one always has an answer. */
export function diagnose(pledge: Pledge, still: Standstill, around: Surroundings): Diagnosis {
  for (const judge of pledge.form === 'finish' ? STEP_JUDGES : JUDGES) {
    const diagnosis = judge(pledge, still, around);
    if (diagnosis !== null) return diagnosis;
  }
  return neverSent(pledge, still);
}

/** The step on its run's page. */
function stepLink({ runId }: Pledge, { id }: StepGlimpse): string {
  return `/runs/${runId}?sel=${id}`;
}

const waiting: Judge = (pledge, { waits }, { now }) => {
  const wait = waits[0];
  if (wait === undefined) return null;
  const isHuman = wait.declaredKind === 'approval';
  const name = quotedText(wait.name);
  return {
    verdict: isHuman ? 'waiting-human' : 'waiting-timer',
    cause: wait.name,
    blockedBy: wait.id,
    words: () => ({
      clause: `it waits for ${isHuman ? 'a decision' : 'a timer'}, "${name}" in ${wait.service}, ${forText(wait.startedAtNs, now)}`,
      evidence: [
        { text: `${wait.service} reports "${name}" as open`, link: stepLink(pledge, wait) },
      ],
      next: [
        isHuman
          ? { text: `ask who decides "${name}", or give the step a deadline` }
          : { text: `check when the timer "${name}" is to fire` },
      ],
    }),
  };
};

/** The promised service has the message, or had it. */
const acting: Judge = (pledge, still, around) => {
  const { act } = still;
  if (act === null) return null;
  if (act.isPending) return unfinished(act, pledge, around.now);
  if (!act.isError) return null;
  return (
    openingPutAside(pledge, still, around) ??
    copyPutAside(pledge, still, around) ??
    failing(act, pledge, around.now)
  );
};

function unfinished(act: StepGlimpse, pledge: Pledge, now: UnixNs): Diagnosis {
  const silentMs = msFromNs(now - act.seenAtNs);
  const isCrashed = silentMs > HANDLER_SILENT_MS;
  return {
    verdict: isCrashed ? 'handler-crashed' : 'handler-in-flight',
    cause: act.name,
    blockedBy: act.id,
    words: () => {
      const name = quotedText(act.name);
      const began = `${act.service} began "${name}" ${agoText(act.startedAtNs, now)}`;
      const what = pledge.event === null ? '' : ` and has not sent ${pledge.event}`;
      return {
        clause: isCrashed
          ? `${began}${what}, and has not been heard of for ${durationText(silentMs)}`
          : `${began} and is still at it`,
        evidence: [
          { text: `open step "${name}" of ${act.service}`, link: stepLink(pledge, act) },
          { text: 'last report of the open step', value: agoText(act.seenAtNs, now) },
        ],
        next: isCrashed
          ? [
              {
                text: `check whether ${act.service} restarted, and whether the message was delivered again`,
              },
            ]
          : [{ text: `look at what "${name}" in ${act.service} waits for` }],
      };
    },
  };
}

function failing(act: StepGlimpse, pledge: Pledge, now: UnixNs): Diagnosis {
  return {
    verdict: 'retrying',
    cause: act.errorMessage ?? act.name,
    blockedBy: act.id,
    words: () => {
      const reason = act.errorMessage === null ? '' : `: ${quotedText(act.errorMessage)}`;
      const attempts = act.attempt > 1 ? ` at attempt ${act.attempt}` : '';
      return {
        clause: `${act.service} failed${attempts} ${agoText(act.startedAtNs, now)}${reason}`,
        evidence: [
          { text: `failed step "${quotedText(act.name)}"${reason}`, link: stepLink(pledge, act) },
        ],
        next: [
          {
            text: `mend what makes ${act.service} fail on ${pledge.afterName}, then deliver it again`,
          },
        ],
      };
    },
  };
}

/** Somebody on the way is still at work: a call that is not answered, or a handler that does not end. */
const inFlight: Judge = (pledge, { pending }, { now }) => {
  const step = pending[0];
  if (step === undefined) return null;
  if (step.role !== 'call') return unfinished(step, pledge, now);
  const peer = step.peer ?? 'another system';
  return {
    verdict: 'waiting-external',
    cause: `${step.service} ${peer}`,
    blockedBy: step.id,
    words: () => ({
      clause: `${step.service} waits for an answer of ${peer} ${forText(step.startedAtNs, now)}`,
      evidence: [
        {
          text: `open call "${quotedText(step.name)}" of ${step.service}`,
          link: stepLink(pledge, step),
        },
      ],
      next: [{ text: `check ${peer}, and give the call of ${step.service} a timeout` }],
    }),
  };
};

function neverSent(pledge: Pledge, { act }: Standstill): Diagnosis {
  return {
    verdict: 'never-sent',
    isUnplaced: act === null,
    cause: act?.skippedReason ?? pledge.what,
    blockedBy: act?.id ?? `${pledge.runId} ${pledge.what}`,
    words: () => neverSentWords(pledge, act),
  };
}

function neverSentWords(pledge: Pledge, act: StepGlimpse | null): Words {
  const who = act?.service ?? pledge.by;
  const skipped = act?.skippedReason ?? null;
  const what = pledge.form === 'event' ? pledge.what : `reached ${pledge.what}`;
  const has = pledge.form === 'event' ? 'sent' : '';
  const missing = `has not ${has} ${what}`.replace(/ +/g, ' ');
  const clause =
    act === null
      ? `${who ?? 'nobody'} ${missing}`
      : skipped === null
        ? `${act.service} handled it and ${missing}`
        : `${act.service} decided not to react: ${quotedText(skipped)}`;
  return {
    clause: who === null ? clause.replace('nobody has not', 'nobody has') : clause,
    evidence: [
      {
        text:
          act === null
            ? `no span of ${who ?? 'any service'} shows ${pledge.what}`
            : `"${quotedText(act.name)}" of ${act.service} ended without it`,
        ...(act === null ? {} : { link: stepLink(pledge, act) }),
      },
    ],
    next: [
      {
        text: `search the log of ${who ?? 'the last service'} for the reason`,
        command: `throughline explain ${pledge.runId}`,
      },
    ],
  };
}

const JUDGES: readonly Judge[] = [
  waiting,
  acting,
  openingPutAside,
  keyMismatch,
  unread,
  inFlight,
  laterPutAside,
];
/** A step that should end: what it waits for comes first. */
const STEP_JUDGES: readonly Judge[] = [waiting, inFlight, openingPutAside, unread, laterPutAside];
