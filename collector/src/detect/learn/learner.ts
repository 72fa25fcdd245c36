import type { RunId } from '@throughline/model/ids';
import type { Policy } from '@throughline/model/policy';
import type { Run } from '@throughline/model/run';
import type { UnixNs } from '@throughline/model/time';
import { flowOf, isOver, type OpenedPledge } from '../pledge.js';
import { learnedPledges } from './learned-pledge.js';
import { LearnLedger } from './learn-ledger.js';
import { openingsOf, type Opened } from './opening.js';
import { reactionOf, type Reaction } from './reaction.js';

export interface Promised {
  readonly run: Run;
  readonly pledges: readonly OpenedPledge[];
}

/** Learns from runs what follows what, and promises it of other runs. Silent when the policy switches it off. */
export class Learner {
  readonly #policy: Policy;
  readonly #ledger: LearnLedger;

  constructor(policy: Policy) {
    this.#policy = policy;
    this.#ledger = new LearnLedger(policy.detect);
  }

  /** Learns from the run as it is now. @returns what the lessons so far promise of it. */
  put(run: Run): readonly OpenedPledge[] {
    if (this.#policy.detect.learn === false) return [];
    const opened = openingsOf(run, flowOf(run, this.#policy.flows)?.workflow ?? run.workflow);
    this.#ledger.put(run, opened);
    return this.#pledgesOf(run, opened);
  }

  remove(id: RunId): void {
    this.#ledger.remove(id);
  }

  /** Learns what is new. @returns the runs of which something else is promised now. */
  *refresh(now: UnixNs): Iterable<Promised> {
    for (const id of this.#ledger.refresh(now)) {
      const run = this.#ledger.held(id);
      if (run === undefined) continue;
      const opened = openingsOf(run, flowOf(run, this.#policy.flows)?.workflow ?? run.workflow);
      yield { run, pledges: this.#pledgesOf(run, opened) };
    }
  }

  reactionsOf(workflow: string): readonly Reaction[] {
    return this.#ledger.lessonsOf(workflow).map(reactionOf);
  }

  #pledgesOf(run: Run, opened: readonly Opened[]): readonly OpenedPledge[] {
    if (opened.every(({ key }) => this.#ledger.lessonsAt(key).length === 0)) return [];
    const flow = flowOf(run, this.#policy.flows);
    return learnedPledges(opened, {
      run,
      flow,
      hasEnded: isOver(run, flow),
      graceMs: this.#policy.detect.stalled.graceMs,
      lessonsAt: (key) => this.#ledger.lessonsAt(key),
      passage: (key, reactor) => this.#ledger.passage(key, reactor),
    });
  }
}
