import type { RunIndex } from './run-index.js';

/** Whether any step was caused by one that is not here: its caller, perhaps in another process, is not heard of yet. */
export function lacksSpans({ run }: RunIndex): boolean {
  const caused = new Set(run.edges.map(({ to }) => to));
  return run.steps.some(({ step }) => step.parentSpanId !== null && !caused.has(step.id));
}

/** Whether the run shows that spans of it are missing: dropped by their sender, or enclosing others and not here. */
export function hasLostSpans({ run }: RunIndex): boolean {
  const caused = new Set(run.edges.map(({ to }) => to));
  return run.steps.some(({ step }) => {
    if ((step.droppedSpanCount ?? 0) > 0) return true;
    const isInside = step.role === 'work' || step.role === 'call' || step.role === 'send';
    return isInside && step.parentSpanId !== null && !caused.has(step.id);
  });
}
