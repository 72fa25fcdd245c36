import type { Flow, FlowExpectation } from '@throughline/model/policy';
import type { RunOutcome } from '@throughline/model/step';
import { GraphReach, type Clause } from './graph-reach.js';
import type { GraphNode, StepGraph } from './step-graph.js';
import { toldDuration } from './told-duration.js';

/** What the entry of the config file adds to its document. */
export interface FlowTerms {
  readonly startsWith: string | null;
  readonly ends: Flow['ends'] | null;
  readonly deadlineMs: number | null;
  /** For each step whose time the document does not say. */
  readonly withinMs: number | null;
}

/** The flow that a declared process is: its certain successions as expectations, and its ends where steps show them. */
export function flowOfGraph(graph: StepGraph, terms: FlowTerms): Flow {
  const named = unambiguous(graph);
  const deadlineMs = terms.deadlineMs ?? graph.deadlineMs;
  const { workflow, notes, compensations } = graph;
  notes.workflow(workflow);
  if (deadlineMs !== null)
    notes.understood(null, `${workflow} ends within ${toldDuration(deadlineMs)}`);
  for (const [step, undo] of compensations) notes.understood(null, `"${undo}" undoes "${step}"`);
  const flow = {
    workflow,
    startsWith: terms.startsWith ?? startOf(named),
    ends: terms.ends ?? endsOf(named),
    deadlineMs,
    expects: expectationsOf(named, { ...terms, deadlineMs }),
    compensations,
    origin: notes.path,
  };
  if (flow.startsWith !== null)
    notes.understood(null, `${workflow} starts with ${flow.startsWith}`);
  if (flow.ends.length === 0) {
    notes.notUnderstood(
      null,
      `no step alone tells that ${workflow} has ended: add ends if one does`,
    );
  }
  for (const { event, outcome } of flow.ends) {
    notes.understood(null, `"${event}" ends ${workflow} as ${outcome}`);
  }
  return flow;
}

/** A name that several elements go by tells nothing, and is taken from all of them but as their last one. */
function unambiguous(graph: StepGraph): StepGraph {
  const owners = new Map<string, number>();
  for (const { names } of graph.nodes.values()) {
    for (const name of new Set(names)) owners.set(name, (owners.get(name) ?? 0) + 1);
  }
  const nodes = new Map<string, GraphNode>();
  for (const [id, node] of graph.nodes) {
    const own = [...new Set(node.names)].filter((name) => owners.get(name) === 1);
    nodes.set(id, own.length === 0 ? node : { ...node, names: own });
    const [shared] = node.names;
    if (own.length > 0 || shared === undefined) continue;
    graph.notes.notUnderstood(
      node.line,
      `several elements are called "${shared}": nothing is promised after it`,
    );
    nodes.set(id, { ...node, isOpen: true });
  }
  return { ...graph, nodes };
}

interface Times {
  readonly withinMs: number | null;
  readonly deadlineMs: number | null;
}

function expectationsOf(graph: StepGraph, times: Times): FlowExpectation[] {
  const { nodes, notes } = graph;
  const reach = new GraphReach(graph);
  const found: FlowExpectation[] = [];
  const inOrder = [...nodes.values()].sort((a, b) => a.line - b.line);
  for (const node of inOrder) {
    const [after, ...alsoAfter] = node.names;
    if (after === undefined) continue;
    for (const clause of reach.after(node)) {
      const targets = clause.targets.flatMap((id) => nodes.get(id) ?? []);
      const [event, ...alsoEvents] = targets.flatMap(({ names }) => names);
      if (event === undefined) continue;
      const what = targets.map(({ names }) => names[0] ?? '').join(' or ');
      const withinMs = withinOf(clause, times);
      if (withinMs === Infinity) {
        notes.understood(node.line, `after "${after}" nothing says when "${what}" comes`);
      } else if (withinMs === null) {
        const order = `after "${after}" follows "${what}", in a time that nothing says`;
        notes.notUnderstood(node.line, `${order}: add within or deadline to the entry`);
      } else {
        notes.understood(
          node.line,
          `after "${after}" follows "${what}" within ${toldDuration(withinMs)}`,
        );
        found.push({ after, alsoAfter, event, alsoEvents, what, by: null, withinMs });
      }
    }
  }
  return found;
}

