import type { BrokerReading } from '@throughline/model/broker';
import type { CoarseKey } from '@throughline/model/coarse-key';
import type { Correction } from '@throughline/model/correction';
import type { Finding } from '@throughline/model/finding';
import type { RunId } from '@throughline/model/ids';
import type { Policy } from '@throughline/model/policy';
import type { RunPromise } from '@throughline/model/promise';
import type { Run } from '@throughline/model/run';
import type { Step } from '@throughline/model/step';
import { nsFromMs, type UnixNs } from '@throughline/model/time';
import type { Contribution } from '@throughline/model/traffic';
import { Agenda } from './agenda.js';
import { LONG_AGO } from './arrivals.js';
import { BrokerLedger } from './broker-ledger.js';
import { CohortLedger } from './cohort-ledger.js';
import { DeadLetterLedger, type DeadLetterPlace } from './dead-letter-ledger.js';
import { allPromised, EdgeLedger } from './edge-ledger.js';
import type { Patience } from './entry.js';
import {
  FindingBook,
  type FindingChanges,
  type OperatorNote,
  type SnoozeNote,
} from './finding-book.js';
import { HalfLedger } from './half-ledger.js';
import { judgeSubject, type Books } from './judge-subject.js';
import { KeyLedger } from './key-ledger.js';
import { MarkLedger } from './mark-ledger.js';
import { ReportLateness } from './report-lateness.js';
import { Learner } from './learn/learner.js';
import type { Reaction } from './learn/reaction.js';
import { flowOf, pledgesOf, promiseAt, type OpenedPledge } from './pledge.js';
import { demotedKeys } from './rules/coarse-key.js';
import { marksOf } from './rules/mark-rules.js';
import { rewordNs } from './rewording.js';
import { SpanLoss } from './span-loss.js';
import { RunIndex, type Pieces } from './run-index.js';
import { TrafficLedger } from './traffic-ledger.js';
import { watchesOf } from './watch/watches.js';
import type { Watch } from './watch/watch.js';

export type { FindingChanges } from './finding-book.js';

/** Unless the policy says otherwise. */
const ARRIVAL_GRACE_MS = 10_000;
/**
 * Everything the rules know, fed run by run. Pure: no I/O, no clock, *now* is an argument. Feeding the same
 * runs in any order and sweeping at the same instant gives the same findings.
 *
 * `runChanged` files what the run shows and notes which subjects it touched; `sweep` judges those, and those
 * whose time has come. A subject is judged whole, by rules that are pure functions of the ledgers and *now*; the
 * ledgers keep count, so that judging costs what changed and not what there is.
 */
export class Detector {
  readonly #policy: Policy;
  readonly #patience: Patience;
  readonly #edges = new EdgeLedger();
  readonly #learner: Learner;
  readonly #traffic: TrafficLedger;
  readonly #deadLetters = new DeadLetterLedger();
  readonly #brokers = new BrokerLedger();
  readonly #halves = new HalfLedger();
  readonly #cohorts: CohortLedger;
  readonly #marks = new MarkLedger();
  readonly #keys = new KeyLedger();
  readonly #lateness = new ReportLateness();
  readonly #spanLoss = new SpanLoss();
  readonly #watches: ReadonlyMap<string, Watch>;
  readonly #agenda = new Agenda();
  readonly #changedTypes = new Set<string>();
  /** Subjects that are not judged before the instant. */
  readonly #paced = new Map<string, UnixNs>();
  readonly #book: FindingBook;
  readonly #books: Books;
  #nowNs = 0n as UnixNs;
  #hasSwept = false;

