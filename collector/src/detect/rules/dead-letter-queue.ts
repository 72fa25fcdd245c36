import { brokerQueueName } from '@throughline/model/broker';
import { nsFromMs, type UnixNs } from '@throughline/model/time';
import { placeId } from '@throughline/model/traffic';
import type { CountedQueue } from '../broker-ledger.js';
import { ageText, figuresText, unknownSentence } from '../broker-words.js';
import { findingId } from '../finding-id.js';
import { agoText, listText, several } from '../wording.js';
import type { Judged } from './judged.js';

/** Spans of the same letters are on their way for so long: they know the runs, and come first. */
const SPANS_FIRST_MS = 10_000;

/**
 * By the broker's own count dead letters lie in a queue, or messages were given up, though no span tells. What the
 * broker said last holds until it says something else.
 */
export function deadLetterQueue(counted: CountedQueue, now: UnixNs): Judged | null {
  const { queue, observedAtNs, broker, noData } = counted;
  const { heldSinceNs } = queue;
  const count = queue.isDeadLetter ? queue.waiting + queue.unsettled : queue.givenUp;
  if (count === 0 || heldSinceNs === null) return null;
  if (heldSinceNs + nsFromMs(SPANS_FIRST_MS) > observedAtNs) return null;
  const next = nextSteps(counted);
  const sinceNs = queue.isOldestExact ? (queue.oldestAtNs ?? heldSinceNs) : heldSinceNs;
  const { system } = queue;
  const name = brokerQueueName(queue);
  return {
    // Nobody knows the runs. One letter more opens it again after a person has closed it.
    members: { size: count, has: () => false },
    newestNs: heldSinceNs,
    statement: {
      id: findingId('dead-letter-backlog', system, name),
      rule: 'dead-letter-backlog',
      severity: 'critical',
      sinceNs,
      subject: {
        kind: 'destination',
        id: placeId({
          kind: queue.isDeadLetter ? 'dead-letter' : 'destination',
          name: queue.name,
          system,
        }),
        label: name,
      },
      workflow: null,
      runIds: [],
      runsAffected: 0,
      where: queue.deadLetterOf.length === 0 ? name : `${listText(queue.deadLetterOf)} → ${name}`,
      verdict: 'dead-lettered',
      sentence: `${what(counted, count)}, the oldest ${ageText(counted, now)}; no span tells why.${unknownSentence(counted, now)} Next: ${next[0]?.text}.`,
      evidence: [
        {
          text: `by the broker ${broker}, ${agoText(observedAtNs, now)}`,
          value: figuresText(counted),
        },
        { text: 'seen like this, without a break, since', value: agoText(heldSinceNs, now) },
        ...(queue.deadLetterOf.length === 0
          ? []
          : [{ text: 'they come from', value: queue.deadLetterOf.join(', ') }]),
      ],
      next,
      owner: null,
      confidence: noData === null ? 1 : 0.5,
    },
  };
}

function what({ queue }: CountedQueue, count: number): string {
  const name = brokerQueueName(queue);
  if (queue.isDeadLetter) return `${name} (${queue.system}) holds ${several(count, 'message')}`;
  const max =
    queue.deliveriesMax === null
      ? ''
      : ` after ${several(queue.deliveriesMax, 'delivery', 'deliveries')}`;
  const lie = count === 1 ? 'it lies' : 'they lie';
  const left = `${lie} in the stream and nobody gets ${count === 1 ? 'it' : 'them'} any more`;
  return `The broker gave up ${several(count, 'message')} for ${name} (${queue.system})${max}: ${left}`;
}

function nextSteps({ queue }: CountedQueue) {
  const { isDeadLetter, deadLetterOf, group, redrive } = queue;
  const who =
    deadLetterOf.length === 0 ? 'its consumer' : `the consumer of ${listText(deadLetterOf)}`;
  const mend = isDeadLetter
    ? `mend what makes ${who} put messages aside, then send them back`
    : `mend what keeps ${group ?? 'its consumer'} from settling them, then have them delivered again`;
  return [
    { text: mend, ...(redrive === null ? {} : { command: redrive }) },
    { text: 'see what lies there', command: 'throughline dead-letters' },
  ];
}