function withinOf({ ms, unsaid }: Clause, { withinMs, deadlineMs }: Times): number | null {
  if (ms === Infinity) return Infinity;
  if (unsaid > 0) return withinMs === null ? deadlineMs : ms + unsaid * withinMs;
  // A message that is sent at once is still given the time of a step.
  return ms > 0 ? ms : (withinMs ?? deadlineMs);
}

/** The one step that every run begins with; null when there are several, or none that shows. */
function startOf(graph: StepGraph): string | null {
  const clauses = new GraphReach(graph).from(graph.start);
  const [first] = clauses;
  if (first === undefined || clauses.length > 1 || first.targets.length > 1) return null;
  return graph.nodes.get(first.targets[0] ?? '')?.names[0] ?? null;
}

/** The steps that end a run; none unless each way through the process ends in one. */
function endsOf(graph: StepGraph): Flow['ends'] {
  const { nodes } = graph;
  const concurrent = concurrentOf(nodes);
  const ends = new Map<string, RunOutcome>();
  for (const node of reachable(graph)) {
    const broken = node.interrupts.map(({ to }) => outcomesFrom([to], nodes));
    // Broken off, the run would end and no step would tell.
    if (broken.some((found) => endsWell(found))) return [];
    if (node.names.length === 0) continue;
    const outcomes = node.end === undefined ? outcomesFrom(node.next, nodes) : new Set([node.end]);
    if (![...outcomes].some((outcome) => outcome !== 'goes on')) continue;
    const [outcome] = outcomes;
    const isSure = outcomes.size === 1 && !concurrent.has(node.id) && node.isOpen !== true;
    if (!isSure || outcome === undefined || outcomes.has('goes on')) return [];
    for (const name of node.names) ends.set(name, outcome as RunOutcome);
  }
  return [...ends].map(([event, outcome]) => ({ event, outcome }));
}

function reachable({ nodes, start }: StepGraph): GraphNode[] {
  const found = new Set([start]);
  for (const id of found) {
    const node = nodes.get(id);
    for (const next of node?.next ?? []) found.add(next);
    for (const { to } of node?.interrupts ?? []) found.add(to);
  }
  return [...found].flatMap((id) => nodes.get(id) ?? []);
}

/** How paths end without another step that shows; `goes on` where one shows. */
function outcomesFrom(
  ids: readonly string[],
  nodes: ReadonlyMap<string, GraphNode>,
): ReadonlySet<RunOutcome | 'goes on'> {
  const outcomes = new Set<RunOutcome | 'goes on'>();
  const seen = new Set(ids);
  for (const id of seen) {
    const node = nodes.get(id);
    if (node === undefined) continue;
    if (node.names.length > 0) outcomes.add('goes on');
    else if (node.end !== undefined) outcomes.add(node.end);
    else for (const next of node.next) seen.add(next);
  }
  return outcomes;
}

function endsWell(outcomes: ReadonlySet<RunOutcome | 'goes on'>): boolean {
  return [...outcomes].some((outcome) => outcome !== 'goes on' && outcome !== 'failed');
}

/** Nodes beside which others may be under way. */
function concurrentOf(nodes: ReadonlyMap<string, GraphNode>): ReadonlySet<string> {
  const found = new Set<string>();
  for (const split of nodes.values()) {
    if (split.follow !== 'all' || split.next.length < 2) continue;
    const inside = new Set(split.next);
    for (const id of inside) {
      const node = nodes.get(id);
      if (node === undefined || node.joins === true) continue;
      found.add(id);
      for (const next of node.next) inside.add(next);
    }
  }
  return found;
}
