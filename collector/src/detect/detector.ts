import type { CoarseKey } from '@throughline/model/coarse-key';
import type { Finding } from '@throughline/model/finding';
import type { RunId } from '@throughline/model/ids';
import { unreachable } from '@throughline/model/invariant';
import type { Policy } from '@throughline/model/policy';
import type { RunPromise } from '@throughline/model/promise';
import type { Run } from '@throughline/model/run';
import { nsFromMs, type UnixNs } from '@throughline/model/time';
import type { Contribution } from '@throughline/model/traffic';
import { Agenda } from './agenda.js';
import { DeadLetterLedger, type DeadLetterPlace } from './dead-letter-ledger.js';
import { EdgeLedger } from './edge-ledger.js';
import { FindingBook, type FindingChanges, type OperatorNote } from './finding-book.js';
import { KeyLedger } from './key-ledger.js';
import { MarkLedger } from './mark-ledger.js';
import { Learner } from './learn/learner.js';
import type { Reaction } from './learn/reaction.js';
import { promiseAt, type OpenedPledge, type Pledge } from './pledge.js';
import { coarseKey, demotedKeys } from './rules/coarse-key.js';
import { deadLetterBacklog } from './rules/dead-letter-backlog.js';
import { deadlineMissed } from './rules/deadline-missed.js';
import { failedRun } from './rules/failed-run.js';
import { incompleteFanout } from './rules/incomplete-fanout.js';
import type { Judged } from './rules/judged.js';
import { lostContext } from './rules/lost-context.js';
import type { MarkRule } from './rules/mark-statement.js';
import { missingConsumer, missingConsumerDueNs } from './rules/missing-consumer.js';
import { poisonMessage } from './rules/poison-message.js';
import { retryStorm } from './rules/retry-storm.js';
import type { RuleView } from './rules/rule-view.js';
import { overdueEntries, stalledRun } from './rules/stalled-run.js';
import { stoppedConsumerDueNs, stoppedConsumers } from './rules/stopped-consumer.js';
import { TrafficLedger } from './traffic-ledger.js';

export type { FindingChanges } from './finding-book.js';

const MARK_RULES: readonly MarkRule[] = [failedRun, lostContext, poisonMessage, retryStorm];

/** Sentences tell ages: what holds is worded anew this often. */
const REWORD_MS = 10_000;

/** What a rule judges: an expectation, a type at a destination, dead letters, a cause, or a key value. */
type Subject = 'edge' | 'type' | 'dead' | 'mark' | 'key';

interface Verdicts {
  readonly judged: readonly Judged[];
  /** When time alone changes the answer; null when it does not. */
  readonly dueNs: UnixNs | null;
}

/**
 * Everything the rules know, fed run by run. Pure: no I/O, no clock, *now* is an argument. Feeding the same
 * runs in any order and sweeping at the same instant gives the same findings.
 *
 * `runChanged` files what the run shows and notes which subjects it touched; `sweep` judges those, and those
 * whose time has come. A subject is judged whole, by rules that are pure functions of the ledgers and *now*.
 */
export class Detector {
  readonly #policy: Policy;
  readonly #pledges = new Map<RunId, readonly Pledge[]>();
  readonly #edges = new EdgeLedger();
  readonly #learner: Learner;
  readonly #traffic = new TrafficLedger();
  readonly #deadLetters = new DeadLetterLedger();
  readonly #marks = new MarkLedger();
  readonly #keys = new KeyLedger();
  readonly #agenda = new Agenda();
  readonly #book: FindingBook;
  readonly #view: RuleView;
  #nowNs = 0n as UnixNs;
  #hasSwept = false;

