import type { AttributeValue } from '@throughline/model/step';
import type { Problem } from './span-draft.js';

/** Takes the first thing that was wrong, and says how exactly values are to be read. */
export interface Problems {
  problem: Problem | null;
  /** Whole numbers that came as doubles stay apart from integers, as `WholeDouble`. */
  readonly keepsDoubles: boolean;
}

/** A record without a prototype, so that `__proto__` is a field like any other. */
export function emptyRecord(): Record<string, AttributeValue> {
  return Object.create(null) as Record<string, AttributeValue>;
}
