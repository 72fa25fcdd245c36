import type { Evidence, NextStep } from '@throughline/model/finding';
import { nsFromMs, type UnixNs } from '@throughline/model/time';
import { placeId } from '@throughline/model/traffic';
import { findingId } from '../finding-id.js';
import { matchesGlob } from '../glob.js';
import { listReadersCommand, showsReaders } from '../routing.js';
import type { Reader, TypeTraffic, Untaken } from '../type-traffic.js';
import { agoText, countText, forText, listText, several, shellWord } from '../wording.js';
import { affectedRuns } from './affected.js';
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
  const readers = view.ledger.readersOf(traffic);
  const last = lastReader(readers);
  const unread = traffic
    .waiting()
    .filter(
      ({ sentAtNs, undeliverable }) => undeliverable || last === null || sentAtNs > last.lastAtNs,
    );
  const due = unread.filter((message) => ripeAtNs(message, traffic, view) <= now);
  const isReturned = due.some(({ undeliverable }) => undeliverable);
  const isProof = last === null ? due.length > 0 : due.length >= MISSED_MIN;
  if (!isReturned && !isProof) return null;
  return judged({ traffic, view, now, due: isProof ? due : due.filter(returned), unread, last });
}

/** When the next untaken message says something; null when none is ahead. */
export function missingConsumerDueNs(
  traffic: TypeTraffic,
  view: RuleView,
  now: UnixNs,
): UnixNs | null {
  if (!isJudged(traffic, view)) return null;
  return traffic.waiting().reduce<UnixNs | null>((soonest, message) => {
    const atNs = ripeAtNs(message, traffic, view);
    return atNs > now && (soonest === null || atNs < soonest) ? atNs : soonest;
  }, null);
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

const returned = ({ undeliverable }: Untaken): boolean => undeliverable;

/** From when on an untaken message says something: at once when returned, else after grace and usual wait. */
function ripeAtNs(message: Untaken, traffic: TypeTraffic, { policy }: RuleView): UnixNs {
  if (message.undeliverable) return message.sentAtNs;
  const usualMs = traffic.waits.quantileMs(0.99) ?? 0;
  const graceMs = Math.max(policy.detect.missingConsumer.graceMs, PATIENCE * usualMs);
  return (message.sentAtNs + nsFromMs(graceMs)) as UnixNs;
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
  readonly due: readonly Untaken[];
  /** All messages that nobody read since the last reading. */
  readonly unread: readonly Untaken[];
  readonly last: Reader | null;
}

function judged(found: Case): Judged {
  const { traffic, view, due, last } = found;
  const { system, destination } = traffic;
  const name = traffic.messageType ?? destination;
  const { members, newestNs, ...runs } = affectedRuns(
    due.map((message) => ({
      runId: message.runId,
      sinceNs: ripeAtNs(message, traffic, view),
    })),
  );
  const next = nextSteps(found);
  const workflows = new Set(due.map(({ workflow }) => workflow));
  return {
    members,
    newestNs,
    statement: {
      ...runs,
      id: findingId('missing-consumer', system, destination, traffic.messageType),
      rule: 'missing-consumer',
      severity: 'critical',
      subject: {
        kind: 'destination',
        id: placeId({ kind: 'destination', name: destination, system }),
        label: destination,
      },
      workflow: workflows.size === 1 ? ([...workflows][0] ?? null) : null,
      where: name === destination ? `${destination} → nobody` : `${name} → ${destination} → nobody`,
      verdict: 'consumer-absent',
      sentence: `${opening(found, name)} Next: ${next[0]?.text}.`,
      evidence: evidence(found),
      next,
      owner: ownerOf(view.policy, last?.service ?? due[0]?.producer ?? null),
      confidence: last === null || due.some(returned) ? 1 : 0.9,
    },
  };
}

function opening({ due, unread, last, now, traffic }: Case, name: string): string {
  const { destination, system } = traffic;
  const count = several(unread.length, 'message');
  const from = name === destination ? name : `${name} from ${destination}`;
  const first = due[0];
  const since = first === undefined ? '' : `, the first ${agoText(first.sentAtNs, now)}`;
  const who = producersText(due);
  if (due.some(returned)) {
    return `Nobody receives ${from} (${system}): the broker returned ${several(due.length, 'message')} of ${who} as undeliverable${since}.`;
  }
  if (last === null) {
    return `Nobody has ever read ${from} (${system}): ${count} of ${who} ${unread.length === 1 ? 'waits' : 'wait'}${since}.`;
  }
  return `Nobody has read ${from} (${system}) ${forText(last.lastAtNs, now)}; ${last.service} did until then (${countText(last.takenCount)} taken). ${count} of ${who} ${unread.length === 1 ? 'waits' : 'wait'}.`;
}

function producersText(messages: readonly Untaken[]): string {
  const producers = new Set(messages.flatMap(({ producer }) => producer ?? []));
  return producers.size === 0 ? 'an unknown producer' : listText([...producers].sort());
}

function evidence({ due, unread, last, now, traffic, view }: Case): Evidence[] {
  const others = [...view.ledger.readersAt(traffic)].filter((service) => service !== last?.service);
  return [
    { text: 'messages that nobody took', value: unread.length },
    { text: 'messages sent in all', value: traffic.sentCount },
    ...(due.some(returned)
      ? [{ text: 'returned by the broker as undeliverable', value: due.filter(returned).length }]
      : []),
    last === null
      ? { text: 'consumers ever seen for this type', value: 0 }
      : { text: `last taken by ${last.service}`, value: agoText(last.lastAtNs, now) },
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
