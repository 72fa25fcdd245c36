import type { Rule } from '@throughline/model/finding';
import type { DetectPolicy, Policy } from '@throughline/model/policy';
import type { Begin } from './stage.js';

/** What was declared; the rest is as the product has it. */
export type RowPolicy = Partial<Omit<Policy, 'detect'>> & {
  readonly detect?: Partial<DetectPolicy>;
};

/** A situation, and what every rule says of it. */
export interface Row {
  readonly name: string;
  readonly policy?: RowPolicy;
  readonly story: (begin: Begin) => void;
  /** Milliseconds after the story's start. */
  readonly judged?: number;
  /** Rule → verdict and number of runs. Every rule that is not named here is silent. */
  readonly says: Partial<Record<Rule, string>>;
  readonly words?: readonly string[];
}
