import { calendarOf } from '@throughline/model/business-time';
import type { Correction } from '@throughline/model/correction';
import type { RunId } from '@throughline/model/ids';
import type { Policy } from '@throughline/model/policy';
import type { UnixNs } from '@throughline/model/time';
import { flowOf, isOver, type OpenedPledge } from '../pledge.js';
import { RunIndex } from '../run-index.js';
import { learnedPledges } from './learned-pledge.js';
import { LearnLedger } from './learn-ledger.js';
import { openingsOf, type Opened } from './opening.js';
import { reactionOf, type Reaction } from './reaction.js';

export interface Relearned {
  readonly index: RunIndex;
  readonly learned: readonly OpenedPledge[];
}

const NOTHING: readonly OpenedPledge[] = [];

/** Learns from runs what follows what, and promises it of other runs. Silent when the policy switches it off. */
export class Learner {
  readonly #policy: Policy;
  readonly #ledger: LearnLedger;

  constructor(policy: Policy) {
    this.#policy = policy;
    this.#ledger = new LearnLedger(policy);
  }

  /** Learns from the run as it is now. @returns what the lessons so far promise of it and was not kept. */
  put(index: RunIndex): readonly OpenedPledge[] {
    if (this.#policy.detect.learn === false) return NOTHING;
    const opened = this.#openingsOf(index);
    this.#ledger.put(index.run, opened);
    return this.#pledgesOf(index, opened, 'unkept');
  }

  remove(id: RunId): void {
    this.#ledger.remove(id);
  }

  /** All that people say over what runs teach. Shows at the next refresh. */
  correct(all: readonly Correction[]): void {
    this.#ledger.correct(all);
  }

  /** The run will not be heard of for long: what it taught stays taught. */
  left(id: RunId): void {
    this.#ledger.left(id);
  }

  /** What the lessons so far promise of the run, kept or not. */
  promisesOf(index: RunIndex): readonly OpenedPledge[] {
    if (this.#policy.detect.learn === false) return NOTHING;
    return this.#pledgesOf(index, this.#openingsOf(index), 'all');
  }

  /** Learns what is new. @returns the runs of which something else is promised now. */
  *refresh(now: UnixNs): Iterable<Relearned> {
    for (const id of this.#ledger.refresh(now)) {
      const run = this.#ledger.held(id);
      if (run === undefined) continue;
      const index = new RunIndex(run);
      yield { index, learned: this.#pledgesOf(index, this.#openingsOf(index), 'unkept') };
    }
  }

  /** Of all spans, the share that gets lost on its way here, as far as it is known. */
  get lossShare(): number {
    return this.#ledger.lossShare;
  }

  reactionsOf(workflow: string): readonly Reaction[] {
    return this.#ledger.lessonsOf(workflow).map(reactionOf);
  }

  #openingsOf(index: RunIndex): readonly Opened[] {
    return openingsOf(index, flowOf(index, this.#policy.flows)?.workflow ?? index.run.workflow);
  }

  #pledgesOf(
    index: RunIndex,
    opened: readonly Opened[],
    scope: 'all' | 'unkept',
  ): readonly OpenedPledge[] {
    if (opened.every(({ key }) => this.#ledger.lessonsAt(key).length === 0)) return NOTHING;
    const flow = flowOf(index, this.#policy.flows);
    const teaching = {
      run: index.run,
      flow,
      hasEnded: isOver(index, flow),
      graceMs: this.#policy.detect.stalled.graceMs,
      calendar: calendarOf(this.#policy, flow?.workflow ?? index.run.workflow),
      lessonsAt: (key: string) => this.#ledger.lessonsAt(key),
      passage: (key: string, reactor: string) => this.#ledger.passage(key, reactor),
    };
    return learnedPledges(opened, teaching, scope);
  }
}
