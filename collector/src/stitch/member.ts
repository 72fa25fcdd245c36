import type { StepId } from '@throughline/model/ids';
import type { Provenance } from '@throughline/model/run';
import type { Step } from '@throughline/model/step';

/** A step of a run with what the rest of the set says about it. The input of everything that assembles. */
export interface Member {
  readonly step: Step;
  readonly why: Provenance;
  /** The nearest ancestor that is in this run. */
  readonly ancestor: StepId | null;
  /** That ancestor is the parent itself. */
  readonly isChild: boolean;
  /** Steps of this run that it is tied to by link or message id. */
  readonly tiedTo: readonly StepId[];
  readonly tiedBy: 'link' | 'message-id' | null;
  /** The service of the step's parent where that is in another run; null otherwise. */
  readonly causedFrom: string | null;
  /** A child of this step is in another run and answers it. */
  readonly isAnsweredElsewhere: boolean;
  /** Of a send: takings of its message in other runs. */
  readonly takenElsewhere: readonly Step[];
  /** Of a taking: its message was sent in another run, and in none of this one's steps. */
  readonly isSentElsewhere: boolean;
}
