import { unreachable } from '@throughline/model/invariant';
import type { Policy } from '@throughline/model/policy';
import type { UnixNs } from '@throughline/model/time';
import type { BrokerLedger } from './broker-ledger.js';
import type { CohortLedger } from './cohort-ledger.js';
import type { DeadLetterLedger } from './dead-letter-ledger.js';
import type { EdgeLedger } from './edge-ledger.js';
import type { HalfLedger } from './half-ledger.js';
import { always, earlier, type Verdicts } from './judging.js';
import type { KeyLedger } from './key-ledger.js';
import type { MarkLedger } from './mark-ledger.js';
import { coarseKey } from './rules/coarse-key.js';
import { deadLettersAt } from './rules/dead-letters-at.js';
import { deadlineMissed } from './rules/deadline-missed.js';
import { incompleteFanout } from './rules/incomplete-fanout.js';
import type { Judged } from './rules/judged.js';
import { MARK_RULES } from './rules/mark-rules.js';
import { missingConsumer, missingConsumerDueNs } from './rules/missing-consumer.js';
import type { RuleView } from './rules/rule-view.js';
import { overdueEntries, stalledRun } from './rules/stalled-run.js';
import { stoppedConsumerDueNs, stoppedConsumers } from './rules/stopped-consumer.js';
import { unaccountedMessages } from './rules/unaccounted-messages.js';
import { unreadQueue } from './rules/unread-queue.js';
import type { TrafficLedger } from './traffic-ledger.js';
import type { Watch } from './watch/watch.js';

/** A place where more than this many promises are overdue is judged again after a millisecond for each of them. */
const PACED_FROM = 500;
const PACE_MS_MAX = 60_000;

/** What a rule judges: an expectation, a type at a destination, dead letters, a queue, a cause, or a key value. */
type Subject = 'edge' | 'type' | 'dead' | 'queue' | 'mark' | 'key';

/** Everything that the rules may look at. */
export interface Books {
  readonly edges: EdgeLedger;
  readonly traffic: TrafficLedger;
  readonly letters: DeadLetterLedger;
  readonly brokers: BrokerLedger;
  readonly halves: HalfLedger;
  readonly cohorts: CohortLedger;
  readonly marks: MarkLedger;
  readonly keys: KeyLedger;
  readonly watches: ReadonlyMap<string, Watch>;
  readonly policy: Policy;
  readonly lossShare: () => number;
  readonly latenessMs: (service: string | null) => number;
}

/**
 * What all rules say of one subject, but those that are switched off.
 *
 * @param name what kind of subject it is, a colon, and its key.
 */
export function judgeSubject(name: string, books: Books, now: UnixNs): Verdicts {
  const colon = name.indexOf(':');
  const kind = name.slice(0, colon);
  const key = name.slice(colon + 1);
  const view = viewOf(books);
  const watch = books.watches.get(kind);
  const verdicts =
    watch === undefined
      ? judged(kind as Subject, key, { books, view, now })
      : watch.judge(key, view, now);
  const { off } = books.policy.detect;
  if (off === undefined || verdicts.judged.length === 0) return verdicts;
  return {
    ...verdicts,
    judged: verdicts.judged.filter(({ statement }) => !off.has(statement.rule)),
  };
}

interface Moment {
  readonly books: Books;
  readonly view: RuleView;
  readonly now: UnixNs;
}

function viewOf({ policy, traffic, brokers, halves, cohorts, edges, ...books }: Books): RuleView {
  const { latenessMs, lossShare } = books;
  return {
    policy,
    lossShare: lossShare(),
    latenessMs,
    ledger: traffic,
    brokers,
    cohorts,
    around: (pledge, now) => edges.around(pledge, { traffic, brokers, halves, now }),
  };
}

function judged(subject: Subject, key: string, moment: Moment): Verdicts {
  const { books, view, now } = moment;
  switch (subject) {
    case 'edge':
      return edgeJudged(key, moment);
    case 'type':
      return typeJudged(key, moment);
    case 'dead':
      return always(deadLettersAt(key, { letters: books.letters, view }, now));
    case 'queue': {
      const counted = books.brokers.get(key);
      return always(counted === undefined ? null : unreadQueue(counted, view, now));
    }
    case 'mark':
      return always(marksJudged(key, moment));
    case 'key': {
      const found = books.keys.get(key);
      return always(found === null ? null : coarseKey(found, view, now));
    }
    default:
      return unreachable(subject);
  }
}

function marksJudged(key: string, { books, view, now }: Moment): Judged | null {
  const all = books.marks.of(key);
  const newest = all?.newest();
  const rule = MARK_RULES.find((each) => each.rule === newest?.rule);
  if (all === undefined || newest === undefined || rule === undefined) return null;
  return rule.judge({ newest, length: all.size, all }, view, now);
}

function edgeJudged(key: string, { books, view, now }: Moment): Verdicts {
  const edge = books.edges.get(key);
  if (edge === undefined) return always(null);
  const moment = { view, now };
  const overdue = [...overdueEntries(edge, view, now)];
  return {
    judged: [
      ...stalledRun(edge, overdue, moment),
      ...deadlineMissed(edge, overdue, moment),
      ...incompleteFanout(edge, view, now),
    ],
    dueNs: edge.nextBrokenNs(now),
    paceMs: overdue.length <= PACED_FROM ? 0 : Math.min(PACE_MS_MAX, overdue.length),
  };
}

function typeJudged(key: string, { books, view, now }: Moment): Verdicts {
  const traffic = books.traffic.get(key);
  if (traffic === undefined) return always(null);
  const settlesNs = traffic.settle(now);
  const missing = missingConsumer(traffic, view, now);
  const unaccounted = unaccountedMessages(traffic, view, now);
  return {
    judged: [
      ...(missing === null ? [] : [missing]),
      ...stoppedConsumers(traffic, view, now),
      ...unaccounted.judged,
    ],
    dueNs: earlier(
      settlesNs,
      earlier(
        unaccounted.dueNs,
        earlier(missingConsumerDueNs(traffic, view, now), stoppedConsumerDueNs(traffic, view, now)),
      ),
    ),
  };
}
