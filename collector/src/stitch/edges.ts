import type { StepId } from '@throughline/model/ids';
import type { Edge, EdgeEvidence, EdgeKind } from '@throughline/model/run';
import type { Step } from '@throughline/model/step';
import { inferredEdges } from './inferred-edges.js';
import type { Member } from './member.js';
import { append } from './multimap.js';

/**
 * The edges of a run, cause to effect, without circles; sorted, so that the same members give the same list.
 * What is proven comes first: an effect with a proven cause gets no inferred one.
 */
export function edgesOf(members: readonly Member[]): Edge[] {
  const steps = new Map(members.map(({ step }) => [step.id, step]));
  const edges = new Map<string, Edge>();
  const add = (edge: Edge): void => {
    const name = `${edge.from} ${edge.to}`;
    const known = edges.get(name);
    if (edge.from !== edge.to && (!known || rankOf(edge) < rankOf(known))) edges.set(name, edge);
  };
  for (const member of members) for (const edge of provenCauses(member, steps)) add(edge);
  for (const edge of causationEdges(members, edges)) add(edge);
  for (const edge of compensationEdges(members)) add(edge);
  for (const edge of inferredEdges(members, edges)) add(edge);
  return withoutCircles([...edges.values()], steps);
}

function provenCauses(member: Member, steps: ReadonlyMap<StepId, Step>): Edge[] {
  const { step, ancestor, tiedTo, tiedBy } = member;
  const found: Edge[] = [];
  const parent = ancestor && steps.get(ancestor);
  if (parent) found.push(edge(parent, step, 'parent'));
  for (const id of tiedTo) {
    const target = steps.get(id);
    if (target) found.push(edge(target, step, tiedBy ?? 'link'));
  }
  return found;
}

function edge(from: Step, to: Step, evidence: EdgeEvidence): Edge {
  return { from: from.id, to: to.id, kind: kindOf(from, to, evidence), evidence, confidence: 1 };
}

function kindOf(from: Step, to: Step, evidence: EdgeEvidence): EdgeKind {
  if (from.role === 'send' && (to.role === 'take' || to.role === 'fetch')) return 'message';
  if (to.role === 'serve' && (from.role === 'call' || from.service !== to.service)) return 'call';
  // Nobody waits at the other end of a link; below a parent in another service somebody does.
  const isWaitedFor = evidence === 'parent' && from.role !== 'send' && to.role !== 'take';
  return isWaitedFor && from.service !== to.service ? 'call' : 'follows';
}

/** A message that names the message that caused it: the causing one's taking by this service led to it. */
function* causationEdges(
  members: readonly Member[],
  known: ReadonlyMap<string, Edge>,
): Iterable<Edge> {
  const byMessageId = new Map<string, Step[]>();
  for (const { step } of members) {
    const id = step.message?.messageId;
    if (id) append(byMessageId, id, step);
  }
  const caused = new Set([...known.values()].map(({ to }) => to));
  for (const { step } of members) {
    const causationId = step.message?.causationId;
    if (!causationId || step.role !== 'send' || caused.has(step.id)) continue;
    const causes = byMessageId.get(causationId) ?? [];
    const cause =
      causes.find(({ role, service }) => role === 'take' && service === step.service) ?? causes[0];
    if (!cause) continue;
    yield { from: cause.id, to: step.id, kind: 'follows', evidence: 'causation-id', confidence: 1 };
  }
}

/** A compensating step and the last step before it that bears the name it undoes. */
function* compensationEdges(members: readonly Member[]): Iterable<Edge> {
  if (members.every(({ step }) => step.compensates === null)) return;
  const byName = new Map<string, Step[]>();
  for (const { step } of members) append(byName, step.name, step);
  for (const { step } of members) {
    const undone = step.compensates === null ? undefined : byName.get(step.compensates);
    const last = undone && lastBefore(undone, step);
    if (!last) continue;
    const { id } = last;
    yield { from: id, to: step.id, kind: 'compensates', evidence: 'causation-id', confidence: 1 };
  }
}

/** @param steps by start. */
function lastBefore(steps: readonly Step[], { id, startedAtNs }: Step): Step | undefined {
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle] as Step).startedAtNs <= startedAtNs) low = middle + 1;
    else high = middle;
  }
  const last = steps[low - 1];
  return last?.id === id ? steps[low - 2] : last;
}

const EVIDENCE_RANK: readonly EdgeEvidence[] = [
  'link',
  'parent',
  'message-id',
  'engine',
  'causation-id',
  'inferred',
];

/** A message tie says more than a mere sequence; proof says more than inference. */
function rankOf({ kind, evidence }: Edge): number {
  const rank = EVIDENCE_RANK.indexOf(evidence);
  return kind === 'follows' ? rank + EVIDENCE_RANK.length : rank;
}

/** Drops, of each circle (spans that name each other as parent), the edge into its first step. */
function withoutCircles(edges: Edge[], steps: ReadonlyMap<StepId, Step>): Edge[] {
  const order = [...steps.keys()];
  const rank = new Map(order.map((id, index) => [id, index]));
  edges.sort((a, b) => compare(rank, a, b));
  const incoming = new Map<StepId, number>();
  const outgoing = new Map<StepId, Edge[]>();
  for (const item of edges) {
    incoming.set(item.to, (incoming.get(item.to) ?? 0) + 1);
    append(outgoing, item.from, item);
  }
  const dropped = new Set<Edge>();
  const done = new Set<StepId>();
  const ready = order.filter((id) => !incoming.get(id));
  let next = 0;
  while (done.size < order.length) {
    const id = ready.pop();
    if (id === undefined) {
      while (done.has(order[next] as StepId)) next += 1;
      const first = order[next] as StepId;
      for (const item of edges) if (item.to === first && !done.has(item.from)) dropped.add(item);
      ready.push(first);
      continue;
    }
    if (done.has(id)) continue;
    done.add(id);
    for (const item of outgoing.get(id) ?? []) {
      if (dropped.has(item)) continue;
      const left = (incoming.get(item.to) ?? 1) - 1;
      incoming.set(item.to, left);
      if (left === 0) ready.push(item.to);
    }
  }
  return edges.filter((item) => !dropped.has(item));
}

function compare(rank: ReadonlyMap<StepId, number>, a: Edge, b: Edge): number {
  const at = (id: StepId): number => rank.get(id) ?? 0;
  return at(a.from) - at(b.from) || at(a.to) - at(b.to);
}
