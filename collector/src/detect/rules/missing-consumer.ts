import type { Evidence, NextStep } from '@throughline/model/finding';
import { nsFromMs, type UnixNs } from '@throughline/model/time';
import { placeId } from '@throughline/model/traffic';
import { brokerEvidence } from '../broker-words.js';
import { findingId } from '../finding-id.js';
import { matchesGlob } from '../glob.js';
import { listReadersCommand, showsReaders } from '../routing.js';
import type { Reader } from '../reader.js';
import type { SentMessage } from '../sent-message.js';
import type { TypeTraffic, Untaken } from '../type-traffic.js';
import { agoText, countText, forText, listText, several, shellWord } from '../wording.js';
import { affectedRuns } from './affected-runs.js';
import type { Judged } from './judged.js';
import { ownerOf, runbookOf, type RuleView } from './rule-view.js';

/** A single message that stays behind may be lost; from this many on nobody reads any more. */
const MISSED_MIN = 2;
/** A reader may take this many times its usual wait before it is said to be gone. */
const PATIENCE = 5;

/**
 * A message type goes to a destination where nobody has ever, or no longer, consumes it. A message that the
 * broker returned is proof at once; otherwise a message has to wait out the grace first.
 */
export function missingConsumer(traffic: TypeTraffic, view: RuleView, now: UnixNs): Judged | null {
  if (!isJudged(traffic, view)) return null;
  const { last, due } = dueAt(traffic, view, now);
  const isReturned = traffic.returned.size > 0;
  const isProof = last === null ? due.size > 0 : due.size >= MISSED_MIN;
  return isReturned || isProof ? judged({ traffic, view, now, due, last }) : null;
}

/** When the next untaken message says something; null when none is ahead. */
export function missingConsumerDueNs(
  traffic: TypeTraffic,
  view: RuleView,
  now: UnixNs,
): UnixNs | null {
  if (!isJudged(traffic, view)) return null;
  const { fromNs, toNs, graceNs } = dueAt(traffic, view, now);
  const next = traffic.nextSentAtNs(fromNs > toNs ? fromNs : toNs);
  return next === null ? null : ((next + graceNs) as UnixNs);
}

/** What was sent after anybody read last, and has waited out the grace and the usual wait. */
function dueAt(traffic: TypeTraffic, view: RuleView, now: UnixNs) {
  const last = lastReader(view.ledger.readersOf(traffic));
  const graceNs = graceNsOf(traffic, view);
  const fromNs = last?.lastAtNs ?? -1n;
  const toNs = now - graceNs;
  return { last, graceNs, fromNs, toNs, due: traffic.unread(fromNs, toNs) };
}

function isJudged(
  { isDeadLetterDestination, system, destination, messageType }: TypeTraffic,
  { policy, ledger }: RuleView,
) {
  if (isDeadLetterDestination) return false;
  if (!showsReaders(system) && !ledger.hasReaders(system)) return false;
  return !policy.noConsumerExpected.some(
    (glob) => matchesGlob(glob, destination) || matchesGlob(glob, messageType ?? destination),
  );
}

function graceNsOf(traffic: TypeTraffic, { policy, latenessMs }: RuleView): bigint {
  const usualMs = traffic.waits.quantileMs(0.99) ?? 0;
  const leastMs = policy.detect.missingConsumer.graceMs + latenessMs(null);
  return nsFromMs(Math.max(leastMs, PATIENCE * usualMs));
}

function lastReader(readers: ReadonlyMap<string, Reader>): Reader | null {
  let last: Reader | null = null;
  for (const reader of readers.values()) {
    if (last === null || reader.lastAtNs > last.lastAtNs) last = reader;
  }
  return last;
}

interface Case {
  readonly traffic: TypeTraffic;
  readonly view: RuleView;
  readonly now: UnixNs;
  /** Messages that waited long enough to be proof. */
  readonly due: Untaken;
  readonly last: Reader | null;
}

/** All messages that nobody read since the last reading. */
function unreadCount({ traffic, view, now, due, last }: Case): number {
  if (last === null) return traffic.untakenCount;
  const toNs = now - graceNsOf(traffic, view);
  return due.size + traffic.leftSince(toNs > last.lastAtNs ? toNs : last.lastAtNs);
}

