import type { Evidence } from '@throughline/model/finding';
import { nsFromMs, type UnixNs } from '@throughline/model/time';
import { placeId } from '@throughline/model/traffic';
import type { CountedQueue } from '../broker-ledger.js';
import { brokerEvidence } from '../broker-words.js';
import { findingId } from '../finding-id.js';
import { matchesGlob } from '../glob.js';
import { always, type Verdicts } from '../judging.js';
import { chanceOfLateness } from '../lateness.js';
import type { TypeTraffic, Untaken } from '../type-traffic.js';
import { agoText, countText, listText, several } from '../wording.js';
import { affectedRuns } from './affected-runs.js';
import type { Judged } from './judged.js';
import { ownerOf, runbookOf, type RuleView } from './rule-view.js';

/** Fewer than this may be chance, or one lost span. */
const MIN_MESSAGES = 5;
/** A message may be overtaken for so long, and for so many times the usual wait. */
const GRACE_MS = 5 * 60_000;
const PATIENCE = 5;
/** It is told for so long after the last of them. */
const NEWS_MS = 86_400_000;
/**
 * What is never taken by anybody (a filter, a sampler) is no loss: it comes all the time. That all of them lie so close
 * together must not be chance, wherever they might have lain.
 */
const CHANCE_MAX = 1e-6;
/** Where about as many takings lack their sending, spans get lost, and no messages. */
const LOSS_FACTOR = 3;

/**
 * The books of a destination do not balance: messages were sent that nobody took, that nobody put aside and that no
 * broker holds, while later ones were taken; and it was not always so.
 */
export function unaccountedMessages(traffic: TypeTraffic, view: RuleView, now: UnixNs): Verdicts {
  const books = isJudged(traffic, view) ? booksOf(traffic, view) : null;
  const last = books?.strays.newest();
  if (books === null || last === undefined || last.sinceNs + nsFromMs(NEWS_MS) <= now) {
    return always(null);
  }
  if (!isOutOfBalance(books, view)) return always(null);
  return {
    judged: [judged(books, view, now)],
    dueNs: (last.sinceNs + nsFromMs(NEWS_MS) + 1n) as UnixNs,
  };
}

interface Books {
  readonly traffic: TypeTraffic;
  readonly readers: readonly string[];
  readonly strays: Untaken;
  readonly firstNs: UnixNs;
  /** Sent from the first of them to the last, and before and after. */
  readonly within: number;
  readonly outside: number;
  readonly queues: readonly CountedQueue[];
  /** By the brokers' count, what lies there or was put aside without any span of it. */
  readonly held: number;
}

function isJudged(
  { isDeadLetterDestination, destination, messageType }: TypeTraffic,
  { policy }: RuleView,
): boolean {
  if (isDeadLetterDestination) return false;
  return !policy.noConsumerExpected.some(
    (glob) => matchesGlob(glob, destination) || matchesGlob(glob, messageType ?? destination),
  );
}

/** Up to what the readers have passed by; null when nothing is missing. */
function booksOf(traffic: TypeTraffic, view: RuleView): Books | null {
  // Nearly always everything was taken: then there is no need to ask anybody.
  if (traffic.untakenCount === 0) return null;
  const readers = view.ledger.readersOf(traffic);
  let lastAtNs = 0n;
  for (const reader of readers.values()) {
    if (reader.lastAtNs > lastAtNs) lastAtNs = reader.lastAtNs;
  }
  const usualMs = traffic.waits.quantileMs(0.99) ?? 0;
  const { graceMs = GRACE_MS } = view.policy.detect.unaccounted ?? {};
  const upToNs = lastAtNs - nsFromMs(Math.round(Math.max(graceMs, PATIENCE * usualMs)));
  const strays = traffic.strays(upToNs);
  const first = strays.oldest();
  if (first === undefined) return null;
  const firstNs = first.sinceNs;
  const within = traffic.sentBetween(firstNs - 1n, strays.newest()?.sinceNs ?? firstNs);
  const queues = view.brokers.holdingOf(traffic).filter(({ noData }) => noData === null);
  return {
    traffic,
    readers: [...readers.keys()].sort(),
    strays,
    firstNs,
    within,
    outside: traffic.sentBetween(-1n, upToNs) - within,
    queues,
    held: heldBy(queues, traffic, view),
  };
}

