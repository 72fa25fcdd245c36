import type { Storyline } from '@throughline/fixtures/build/storyline';
import type { Kind, Label } from './kinds.js';
import type { Point, Shape } from './shape.js';

/** What is to befall one flow, and where. */
export interface Fate {
  readonly kind: Kind;
  readonly point: Point;
}

/** One flow before it is told. */
export interface Plan {
  readonly number: number;
  readonly shape: Shape;
  readonly startMs: number;
  readonly fate: Fate | null;
}

/** One flow as it was told, with the truth about it. */
export interface ToldFlow {
  readonly number: number;
  readonly shape: Shape;
  /** `unclear`: between right and wrong, such as a wait that is long for its kind: judged by nobody. */
  readonly label: Label | 'unclear';
  readonly point: Point | null;
  /** Milliseconds from the start of the corpus to the instant from which the fault stood; null without one. */
  readonly faultAtMs: number | null;
  readonly line: Storyline;
}
