import type { UnixNs } from '@throughline/model/time';
import type { MessageGlimpse } from '../standstill.js';
import { agoText, quotedText } from '../wording.js';
import type { Diagnosis, Judge } from './diagnosis.js';

/** A message that outlived its time or its queue was put aside by the broker, whoever else took it. */
const BROKER_REASONS = new Set(['expired', 'maxlen']);

/** The message itself was put aside, and not by another of its readers. */
export const openingPutAside: Judge = ({ by }, { opening }, { now }) => {
  const letter = opening?.deadLetter;
  if (!opening || !letter) return null;
  const takers = opening.takenByServices;
  const isOthers = by !== null && takers.length > 0 && !takers.includes(by);
  return isOthers && !BROKER_REASONS.has(letter.reason) ? null : putAside(opening, letter, now);
};

/** Whoever failed wrote a copy of the message to a dead-letter place himself, as Kafka's and many others' clients do. */
export const copyPutAside: Judge = (_pledge, { act, held }, { now }) => {
  if (act === null) return null;
  const copy = held.findLast(
    ({ deadLetter, sentByService, sentAtNs }) =>
      deadLetter !== null &&
      sentByService === act.service &&
      (sentAtNs === null || sentAtNs >= act.startedAtNs),
  );
  return copy?.deadLetter ? putAside(copy, copy.deadLetter, now) : null;
};

/** Something that the opening led to was put aside. */
export const laterPutAside: Judge = (_pledge, { held }, { now }) => {
  const message = held.find(({ deadLetter }) => deadLetter !== null);
  return message?.deadLetter ? putAside(message, message.deadLetter, now) : null;
};

function putAside(
  message: MessageGlimpse,
  { reason, detail }: NonNullable<MessageGlimpse['deadLetter']>,
  now: UnixNs,
): Diagnosis {
  return {
    verdict: 'dead-lettered',
    cause: reason,
    blockedBy: message.id,
    words: () => {
      const since = message.sentAtNs === null ? '' : ` (sent ${agoText(message.sentAtNs, now)})`;
      const said = quotedText(reason);
      const why = detail === null ? said : `${said}: ${quotedText(detail)}`;
      return {
        clause: `${message.name} was dead-lettered: ${why}`,
        evidence: [
          { text: `${message.name} of ${message.destination} was put aside${since}: ${why}` },
        ],
        next: [
          {
            text: 'mend the cause, then send the dead letters back',
            command: 'throughline dead-letters',
          },
        ],
      };
    },
  };
}
