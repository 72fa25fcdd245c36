import { brokerQueueName } from '@throughline/model/broker';
import { nsFromMs, type UnixNs } from '@throughline/model/time';
import { placeId } from '@throughline/model/traffic';
import type { CountedQueue } from '../broker-ledger.js';
import { ageText, figuresText, unknownSentence } from '../broker-words.js';
import { findingId } from '../finding-id.js';
import { matchesGlob } from '../glob.js';
import type { Reader } from '../reader.js';
import { listGroupCommand, listReadersCommand } from '../routing.js';
import { agoText, countText, several, shellWord } from '../wording.js';
import type { Judged } from './judged.js';
import { missingConsumer } from './missing-consumer.js';
import { ownerOf, runbookOf, type RuleView } from './rule-view.js';

/** What spans may say about the same queue comes first: they know the runs. */
const SPANS_FIRST_MS = 10_000;

/**
 * By the broker's own count messages wait in a queue that nobody is attached to, though no span tells: their
 * producers send none, or theirs do not lead here. What the broker said last holds until it says something else.
 */
export function unreadQueue(counted: CountedQueue, view: RuleView, now: UnixNs): Judged | null {
  const { queue, observedAtNs } = counted;
  const { unattendedSinceNs: sinceNs } = queue;
  if (sinceNs === null || queue.isDeadLetter || queue.isDelay || isExcused(counted, view)) {
    return null;
  }
  const graceMs = view.policy.detect.missingConsumer.graceMs + SPANS_FIRST_MS;
  if (sinceNs + nsFromMs(graceMs) > observedAtNs) return null;
  const traffic = [...view.ledger.typesIn(queue)];
  if (traffic.some((type) => missingConsumer(type, view, now) !== null)) return null;
  const readers = traffic.flatMap((type) => [...view.ledger.readersOf(type).values()]);
  return judged({ counted, view, now, sinceNs, last: lastOf(readers) });
}

interface Case {
  readonly counted: CountedQueue;
  readonly view: RuleView;
  readonly now: UnixNs;
  readonly sinceNs: UnixNs;
  readonly last: Reader | null;
}

function isExcused({ queue }: CountedQueue, { policy }: RuleView): boolean {
  const names = [
    queue.name,
    brokerQueueName(queue),
    ...queue.fedBy.flatMap(({ destination, type }) => [
      destination,
      ...(type === null ? [] : [type]),
    ]),
  ];
  return policy.noConsumerExpected.some((glob) => names.some((name) => matchesGlob(glob, name)));
}

function judged({ counted, view, now, sinceNs, last }: Case): Judged {
  const { queue, broker, noData } = counted;
  const name = brokerQueueName(queue);
  const next = nextSteps(counted, view, last);
  const read =
    last === null
      ? ''
      : ` ${last.service} took messages from there until ${agoText(last.lastAtNs, now)}.`;
  return {
    members: { size: 0, has: () => false },
    newestNs: sinceNs,
    statement: {
      id: findingId('missing-consumer', broker, queue.system, queue.name, queue.group),
      rule: 'missing-consumer',
      severity: 'critical',
      sinceNs,
      subject: {
        kind: 'destination',
        id: placeId({ kind: 'destination', name: queue.name, system: queue.system }),
        label: name,
      },
      workflow: null,
      runIds: [],
      runsAffected: 0,
      where: `${name} → nobody`,
      verdict: 'consumer-absent',
      sentence: `Nobody is attached to ${name} (${queue.system}): by the count of the broker ${several(queue.waiting, 'message')} ${queue.waiting === 1 ? 'waits' : 'wait'} there, the oldest ${ageText(counted, now)}.${read}${unknownSentence(counted, now)} Next: ${next[0]?.text}.`,
      evidence: [
        {
          text: `by the broker ${broker}, ${agoText(counted.observedAtNs, now)}`,
          value: figuresText(counted),
        },
        { text: 'seen like this, without a break, since', value: agoText(sinceNs, now) },
        last === null
          ? { text: 'services that spans show reading it', value: 0 }
          : {
              text: `spans show ${last.service} reading it`,
              value: `${countText(last.takenCount)} taken`,
            },
      ],
      next,
      owner: ownerOf(view.policy, last?.service ?? null),
      confidence: noData === null ? 1 : 0.5,
    },
  };
}

function nextSteps({ queue }: CountedQueue, { policy }: RuleView, last: Reader | null) {
  const { system, group } = queue;
  const word = shellWord(queue.name);
  const command =
    group === null
      ? listReadersCommand(system, word)
      : listGroupCommand(system, word, shellWord(group));
  const who = last === null ? 'its consumer' : `the consumer of ${last.service}`;
  return [
    {
      text: `start ${who}, and check that it is attached to ${brokerQueueName(queue)}`,
      ...(command === null ? {} : { command }),
    },
    ...runbookOf(policy, last?.service ?? null),
    {
      text: `if nobody is meant to read it, add "${brokerQueueName(queue)}" to no_consumer_expected`,
    },
  ];
}

function lastOf(readers: readonly Reader[]): Reader | null {
  return readers.reduce<Reader | null>(
    (last, reader) => (last === null || reader.lastAtNs > last.lastAtNs ? reader : last),
    null,
  );
}
