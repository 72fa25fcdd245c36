import { brokerQueueName } from '@throughline/model/broker';
import type { Evidence } from '@throughline/model/finding';
import type { UnixNs } from '@throughline/model/time';
import type { CountedQueue } from './broker-ledger.js';
import { agoText, countText, forText, quotedText, several } from './wording.js';

const SHOWN_MAX = 3;

/** What the brokers count there, as evidence beside what spans show. */
export function brokerEvidence(queues: readonly CountedQueue[], now: UnixNs): Evidence[] {
  const telling = [...queues].sort((a, b) => held(b) - held(a)).slice(0, SHOWN_MAX);
  return telling.map((each) => ({
    text: `${brokerQueueName(each.queue)} by the broker ${each.broker}, ${agoText(each.observedAtNs, now)}${staleText(each, now)}`,
    value: figuresText(each),
  }));
}

/** `37 waiting, 2 unsettled, 0 consumers`. */
export function figuresText({ queue }: CountedQueue): string {
  const { waiting, unsettled, consumers, givenUp } = queue;
  return [
    `${countText(waiting)} waiting`,
    ...(unsettled > 0 ? [`${countText(unsettled)} unsettled`] : []),
    ...(givenUp > 0 ? [`${countText(givenUp)} given up`] : []),
    ...(consumers === null ? [] : [several(consumers, 'consumer')]),
  ].join(', ');
}

/** `for 14 min`, or `for at least 14 min` where the broker does not tell ages. */
export function ageText({ queue }: CountedQueue, now: UnixNs): string {
  const { oldestAtNs, isOldestExact } = queue;
  if (oldestAtNs === null) return 'for some time';
  const text = forText(oldestAtNs, now);
  return isOldestExact ? text : text.replace('for ', 'for at least ');
}

/** Empty while the broker answers. */
export function staleText({ noData }: CountedQueue, now: UnixNs): string {
  if (noData === null) return '';
  return `; no data since ${agoText(noData.sinceNs, now)}: ${quotedText(noData.reason)}`;
}

/** A sentence for a finding that rests on what the broker said before it fell silent; empty while it answers. */
export function unknownSentence(each: CountedQueue, now: UnixNs): string {
  const { noData, broker, observedAtNs } = each;
  if (noData === null) return '';
  return ` Whether this still holds is unknown: the broker ${broker} said so ${agoText(observedAtNs, now)}, and there is no data now (${quotedText(noData.reason)}).`;
}

function held({ queue: { waiting, unsettled, givenUp } }: CountedQueue): number {
  return waiting + unsettled + givenUp;
}
