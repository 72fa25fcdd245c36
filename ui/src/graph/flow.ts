import type {
  EdgeView,
  MessageView,
  PromiseView,
  RunDetail,
  StepView,
} from '@throughline/model/api/runs';
import { preciseMs } from '../theme/format.js';
import { multimap } from './graph.js';

/** What a run's flow shows: a step, a message being sent, or something expected that has not happened. */
export interface FlowNode {
  readonly id: string;
  readonly lane: string;
  readonly step: StepView | null;
  readonly message: MessageView | null;
  readonly promise: PromiseView | null;
  /** Steps that are drawn as part of this one; the inspector lists them. */
  readonly inner: readonly StepView[];
}

export interface FlowEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: EdgeView['kind'] | 'expected';
  readonly evidence: EdgeView['evidence'] | null;
  readonly confidence: number;
}

export interface FlowGraph {
  readonly nodes: readonly FlowNode[];
  readonly edges: readonly FlowEdge[];
  /** Shown step for every step of the run, hidden ones included. */
  readonly shownAs: ReadonlyMap<string, string>;
  /** Where the run waits. */
  readonly frontier: ReadonlySet<string>;
  readonly conductor: string | null;
}

export type FlowRun = Pick<
  RunDetail,
  'steps' | 'messages' | 'edges' | 'promises' | 'pattern' | 'status'
>;

/** Of several ties between the same two, the one that says most is drawn. */
const WEIGHT = { message: 3, call: 2, follows: 1, compensates: 0, expected: 0 } as const;

const DECLARED = new Set(['task', 'decision', 'approval', 'timer', 'compensation']);

/** Whether a step is drawn by itself, as far as it alone can tell. */
function standsAlone(step: StepView, answered: ReadonlySet<string>): boolean {
  if (step.role === 'call') return !answered.has(step.id);
  if (step.status !== 'ok' || step.compensates !== null || step.outcome !== null) return true;
  if (step.role === 'send' || step.role === 'take' || step.role === 'serve') return true;
  return step.role === 'work' && DECLARED.has(step.kind);
}

/** Every step's stand-in: itself when shown, else the nearest shown cause in its service; never nothing. */
function standIns(run: FlowRun, isInnerShown: boolean): Map<string, string> {
  const steps = new Map(run.steps.map((step) => [step.id, step]));
  const answered = new Set(
    run.edges
      .filter(({ kind, to }) => kind === 'call' && steps.get(to)?.role === 'serve')
      .map(({ from }) => from),
  );
  const causes = multimap(
    run.edges.filter(({ kind }) => kind !== 'message' && kind !== 'compensates'),
    ({ to }) => to,
  );
  const shownAs = new Map<string, string>();
  const causeOf = (step: StepView) => {
    const cause = step.parentId ?? causes.get(step.id)?.[0]?.from;
    return cause !== undefined && steps.has(cause) ? cause : undefined;
  };
  for (const step of run.steps) {
    const trail: string[] = [];
    let at: string = step.id;
    while (!shownAs.has(at)) {
      const current = steps.get(at) as StepView;
      const cause = causeOf(current);
      const isCycle = cause !== undefined && (cause === at || trail.includes(cause));
      if (isInnerShown || standsAlone(current, answered) || cause === undefined || isCycle) {
        shownAs.set(at, at);
        break;
      }
      trail.push(at);
      at = cause;
    }
    const stand = shownAs.get(at) as string;
    for (const id of trail) shownAs.set(id, stand);
  }
  return shownAs;
}

/** The service that calls or commands others most, in a run that somebody directs. */
export function conductorOf(run: FlowRun): string | null {
  if (run.pattern !== 'orchestrated' && run.pattern !== 'hybrid') return null;
  const services = new Map(run.steps.map(({ id, service }) => [id, service]));
  const counts = new Map<string, number>();
  for (const { from, to, kind } of run.edges) {
    const caller = services.get(from);
    if (kind !== 'call' || caller === undefined || services.get(to) === caller) continue;
    counts.set(caller, (counts.get(caller) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return most?.[0] ?? null;
}

/** Promises that nobody kept and that still may be: the ghosts of the picture. */
export function openPromises(run: Pick<FlowRun, 'promises' | 'status'>): PromiseView[] {
  return run.promises.filter(
    ({ state }) => state === 'overdue' || (state === 'open' && run.status === 'active'),
  );
}

/** Reduces a run to what a person wants to see first. Steps are hidden, never lost. */
export function flowGraph(run: FlowRun, isInnerShown: boolean): FlowGraph {
  const shownAs = standIns(run, isInnerShown);
  const inner = multimap(
    run.steps.filter(({ id }) => shownAs.get(id) !== id),
    ({ id }) => shownAs.get(id) ?? '',
  );
  const sent = new Map(
    run.messages.flatMap((message) => (message.sentBy === null ? [] : [[message.sentBy, message]])),
  );
  const nodes: FlowNode[] = run.steps
    .filter(({ id }) => shownAs.get(id) === id)
    .sort((a, b) => preciseMs(a.startedAt) - preciseMs(b.startedAt) || (a.id < b.id ? -1 : 1))
    .map((step) => ({
      id: step.id,
      lane: step.service,
      step,
      message: step.role === 'send' ? (sent.get(step.id) ?? null) : null,
      promise: null,
      inner: inner.get(step.id) ?? [],
    }));
  const edges = shownEdges(run, shownAs);
  const ghosts = flowGhosts(run);
  const frontier = new Set<string>();
  for (const { id, promise } of ghosts) {
    const after = promise.afterStep === null ? undefined : shownAs.get(promise.afterStep);
    if (after === undefined) continue;
    edges.push({ from: after, to: id, kind: 'expected', evidence: null, confidence: 1 });
    frontier.add(after);
  }
  if (run.status === 'active' && frontier.size === 0) {
    for (const { id, step } of nodes) if (step?.status === 'pending') frontier.add(id);
  }
  return { nodes: [...nodes, ...ghosts], edges, shownAs, frontier, conductor: conductorOf(run) };
}

/** A step that was promised and has not come; its id is the same in every view of the run. */
export interface FlowGhost extends FlowNode {
  readonly promise: PromiseView;
}

export function flowGhosts(run: Pick<FlowRun, 'promises' | 'status'>): FlowGhost[] {
  return openPromises(run).map((promise, index) => ({
    id: `promise:${String(index)}`,
    lane: promise.by ?? 'whoever takes it',
    step: null,
    message: null,
    promise,
    inner: [],
  }));
}

function shownEdges(run: FlowRun, shownAs: ReadonlyMap<string, string>): FlowEdge[] {
  const edges = new Map<string, FlowEdge>();
  for (const { from, to, kind, evidence, confidence } of run.edges) {
    const a = shownAs.get(from);
    const b = shownAs.get(to);
    if (a === undefined || b === undefined || a === b) continue;
    const key = `${a} ${b}`;
    const known = edges.get(key);
    if (known !== undefined && WEIGHT[known.kind] >= WEIGHT[kind]) continue;
    edges.set(key, { from: a, to: b, kind, evidence, confidence });
  }
  return [...edges.values()];
}
