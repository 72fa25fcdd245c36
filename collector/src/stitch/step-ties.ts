import type { Step } from '@throughline/model/step';
import { messageKey } from './letters.js';

/**
 * Names of everything by which a step can come to be in a run with other steps, or change what another run shows: its
 * trace (`t…`), traces that it links to (`t…`), keys of a run or of its parent (`k…`), the message that it sent or took
 * (`m…`). Two steps that share none have nothing to do with each other.
 */
export function tiesOfStep(step: Step): string[] {
  const ties = [`t${step.traceId}`];
  for (const { traceId } of step.links) if (traceId !== step.traceId) ties.push(`t${traceId}`);
  for (const { type, value, relation } of step.keys) {
    if (relation !== 'touches') ties.push(`k${type}\u0000${value}`);
  }
  const message = messageKey(step);
  if (message !== null) ties.push(`m${message}`);
  return ties;
}