  /**
   * @param saved what `toSave` gave, by id: the operator's acts and what was true when the process ended.
   * @param arrivedAt when the report of a step arrived: what argues from absence waits for a while after that.
   */
  constructor(policy: Policy, saved: ReadonlyMap<string, unknown>, arrivedAt = LONG_AGO) {
    const arrivalGraceMs = policy.detect.arrivalGraceMs ?? ARRIVAL_GRACE_MS;
    this.#policy = policy;
    const latenessMs = (service: string | null): number => this.#lateness.allowanceMs(service);
    this.#patience = { arrivedAt, arrivalGraceMs, latenessMs };
    this.#learner = new Learner(policy);
    this.#cohorts = new CohortLedger(policy);
    this.#watches = watchesOf(policy);
    this.#traffic = new TrafficLedger(arrivalGraceMs);
    this.#book = new FindingBook(saved);
    this.#books = {
      edges: this.#edges,
      traffic: this.#traffic,
      letters: this.#deadLetters,
      brokers: this.#brokers,
      halves: this.#halves,
      cohorts: this.#cohorts,
      marks: this.#marks,
      keys: this.#keys,
      watches: this.#watches,
      policy,
      latenessMs,
      lossShare: () => this.#spanLoss.share ?? this.#learner.lossShare,
    };
  }

  /** Steps that were not known before, or not to their end. */
  arrived(steps: Iterable<Step>): void {
    for (const { id, service, endedAtNs } of steps) {
      const arrivedNs = this.#patience.arrivedAt(id);
      if (arrivedNs > 0n) this.#lateness.note(service, endedAtNs, arrivedNs);
    }
  }

  /** Files what the run shows now, in place of what it showed before. */
  runChanged(run: Run, contribution: Contribution, now: UnixNs): void {
    const work = this.runChanging(run, contribution, now);
    while (work.next().done !== true);
  }

  /** The same, a ledger at a time. Each is right by itself, whenever the work is laid down or given up. */
  *runChanging(run: Run, contribution: Contribution, now: UnixNs): Pieces {
    this.#pass(now);
    const index = new RunIndex(run);
    yield* index.preparing();
    const learned = this.#learner.put(index);
    yield;
    this.#filePromises(index, learned);
    yield;
    this.#fileTraffic(contribution);
    this.#halves.put(index);
    this.#spanLoss.put(index);
    this.#cohorts.put(index);
    yield;
    for (const [name, watch] of this.#watches)
      this.#touch(name, watch.put({ index, contribution }));
    yield;
    const marks = marksOf(index, this.#policy, this.#patience);
    this.#touch('mark', this.#marks.put(run.id, marks, now));
    this.#touch('key', this.#keys.put(run.id, demotedKeys(run), run.startedAtNs));
  }

  /** The run is no more: what it showed is taken back. */
  runGone(id: RunId): void {
    this.#touch('edge', this.#edges.remove(id));
    this.#learner.remove(id);
    this.#halves.remove(id);
    this.#spanLoss.remove(id);
    this.#cohorts.remove(id);
    this.#fileTraffic({ runId: id, workflow: '', hops: [], messages: [] });
    for (const [name, watch] of this.#watches) this.#touch(name, watch.remove(id));
    this.#touch('mark', this.#marks.put(id, [], this.#nowNs));
    this.#touch('key', this.#keys.put(id, new Set(), this.#nowNs));
  }

  /** All that people say over what runs teach, in place of what they said before. Judged at the next sweep. */
  corrected(all: readonly Correction[]): void {
    this.#learner.correct(all);
  }

  /** The run left memory: what it showed is taken back, what was learned from it holds. */
  runLeft(id: RunId): void {
    this.#learner.left(id);
    this.runGone(id);
  }

  /** Something is still to come of the run, or is said about it. */
  isWaitingFor(id: RunId): boolean {
    return this.#edges.openOf(id).length > 0 || this.findingsOfRun(id).length > 0;
  }

  /** All key values that are demoted now. */
  keysDemoted(keys: readonly CoarseKey[]): void {
    this.#touch('key', this.#keys.demote(keys));
  }

  /** What all brokers said last; the same list when none said anything new. */
  brokersRead(readings: readonly BrokerReading[]): void {
    const { queues, letters } = this.#brokers.put(readings);
    this.#touch('queue', queues);
    this.#touch('dead', letters);
  }

  /** Judges what is due or has changed since the last sweep. */
  sweep(now: UnixNs): FindingChanges {
    this.#pass(now);
    for (const { index, learned } of this.#learner.refresh(now)) this.#filePromises(index, learned);
    this.#touch('edge', this.#edges.awaiting(this.#halves.takeNews()));
    this.#touch('type', this.#traffic.affectedBy(this.#changedTypes));
    this.#changedTypes.clear();
    this.#touch('mark', this.#marks.ripen(now));
    const due = [...this.#agenda.take(now)];
    // A broker's word on a queue counts where spans say nothing: those are judged first.
    const isLast = (name: string): boolean => name.startsWith('queue:');
    for (const name of due.filter((each) => !isLast(each))) this.#judgeNamed(name, now);
    for (const name of due.filter(isLast)) this.#judgeNamed(name, now);
    // The first sweep comes when all stored facts have been read.
    if (!this.#hasSwept) this.#book.confirm(now);
    this.#hasSwept = true;
    return this.#book.takeChanges();
  }

  /** What should follow in the run and what did, as of the last change or sweep. */
  promises(run: Run): readonly RunPromise[] {
    const index = new RunIndex(run);
    const declared = this.#declaredOf(index);
    const all = allPromised({ declared, learned: this.#learner.promisesOf(index) });
    return all.map(({ pledge }) => promiseAt(pledge, this.#nowNs));
  }

  /** Those that are open or overdue, as of the last change or sweep. */
  openPromises(id: RunId): readonly RunPromise[] {
    return this.#edges.openOf(id).map((pledge) => promiseAt(pledge, this.#nowNs));
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
    return this.#book.ofRun(id, this.#subjectsOf(id));
  }

  /** What lies aside now, by place: what the dead-letter rule counts. */
  deadLetters(): readonly DeadLetterPlace[] {
    return this.#deadLetters.places();
  }

  /** @returns the finding afterwards, unchanged if it is closed; undefined when there is none with this id. */
  acknowledge(id: string, note: OperatorNote): Finding | undefined {
    return this.#book.acknowledge(id, note);
  }

  snooze(id: string, note: SnoozeNote): Finding | undefined {
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

  #declaredOf(index: RunIndex): readonly OpenedPledge[] {
    return pledgesOf(index, flowOf(index, this.#policy.flows), this.#policy);
  }

  #filePromises(index: RunIndex, learned: readonly OpenedPledge[]): void {
    const declared = this.#declaredOf(index);
    this.#touch('edge', this.#edges.put(index, { declared, learned }, this.#patience));
  }

  #touch(subject: string, keys: Iterable<string>): void {
    for (const key of keys) this.#agenda.changed(`${subject}:${key}`);
  }

  #fileTraffic(contribution: Contribution): void {
    const { arrivedAt } = this.#patience;
    for (const key of this.#traffic.put(contribution, arrivedAt)) this.#changedTypes.add(key);
    this.#touch('dead', this.#deadLetters.put(contribution));
  }

  *#subjectsOf(id: RunId): Iterable<string> {
    for (const key of this.#edges.ofRun(id)) yield `edge:${key}`;
    for (const key of this.#traffic.ofRun(id)) yield `type:${key}`;
    for (const key of this.#deadLetters.ofRun(id)) yield `dead:${key}`;
    for (const key of this.#marks.ofRun(id)) yield `mark:${key}`;
    for (const key of this.#keys.ofRun(id)) yield `key:${key}`;
    for (const [name, watch] of this.#watches) {
      for (const key of watch.ofRun(id)) yield `${name}:${key}`;
    }
  }

  #judgeNamed(name: string, now: UnixNs): void {
    const notBeforeNs = this.#paced.get(name);
    if (notBeforeNs !== undefined && notBeforeNs > now) {
      this.#agenda.revisit(name, notBeforeNs);
      return;
    }
    const { judged, dueNs, paceMs = 0 } = judgeSubject(name, this.#books, now);
    this.#book.judge(name, judged, now);
    if (judged.length > 0) this.#agenda.revisit(name, rewordNs(judged, now));
    if (dueNs !== null && dueNs > now) this.#agenda.revisit(name, dueNs);
    if (paceMs > 0) this.#paced.set(name, (now + nsFromMs(paceMs)) as UnixNs);
    else this.#paced.delete(name);
  }
}
