import type { StepId } from '@throughline/model/ids';
import type { RunMessage } from '@throughline/model/run';
import type { Step } from '@throughline/model/step';

/**
 * The number of the delivery or try behind each step: what the span says; else one more than the failed
 * takings of the same message by the same reader before it. Two spans of one reader for one message (receive
 * and process) are one delivery.
 */
export function attemptsOf(
  steps: ReadonlyMap<StepId, Step>,
  messages: readonly RunMessage[],
): Map<StepId, number> {
  const attempts = new Map<StepId, number>();
  for (const step of steps.values()) {
    attempts.set(step.id, step.attempt ?? step.message?.delivery ?? 1);
  }
  for (const { takenBy } of messages) {
    const failures = new Map<string, number>();
    for (const id of takenBy) {
      const step = steps.get(id);
      if (!step) continue;
      const reader = `${step.service} ${step.message?.subscription ?? ''}`;
      const failed = failures.get(reader) ?? 0;
      const isCounted = step.attempt !== null || (step.message?.delivery ?? null) !== null;
      if (!isCounted) attempts.set(id, failed + 1);
      if (step.status === 'error') failures.set(reader, failed + 1);
    }
  }
  return attempts;
}
