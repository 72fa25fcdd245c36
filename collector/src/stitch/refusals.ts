import type { StepId } from '@throughline/model/ids';
import type { Edge } from '@throughline/model/run';
import type { DeadLetter, Step } from '@throughline/model/step';
import { eachOf, type Sliced } from './sliced.js';
import type { StepLookup } from './step-table.js';

/**
 * Takings whose message was moved aside, and why: as the taking says itself, or as the settlement says that it
 * led to (a nack without requeue, a dead-lettering call) in a span of its own.
 */
export function* refusalsOf(
  list: Iterable<Step>,
  steps: StepLookup,
  edges: readonly Edge[],
): Sliced<Map<StepId, DeadLetter>> {
  const refusals = new Map<StepId, DeadLetter>();
  const told = new Map<StepId, DeadLetter>();
  const settlements = new Map<StepId, DeadLetter>();
  yield* eachOf(list, ({ id, role, message }) => {
    const refusal = message?.deadLettered;
    if (!refusal) return;
    if (role === 'settle') settlements.set(id, refusal);
    else if (role === 'take') told.set(id, refusal);
  });
  if (settlements.size > 0) {
    yield* eachOf(edges, ({ from, to }) => {
      const refusal = settlements.get(to);
      if (refusal && steps.get(from)?.role === 'take') refusals.set(from, refusal);
    });
  }
  for (const [id, refusal] of told) refusals.set(id, refusal);
  return refusals;
}
