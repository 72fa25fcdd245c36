import type { KeyRule } from '@throughline/model/key';
import type { Step } from '@throughline/model/step';
import type { WireSpan } from '../wire.js';

/** Turns a wire span into a step: the only place that knows attribute spellings. Pure; never throws. */
export function normalize(span: WireSpan, keyRules: readonly KeyRule[]): Step {
  throw new Error(`${span.name} ${keyRules.length}`);
}
