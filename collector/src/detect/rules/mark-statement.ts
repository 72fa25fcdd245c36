import type { FindingSubject, Rule, Statement } from '@throughline/model/finding';
import type { Policy } from '@throughline/model/policy';
import type { Run } from '@throughline/model/run';
import type { UnixNs } from '@throughline/model/time';
import { findingId } from '../finding-id.js';
import type { Mark } from '../mark.js';
import type { Marked } from '../mark-ledger.js';
import type { RunIndex } from '../run-index.js';
import { affectedRuns } from './affected-runs.js';
import type { Judged } from './judged.js';
import { ownerOf, runbookOf, type RuleView } from './rule-view.js';

/** Marks of one cause. */
export interface Marks {
  readonly newest: Mark;
  readonly length: number;
  readonly all: Marked;
}

/** What a rule may look at besides the run. */
export interface Background {
  readonly index: RunIndex;
  readonly policy: Policy;
  /** From when on it is believed that nothing more of the run is on its way, as far as it has come. */
  readonly settledNs: (patienceMs: number) => UnixNs;
}

/** A rule that a single run decides: it marks runs, and says one thing of all runs marked for one cause. */
export interface MarkRule {
  readonly rule: Rule;
  /** Pure: depends on the run, on what was declared, and on when its steps arrived. */
  marksOf(run: Run, background: Background): readonly Mark[];
  judge(marks: Marks, view: RuleView, now: UnixNs): Judged;
}

export interface MarkWords extends Pick<
  Statement,
  'severity' | 'confidence' | 'where' | 'sentence' | 'evidence' | 'next'
> {
  /** Null: the run if it is one, else the place. */
  readonly subject: FindingSubject | null;
}

/** The statement that a rule makes of its marks. */
export function markStatement(marks: Marks, { policy }: RuleView, words: MarkWords): Judged {
  const { newest, all } = marks;
  const { members, newestNs, ...runs } = affectedRuns(all);
  const single: FindingSubject =
    runs.runsAffected === 1
      ? { kind: 'run', id: newest.runId, label: newest.label }
      : { kind: 'service', id: `service:${newest.service}`, label: newest.service };
  return {
    members,
    newestNs,
    statement: {
      ...words,
      ...runs,
      id: findingId(newest.rule, newest.cause),
      rule: newest.rule,
      subject: words.subject ?? single,
      workflow: all.only('workflow'),
      verdict: null,
      next: [...words.next, ...runbookOf(policy, newest.service)],
      owner: ownerOf(policy, newest.service),
    },
  };
}
