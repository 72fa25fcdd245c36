import type { AttributeValue, Step } from '@throughline/model/step';
import type { WireSpan } from './wire.js';

/** Later ones go before earlier ones where they say different things, as in the step that they make. */
const ORDER = ['heartbeat', 'start', 'span', 'end'] as const;

/**
 * The span that says at once what signals from a log, and perhaps a snapshot, said one by one: sending it to another
 * collector gives the same step.
 *
 * @param parts at least one.
 */
export function spanOfSignals(step: Step, parts: readonly WireSpan[]): WireSpan {
  const placeOf = ({ signal }: WireSpan): number => ORDER.indexOf(signal ?? 'span');
  const sorted = [...parts].sort((a, b) => placeOf(a) - placeOf(b));
  const last = sorted.at(-1);
  if (last === undefined) throw new Error('BUG: a step without any report');
  const attributes = new Map<string, AttributeValue>(
    sorted.flatMap((part) => [...part.attributes]),
  );
  attributes.delete('throughline.pending');
  if (step.isPending) attributes.set('throughline.pending', true);
  const { signal: _, ...span } = last;
  return {
    ...span,
    parentSpanId: step.parentSpanId,
    name: step.name,
    startedAtNs: step.startedAtNs,
    endedAtNs: step.endedAtNs,
    attributes,
  };
}
