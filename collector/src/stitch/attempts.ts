import type { StepId } from '@throughline/model/ids';
import type { RunMessage } from '@throughline/model/run';
import type { Step } from '@throughline/model/step';
import { eachOf, type Sliced } from './sliced.js';
import type { StepLookup } from './step-table.js';

/**
 * The number of the delivery or try behind each step: what the span says; else one more than the failed
 * takings of the same message by the same reader before it. Two spans of one reader for one message (receive
 * and process) are one delivery.
 */
export function* attemptsOf(
  steps: StepLookup,
  messages: readonly RunMessage[],
): Sliced<(step: Step) => number> {
  const later = new Map<StepId, number>();
  yield* eachOf(messages, ({ takenBy }) => {
    if (takenBy.length < 2) {
      for (const id of takenBy) later.delete(id);
      return;
    }
    const failures = new Map<string, number>();
    for (const id of takenBy) {
      const step = steps.get(id);
      if (!step) continue;
      const reader = `${step.service} ${step.message?.subscription ?? ''}`;
      const failed = failures.get(reader) ?? 0;
      if (told(step) === null) later.set(id, failed + 1);
      if (step.status === 'error') failures.set(reader, failed + 1);
    }
  });
  return (step) => later.get(step.id) ?? told(step) ?? 1;
}

function told(step: Step): number | null {
  return step.attempt ?? step.message?.delivery ?? null;
}