/** When the first and the last of them became proof: what was returned at once, the others after the grace. */
function ripeNs({ traffic, view, due }: Case): { firstNs: UnixNs; lastNs: UnixNs } {
  const graceNs = graceNsOf(traffic, view);
  const { returned } = traffic;
  const ripe = (message: SentMessage | undefined): bigint[] =>
    message === undefined ? [] : [message.sinceNs + (message.undeliverable ? 0n : graceNs)];
  const first = [...ripe(due.oldest()), ...ripe(returned.oldest())];
  const last = [...ripe(due.newest()), ...ripe(returned.newest())];
  return {
    firstNs: first.reduce((a, b) => (a < b ? a : b)) as UnixNs,
    lastNs: last.reduce((a, b) => (a > b ? a : b)) as UnixNs,
  };
}

function judged(found: Case): Judged {
  const { traffic, view, due, last } = found;
  const { system, destination } = traffic;
  const name = traffic.messageType ?? destination;
  const { members, runIds, runsAffected } = affectedRuns(due);
  const { firstNs, lastNs } = ripeNs(found);
  const next = nextSteps(found);
  return {
    members,
    newestNs: lastNs,
    statement: {
      runIds,
      runsAffected,
      sinceNs: firstNs,
      id: findingId('missing-consumer', system, destination, traffic.messageType),
      rule: 'missing-consumer',
      severity: 'critical',
      subject: {
        kind: 'destination',
        id: placeId({ kind: 'destination', name: destination, system }),
        label: destination,
      },
      workflow: due.only('workflow'),
      where: name === destination ? `${destination} → nobody` : `${name} → ${destination} → nobody`,
      verdict: 'consumer-absent',
      sentence: `${opening(found, name)} Next: ${next[0]?.text}.`,
      evidence: evidence(found),
      next,
      owner: ownerOf(view.policy, last?.service ?? due.oldest()?.producer ?? null),
      confidence: last === null || traffic.returned.size > 0 ? 1 : 0.9,
    },
  };
}

function opening(found: Case, name: string): string {
  const { due, last, now, traffic } = found;
  const { destination, system, returned } = traffic;
  const unread = unreadCount(found);
  const count = several(unread, 'message');
  const from = name === destination ? name : `${name} from ${destination}`;
  const first = due.oldest();
  const since = first === undefined ? '' : `, the first ${agoText(first.sinceNs, now)}`;
  const who = producersText(due);
  if (returned.size > 0) {
    return `Nobody receives ${from} (${system}): the broker returned ${several(returned.size, 'message')} of ${who} as undeliverable${since}.`;
  }
  if (last === null) {
    return `Nobody has ever read ${from} (${system}): ${count} of ${who} ${unread === 1 ? 'waits' : 'wait'}${since}.`;
  }
  return `Nobody has read ${from} (${system}) ${forText(last.lastAtNs, now)}; ${last.service} did until then (${countText(last.takenCount)} taken). ${count} of ${who} ${unread === 1 ? 'waits' : 'wait'}.`;
}

function producersText(messages: Untaken): string {
  const producers = messages.values('producer');
  return producers.length === 0 ? 'an unknown producer' : listText(producers);
}

function evidence(found: Case): Evidence[] {
  const { last, now, traffic, view } = found;
  const others = [...view.ledger.readersAt(traffic)].filter((service) => service !== last?.service);
  return [
    { text: 'messages that nobody took', value: unreadCount(found) },
    { text: 'messages sent in all', value: traffic.sentCount },
    ...(traffic.returned.size > 0
      ? [{ text: 'returned by the broker as undeliverable', value: traffic.returned.size }]
      : []),
    last === null
      ? { text: 'consumers ever seen for this type', value: 0 }
      : { text: `last taken by ${last.service}`, value: agoText(last.lastAtNs, now) },
    ...brokerEvidence(view.brokers.holdingOf(traffic), now),
    ...(others.length > 0 && last === null
      ? [{ text: `${listText(others)} read other types there, and this one does not reach them` }]
      : []),
  ];
}

function nextSteps({ traffic, last, view }: Case): NextStep[] {
  const { system, destination, messageType } = traffic;
  const command = listReadersCommand(system, shellWord(destination));
  const who = last === null ? 'a consumer' : `a consumer of ${last.service}`;
  return [
    {
      text: `check that ${who} is attached to ${destination}`,
      ...(command === null ? {} : { command }),
    },
    ...runbookOf(view.policy, last?.service ?? null),
    {
      text: `if nobody is meant to read it, add "${messageType ?? destination}" to no_consumer_expected`,
    },
  ];
}
