import { nsFromMs, type UnixNs } from '@throughline/model/time';
import { placeId } from '@throughline/model/traffic';
import { brokerEvidence } from '../broker-words.js';
import { findingId } from '../finding-id.js';
import { listReadersCommand } from '../routing.js';
import type { Reader } from '../reader.js';
import type { TypeTraffic, Untaken } from '../type-traffic.js';
import { agoText, countText, several, shellWord } from '../wording.js';
import { affectedRuns } from './affected-runs.js';
import type { Judged } from './judged.js';
import { ownerOf, runbookOf, type RuleView } from './rule-view.js';
import type { Moment } from './stalled-run.js';

/** Messages that must have come since a consumer's last taking: one may be lost, a few are not chance. */
const MISSED_MIN = 3;
/** Takings that make a regular consumer, and the share of what came until then that it must have taken. */
const TAKEN_MIN = 3;
const SHARE_MIN = 0.9;
const PATIENCE = 5;

/** A consumer that used to take a type of message has stopped, while messages keep coming. */
export function stoppedConsumers(traffic: TypeTraffic, view: RuleView, now: UnixNs): Judged[] {
  if (traffic.isDeadLetterDestination) return [];
  return [...traffic.readers().values()].flatMap((reader) => {
    const missed = missedBy(reader, traffic, { view, now });
    return missed === null ? [] : [judged({ reader, missed, traffic, view, now })];
  });
}

/** When the latest message has waited long enough to look again; null when every reader keeps up. */
export function stoppedConsumerDueNs(
  traffic: TypeTraffic,
  view: RuleView,
  now: UnixNs,
): UnixNs | null {
  const lags = [...traffic.readers().values()].some(
    ({ takenCount }) => takenCount >= TAKEN_MIN && takenCount < traffic.sentCount,
  );
  const dueNs = traffic.lastSentAtNs + nsFromMs(graceMsOf(traffic, view));
  return lags && dueNs > now ? (dueNs as UnixNs) : null;
}

function graceMsOf(traffic: TypeTraffic, { policy, latenessMs }: RuleView): number {
  const usualMs = traffic.waits.quantileMs(0.99) ?? 0;
  const leastMs = policy.detect.missingConsumer.graceMs + latenessMs(null);
  return Math.max(leastMs, PATIENCE * usualMs);
}

/** Null: the reader keeps up, or never took all of it. */
function missedBy(reader: Reader, traffic: TypeTraffic, { view, now }: Moment): Untaken | null {
  const { service, takenCount, lastAtNs } = reader;
  const patientUntilNs = now - nsFromMs(graceMsOf(traffic, view));
  // What came since is the most that it can have missed.
  const isSilent = takenCount >= TAKEN_MIN && lastAtNs <= patientUntilNs;
  const since = isSilent ? traffic.sentBetween(lastAtNs, patientUntilNs) : 0;
  if (since < MISSED_MIN || takenCount < SHARE_MIN * (traffic.sentCount - since)) {
    traffic.missesNothing(service);
    return null;
  }
  const missed = traffic.missedBy(service, lastAtNs, patientUntilNs);
  const until = traffic.sentCount - missed.size;
  return missed.size >= MISSED_MIN && takenCount >= SHARE_MIN * until ? missed : null;
}

interface Case {
  readonly reader: Reader;
  readonly missed: Untaken;
  readonly traffic: TypeTraffic;
  readonly view: RuleView;
  readonly now: UnixNs;
}

function judged({ reader, missed, traffic, view, now }: Case): Judged {
  const { system, destination } = traffic;
  const { service, lastAtNs, takenCount } = reader;
  const name = traffic.messageType ?? destination;
  const { members, newestNs, ...runs } = affectedRuns(missed);
  const command = listReadersCommand(system, shellWord(destination));
  const check = {
    text: `check that ${service} still runs and is attached to ${destination}`,
    ...(command === null ? {} : { command }),
  };
  const from = name === destination ? name : `${name} from ${destination}`;
  return {
    members,
    newestNs,
    statement: {
      ...runs,
      id: findingId('stopped-consumer', system, destination, traffic.messageType, service),
      rule: 'stopped-consumer',
      severity: 'critical',
      subject: {
        kind: 'service',
        id: placeId({ kind: 'service', name: service, system: null }),
        label: service,
      },
      workflow: null,
      where:
        name === destination
          ? `${destination} → ${service}`
          : `${name} → ${destination} → ${service}`,
      verdict: 'consumer-absent',
      sentence: `${service} stopped reading ${from} ${agoText(lastAtNs, now)} after ${several(takenCount, 'message')}; ${several(missed.size, 'message has', 'messages have')} come since. Next: ${check.text}.`,
      evidence: [
        { text: `last taken by ${service}`, value: agoText(lastAtNs, now) },
        { text: 'messages since then', value: countText(missed.size) },
        ...brokerEvidence(view.brokers.holdingOf(traffic), now),
      ],
      next: [check, ...runbookOf(view.policy, service)],
      owner: ownerOf(view.policy, service),
      confidence: 0.9,
    },
  };
}