function heldBy(queues: readonly CountedQueue[], traffic: TypeTraffic, view: RuleView): number {
  let held = 0;
  const letters = new Set<CountedQueue>();
  for (const { queue } of queues) {
    held += queue.waiting + queue.unsettled + queue.givenUp;
    for (const each of view.brokers.lettersOf(queue)) letters.add(each);
  }
  let aside = 0;
  for (const { queue } of letters) aside += queue.waiting + queue.unsettled;
  return held + Math.max(0, aside - traffic.asideCount);
}

function isOutOfBalance(books: Books, { policy }: RuleView): boolean {
  const { traffic, strays, within, outside, held } = books;
  const { minMessages = MIN_MESSAGES } = policy.detect.unaccounted ?? {};
  const count = strays.size;
  if (count - held < minMessages) return false;
  const chance = chanceOfLateness(count, { since: within, before: outside });
  if (chance * (within + outside) > CHANCE_MAX) return false;
  return count > LOSS_FACTOR * traffic.unsentCount;
}

function judged(books: Books, view: RuleView, now: UnixNs): Judged {
  const { traffic, strays, readers, held, outside, firstNs } = books;
  const { system, destination, messageType } = traffic;
  const name = messageType ?? destination;
  const { members, newestNs, ...runs } = affectedRuns(strays);
  const producer = strays.only('producer');
  const who = readers.length === 0 ? 'its readers' : listText(readers);
  const count = strays.size - held;
  const from = name === destination ? '' : ` to ${destination}`;
  const act = `search the logs of ${who} for these runs, and see whether their spans are exported`;
  return {
    members,
    newestNs,
    statement: {
      ...runs,
      id: findingId('unaccounted-messages', system, destination, messageType),
      rule: 'unaccounted-messages',
      severity: 'warning',
      subject: {
        kind: 'destination',
        id: placeId({ kind: 'destination', name: destination, system }),
        label: destination,
      },
      workflow: strays.only('workflow'),
      where: `${name} → ?`,
      verdict: 'telemetry-gap',
      sentence: `${several(count, 'message')} ${name}${from} (${system}) ${count === 1 ? 'is' : 'are'} unaccounted for, the first sent ${agoText(firstNs, now)}: ${brokerText(books)}, while ${who} took later ones. All ${countText(outside)} before and after that were taken or put aside. Next: ${act}.`,
      evidence: balance(books, now),
      next: [
        { text: act, command: `throughline run ${strays.newest()?.runId ?? ''}` },
        ...runbookOf(view.policy, readers[0] ?? null),
        {
          text: `if nobody is meant to read them, add "${name}" to no_consumer_expected`,
        },
      ],
      owner: ownerOf(view.policy, readers[0] ?? producer),
      confidence: books.queues.length === 0 ? 0.7 : 0.9,
    },
  };
}

function brokerText({ queues, held }: Books): string {
  if (queues.length === 0) return 'nobody took them and nobody put them aside';
  return held === 0
    ? 'nobody took them, nobody put them aside, and the broker holds none'
    : `nobody took them, nobody put them aside, and the broker holds ${countText(held)} only`;
}

/** Both sides of the account. */
function balance(
  { traffic, strays, queues, held, within, firstNs }: Books,
  now: UnixNs,
): Evidence[] {
  return [
    { text: 'sent from the first of them to the last', value: within },
    { text: 'of these not taken and not put aside', value: strays.size },
    ...(queues.length === 0
      ? [{ text: 'no broker is asked: what waits there is not known' }]
      : [{ text: 'of these held by the broker', value: held }, ...brokerEvidence(queues, now)]),
    { text: 'the first of them was sent', value: agoText(firstNs, now) },
    { text: 'sent in all', value: traffic.sentCount },
    { text: 'put aside in all', value: traffic.asideCount },
    { text: 'taken, though no span shows who sent them', value: traffic.unsentCount },
  ];
}
