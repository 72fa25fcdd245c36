import type { StepId } from '@throughline/model/ids';
import type { Edge } from '@throughline/model/run';
import type { MessageFacet, Step } from '@throughline/model/step';
import { eachOf, type Sliced } from './sliced.js';
import type { StepLookup } from './step-table.js';

/**
 * Takings below another taking of the same message by the same service, as with libraries that report the
 * receiving and, as its child, the processing of a record: the inner step → the outer one. They are one delivery.
 * A taking that some send explains by itself is no such thing.
 */
export function* rereadsOf(
  steps: StepLookup,
  edges: Iterable<Edge>,
): Sliced<ReadonlyMap<StepId, StepId>> {
  const explained = new Set<StepId>();
  const below: Edge[] = [];
  yield* eachOf(edges, (edge) => {
    if (edge.kind === 'message') explained.add(edge.to);
    // Below a call there is no taking.
    else if (edge.kind === 'follows' && edge.evidence === 'parent') below.push(edge);
  });
  const rereads = new Map<StepId, StepId>();
  yield* eachOf(below, ({ from, to }) => {
    const inner = steps.get(to);
    if (inner?.role !== 'take' || explained.has(to)) return;
    const outer = steps.get(from);
    const isTaking = outer?.role === 'take' || (outer?.role === 'fetch' && explained.has(from));
    if (isTaking && outer.service === inner.service && isSameMessage(outer, inner)) {
      rereads.set(to, from);
    }
  });
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
