import type { StepId } from '@throughline/model/ids';
import type { Edge } from '@throughline/model/run';
import type { DeadLetter, Step } from '@throughline/model/step';

/**
 * Takings whose message was moved aside, and why: as the taking says itself, or as the settlement says that it
 * led to (a nack without requeue, a dead-lettering call) in a span of its own.
 */
export function refusalsOf(
  steps: ReadonlyMap<StepId, Step>,
  edges: readonly Edge[],
): Map<StepId, DeadLetter> {
  const refusals = new Map<StepId, DeadLetter>();
  for (const { from, to } of edges) {
    const [taking, settlement] = [steps.get(from), steps.get(to)];
    const refusal = settlement?.message?.deadLettered;
    if (taking?.role === 'take' && settlement?.role === 'settle' && refusal) {
      refusals.set(taking.id, refusal);
    }
  }
  for (const step of steps.values()) {
    const refusal = step.message?.deadLettered;
    if (step.role === 'take' && refusal) refusals.set(step.id, refusal);
  }
  return refusals;
}
