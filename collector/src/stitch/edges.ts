import type { Edge, EdgeEvidence, EdgeKind } from '@throughline/model/run';
import type { Step } from '@throughline/model/step';
import { EdgeList } from './edge-list.js';
import { inferredEdges } from './inferred-edges.js';
import type { Member } from './member.js';
import { append } from './multimap.js';
import { eachOf, type Sliced } from './sliced.js';
import type { StepTable } from './step-table.js';

/**
 * The edges of a run, cause to effect, without circles; sorted, so that the same members give the same list.
 * What is proven comes first: an effect with a proven cause gets no inferred one.
 */
export function* edgesOf(members: readonly Member[], steps: StepTable): Sliced<Edge[]> {
  const edges = new EdgeList(steps);
  yield* eachOf(members, (member) => addProvenCauses(member, steps, edges));
  yield* addCausation(members, edges);
  yield* addCompensation(members, edges);
  yield* inferredEdges(members, steps, edges);
  return yield* edges.withoutCircles();
}

function addProvenCauses(member: Member, steps: StepTable, edges: EdgeList): void {
  const { step, ancestor, tiedTo, tiedBy } = member;
  const parent = ancestor && steps.get(ancestor);
  if (parent) edges.add(edge(parent, step, 'parent'));
  for (const id of tiedTo) {
    const target = steps.get(id);
    if (!target) continue;
    const tie = edge(target, step, tiedBy ?? 'link');
    // What a batch is tied to is named once: only its parent may be there already.
    if (id === ancestor) edges.add(tie);
    else edges.addNew(tie);
  }
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
function* addCausation(members: readonly Member[], edges: EdgeList): Sliced<void> {
  const naming: Step[] = [];
  yield* eachOf(members, ({ step }) => {
    const isOpen = step.role === 'send' && step.message?.causationId;
    if (isOpen && !edges.hasCause(step.id)) naming.push(step);
  });
  if (naming.length === 0) return;
  const byMessageId = new Map<string, Step[]>();
  yield* eachOf(members, ({ step }) => {
    const id = step.message?.messageId;
    if (id) append(byMessageId, id, step);
  });
  yield* eachOf(naming, (step) => {
    const causes = byMessageId.get(step.message?.causationId ?? '') ?? [];
    const cause =
      causes.find(({ role, service }) => role === 'take' && service === step.service) ?? causes[0];
    const told = { kind: 'follows', evidence: 'causation-id', confidence: 1 } as const;
    if (cause) edges.add({ from: cause.id, to: step.id, ...told });
  });
}

/** A compensating step and the last step before it that bears the name it undoes. */
function* addCompensation(members: readonly Member[], edges: EdgeList): Sliced<void> {
  const undoing: Step[] = [];
  yield* eachOf(members, ({ step }) => {
    if (step.compensates !== null) undoing.push(step);
  });
  if (undoing.length === 0) return;
  const byName = new Map<string, Step[]>();
  yield* eachOf(members, ({ step }) => append(byName, step.name, step));
  yield* eachOf(undoing, (step) => {
    const last = lastBefore(byName.get(step.compensates ?? '') ?? [], step);
    const told = { kind: 'compensates', evidence: 'causation-id', confidence: 1 } as const;
    if (last) edges.add({ from: last.id, to: step.id, ...told });
  });
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
