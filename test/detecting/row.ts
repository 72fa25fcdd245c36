import type { Rule } from '@throughline/model/finding';
import type { Policy } from '@throughline/model/policy';
import type { Begin } from './stage.js';

/** A situation, and what every rule says of it. */
export interface Row {
  readonly name: string;
  readonly policy?: Partial<Policy>;
  readonly story: (begin: Begin) => void;
  /** Milliseconds after the story's start. */
  readonly judged?: number;
  /** Rule → verdict and number of runs. Every rule that is not named here is silent. */
  readonly says: Partial<Record<Rule, string>>;
  readonly words?: readonly string[];
}