  /** @param saved what `toSave` gave, by id: the operator's acts and what was true when the process ended. */
  constructor(policy: Policy, saved: ReadonlyMap<string, unknown>) {
    this.#policy = policy;
    this.#learner = new Learner(policy);
    this.#book = new FindingBook(saved);
    this.#view = {
      policy,
      ledger: this.#traffic,
      around: (pledge, now) => this.#edges.around(pledge, { traffic: this.#traffic, now }),
    };
  }

  /** Files what the run shows now, in place of what it showed before. */
  runChanged(run: Run, contribution: Contribution, now: UnixNs): void {
    this.#pass(now);
    this.#filePromises(run, this.#learner.put(run));
    this.#fileTraffic(contribution);
    this.#touch(
      'mark',
      this.#marks.put(
        run.id,
        MARK_RULES.flatMap((rule) => rule.marksOf(run)),
      ),
    );
    this.#touch('key', this.#keys.put(run.id, demotedKeys(run), run.startedAtNs));
  }

  /** The run is no more: what it showed is taken back. */
  runGone(id: RunId): void {
    this.#pledges.delete(id);
    this.#touch('edge', this.#edges.remove(id));
    this.#learner.remove(id);
    this.#fileTraffic({ runId: id, workflow: '', hops: [], messages: [] });
    this.#touch('mark', this.#marks.put(id, []));
    this.#touch('key', this.#keys.put(id, new Set(), this.#nowNs));
  }

  /** All key values that are demoted now. */
  keysDemoted(keys: readonly CoarseKey[]): void {
    this.#touch('key', this.#keys.demote(keys));
  }

  /** Judges what is due or has changed since the last sweep. */
  sweep(now: UnixNs): FindingChanges {
    this.#pass(now);
    for (const { run, pledges } of this.#learner.refresh(now)) this.#filePromises(run, pledges);
    for (const name of this.#agenda.take(now)) {
      const colon = name.indexOf(':');
      const { judged, dueNs } = this.#judge(
        name.slice(0, colon) as Subject,
        name.slice(colon + 1),
        now,
      );
      this.#book.judge(name, judged, now);
      if (judged.length > 0) this.#agenda.revisit(name, (now + nsFromMs(REWORD_MS)) as UnixNs);
      if (dueNs !== null && dueNs > now) this.#agenda.revisit(name, dueNs);
    }
    // The first sweep comes when all stored facts have been read.
    if (!this.#hasSwept) this.#book.confirm(now);
    this.#hasSwept = true;
    return this.#book.takeChanges();
  }

  /** What should follow in the run, as of the last change or sweep. */
  promises(id: RunId): readonly RunPromise[] {
    return (this.#pledges.get(id) ?? []).map((pledge) => promiseAt(pledge, this.#nowNs));
  }

  /** What follows what in the workflow, learned or being learned, as of the last sweep. */
  reactions(workflow: string): readonly Reaction[] {
    return this.#learner.reactionsOf(workflow);
  }

  /** Open, acknowledged and lately closed ones. */
  findings(): readonly Finding[] {
    return this.#book.all();
  }

  /** Open and acknowledged ones that affect the run. */
  findingsOfRun(id: RunId): readonly Finding[] {
    return this.#book.ofRun(id);
  }

  /** What lies aside now, by place: what the dead-letter rule counts. */
  deadLetters(): readonly DeadLetterPlace[] {
    return this.#deadLetters.places();
  }

  /** @returns the finding afterwards, unchanged if it is closed; undefined when there is none with this id. */
  acknowledge(id: string, note: OperatorNote): Finding | undefined {
    return this.#book.acknowledge(id, note);
  }

  snooze(id: string, note: OperatorNote & { readonly untilNs: UnixNs }): Finding | undefined {
    return this.#book.snooze(id, note);
  }

  close(id: string, note: OperatorNote, now: UnixNs): Finding | undefined {
    return this.#book.close(id, note, now);
  }

  /** What has to be kept to say the same after a restart; each record once per change. Null: forget it. */
  toSave(): readonly { readonly id: string; readonly value: unknown }[] {
    return this.#book.takeUnsaved();
  }

  #pass(now: UnixNs): void {
    if (now > this.#nowNs) this.#nowNs = now;
  }

  #filePromises(run: Run, learned: readonly OpenedPledge[]): void {
    const { pledges, touched } = this.#edges.put(run, this.#policy, learned);
    if (pledges.length === 0) this.#pledges.delete(run.id);
    else this.#pledges.set(run.id, pledges);
    this.#touch('edge', touched);
  }

  #touch(subject: Subject, keys: Iterable<string>): void {
    for (const key of keys) this.#agenda.changed(`${subject}:${key}`);
  }

  #fileTraffic(contribution: Contribution): void {
    for (const key of this.#traffic.put(contribution)) {
      this.#touch('type', this.#traffic.affectedBy(key));
    }
    this.#touch('dead', this.#deadLetters.put(contribution));
  }

  #judge(subject: Subject, key: string, now: UnixNs): Verdicts {
    switch (subject) {
      case 'edge':
        return this.#judgeEdge(key, now);
      case 'type':
        return this.#judgeType(key, now);
      case 'dead': {
        const held = this.#deadLetters.at(key);
        return always(held === null ? null : deadLetterBacklog(held, this.#view, now));
      }
      case 'mark': {
        const [first, ...others] = this.#marks.of(key);
        const rule = MARK_RULES.find((each) => each.rule === first?.rule);
        return always(first && rule ? rule.judge([first, ...others], this.#view, now) : null);
      }
      case 'key': {
        const found = this.#keys.get(key);
        return always(found === null ? null : coarseKey(found, this.#view, now));
      }
      default:
        return unreachable(subject);
    }
  }

  #judgeEdge(key: string, now: UnixNs): Verdicts {
    const edge = this.#edges.get(key);
    if (edge === undefined) return always(null);
    const moment = { view: this.#view, now };
    const overdue = [...overdueEntries(edge, this.#view, now)];
    return {
      judged: [
        ...stalledRun(edge, overdue, moment),
        ...deadlineMissed(edge, overdue, moment),
        ...incompleteFanout(edge, this.#view, now),
      ],
      dueNs: edge.nextBrokenNs(now),
    };
  }

  #judgeType(key: string, now: UnixNs): Verdicts {
    const traffic = this.#traffic.get(key);
    if (traffic === undefined) return always(null);
    const missing = missingConsumer(traffic, this.#view, now);
    return {
      judged: [
        ...(missing === null ? [] : [missing]),
        ...stoppedConsumers(traffic, this.#view, now),
      ],
      dueNs: earlier(
        missingConsumerDueNs(traffic, this.#view, now),
        stoppedConsumerDueNs(traffic, this.#view, now),
      ),
    };
  }
}

function earlier(a: UnixNs | null, b: UnixNs | null): UnixNs | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}

/** A judgement that time alone does not change. */
function always(judged: Judged | null): Verdicts {
  return { judged: judged === null ? [] : [judged], dueNs: null };
}
