import type { RunId } from '@throughline/model/ids';
import type { Contribution } from '@throughline/model/traffic';
import type { UnixNs } from '@throughline/model/time';
import type { Verdicts } from '../judging.js';
import type { RuleView } from '../rules/rule-view.js';
import type { RunIndex } from '../run-index.js';

/** A run as it is now. */
export interface Watched {
  readonly index: RunIndex;
  readonly contribution: Contribution;
}

/**
 * Keeps of all runs what one rule compares, and judges by it. Depends on the set of runs only: a run that is put again
 * takes the place of what it showed before.
 */
export interface Watch {
  /** @returns the subjects that the run touched, then or now. */
  put(watched: Watched): Iterable<string>;
  remove(id: RunId): Iterable<string>;
  /** The subjects that the run has part in. */
  ofRun(id: RunId): Iterable<string>;
  judge(subject: string, view: RuleView, now: UnixNs): Verdicts;
}
