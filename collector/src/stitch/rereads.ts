import type { StepId } from '@throughline/model/ids';
import type { Edge } from '@throughline/model/run';
import type { MessageFacet, Step } from '@throughline/model/step';

/**
 * Takings below another taking of the same message by the same service, as with libraries that report the
 * receiving and, as its child, the processing of a record: the inner step → the outer one. They are one delivery.
 * A taking that some send explains by itself is no such thing.
 */
export function rereadsOf(
  steps: ReadonlyMap<StepId, Step>,
  edges: Iterable<Edge>,
): ReadonlyMap<StepId, StepId> {
  const list = [...edges];
  const explained = new Set(list.flatMap(({ to, kind }) => (kind === 'message' ? [to] : [])));
  const rereads = new Map<StepId, StepId>();
  for (const { from, to, evidence } of list) {
    const [outer, inner] = [steps.get(from), steps.get(to)];
    if (evidence !== 'parent' || explained.has(to) || inner?.role !== 'take') continue;
    const isTaking = outer?.role === 'take' || (outer?.role === 'fetch' && explained.has(from));
    if (isTaking && outer.service === inner.service && isSameMessage(outer, inner)) {
      rereads.set(to, from);
    }
  }
  return rereads;
}

function isSameMessage({ message: a }: Step, { message: b }: Step): boolean {
  if (!a || !b || a.system !== b.system || a.destination !== b.destination) return false;
  return isOneOrUnknown(a, b, 'messageId') && isOneOrUnknown(a, b, 'type');
}

function isOneOrUnknown(a: MessageFacet, b: MessageFacet, name: 'messageId' | 'type'): boolean {
  return a[name] === null || b[name] === null || a[name] === b[name];
}

/** The outermost taking of the delivery that a step belongs to. */
export function deliveryOf(id: StepId, rereads: ReadonlyMap<StepId, StepId>): StepId {
  const path = new Set<StepId>();
  let at = id;
  for (let outer = rereads.get(at); outer !== undefined && !path.has(at); outer = rereads.get(at)) {
    path.add(at);
    at = outer;
  }
  return at;
}
