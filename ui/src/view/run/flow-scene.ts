import {
  boundsOf,
  type Ink,
  type Scene,
  type SceneBand,
  type SceneEdge,
  type SceneNode,
  type Shape,
} from '../../draw/scene.js';
import type { FlowEdge, FlowGraph, FlowNode } from '../../graph/flow.js';
import { groupFlow, type FlowGroup } from '../../graph/group-flow.js';
import { layOut } from '../../graph/layout.js';
import {
  COLUMN,
  placeFlow,
  STEP_HEIGHT,
  STEP_WIDTH,
  type PlacedFlow,
} from '../../graph/place-flow.js';
import { linkKey, routeLinks, type Point } from '../../graph/route.js';
import { formatCount, formatDuration, plural } from '../../theme/format.js';
import { stepMark, STATUS_TONE, STATUS_WORD, type StatusMarkName } from '../../theme/status.js';

const LANE_LEFT = 170;

function shapeOf({ step, message, promise }: FlowNode): Shape {
  if (step?.role === 'send') return message?.kind === 'command' ? 'command' : 'tag';
  if (promise !== null && !promise.what.startsWith('takes ')) return 'tag';
  return 'pill';
}

export function nodeTitle({ step, message, promise }: FlowNode): string {
  if (promise !== null) return promise.what;
  if (message !== null) return message.type ?? message.destination;
  return step?.name ?? '';
}

function nodeNote({ step, message, promise, inner }: FlowNode): string {
  if (promise !== null) return promise.state === 'overdue' ? 'expected · overdue' : 'expected';
  if (step === null) return '';
  const parts: string[] = [];
  if (message !== null) parts.push(`to ${message.destination}`);
  else if (step.status === 'pending') parts.push('not finished');
  else if (step.durationMs !== null) parts.push(formatDuration(step.durationMs));
  if (step.attempt > 1) parts.push(`attempt ${String(step.attempt)}`);
  if (message?.deadLettered === true) parts.push('dead-lettered');
  if (message?.undeliverable === true) parts.push('undeliverable');
  if (step.compensates !== null) parts.push(`undoes ${step.compensates}`);
  if (inner.length > 0) parts.push(`+${String(inner.length)}`);
  return parts.join(' · ');
}

export function flowMark({ step, message, promise }: FlowNode): StatusMarkName {
  if (promise !== null) return 'missing';
  if (message?.deadLettered === true) return 'dead-lettered';
  if (step === null) return 'unknown';
  return step.compensates === null || step.status === 'error' ? stepMark(step) : 'compensated';
}

/** Well is quiet: only what is not well has colour. */
function inkOf(mark: StatusMarkName): Ink {
  return mark === 'completed' || mark === 'compensated' || mark === 'cancelled'
    ? 'line'
    : STATUS_TONE[mark];
}

/** The extra width of a step that reaches over those it directs; ends before the last one's own column. */
function stretchOf(span: number): number {
  return span <= 0 ? 0 : span * COLUMN + (COLUMN - STEP_WIDTH) - 12;
}

function sceneNode(node: FlowNode, graph: FlowGraph, { places, spans }: PlacedFlow): SceneNode {
  const place = places.get(node.id) ?? { x: 0, y: 0 };
  const stretch = stretchOf(spans.get(node.id) ?? 0);
  const mark = flowMark(node);
  const title = nodeTitle(node);
  const note = nodeNote(node);
  const isFrontier = graph.frontier.has(node.id);
  const crossing = leavesBand(node, graph)
    ? `leaves what ${graph.conductor ?? ''} directs`
    : undefined;
  return {
    id: node.id,
    shape: shapeOf(node),
    x: place.x + stretch / 2,
    y: place.y,
    width: STEP_WIDTH + stretch,
    height: STEP_HEIGHT,
    title,
    qualifier: '',
    note,
    ink: inkOf(mark),
    mark: mark === 'completed' && node.message !== null ? null : mark,
    icon: iconOf(node),
    isGhost: node.promise !== null,
    isConductor: false,
    level: null,
    isFrontier,
    isDimmed: false,
    ...(crossing !== undefined && { crossing }),
    isNew: false,
    description: [
      node.message === null ? 'step' : 'message',
      node.lane,
      STATUS_WORD[mark],
      ...(crossing === undefined ? [] : [crossing]),
    ].join(', '),
  };
}

function iconOf({ step }: FlowNode): SceneNode['icon'] {
  if (step?.kind === 'timer') return 'clock';
  if (step?.kind === 'approval') return 'person';
  return null;
}

function edgeLabel({ kind, evidence, confidence }: FlowEdge): string {
  if (evidence === 'inferred') return `likely, ${String(Math.round(confidence * 100))} %`;
  return kind === 'compensates' ? 'undoes' : '';
}

const EDGE_WIDTH = {
  message: 1.8,
  call: 1.6,
  follows: 1.1,
  compensates: 1.4,
  expected: 1.4,
} as const;

/** The lane's own band, so that a lane can be followed across a wide picture. */
function bandsOf(
  placed: PlacedFlow,
  graph: FlowGraph,
  scene: { left: number; right: number },
): SceneBand[] {
  const lanes = placed.lanes.map(({ name, top, height }): SceneBand => ({
    id: name,
    x: scene.left,
    y: top,
    width: scene.right - scene.left,
    height,
    label: name === graph.conductor ? `${name} · directs` : name,
    kind: 'lane',
  }));
  return lanes;
}

/** A message of the one who directs, or of a step that it directs, which others react to by themselves. */
function leavesBand(
  { id, message, lane }: FlowNode,
  { conductor, nodes, edges }: FlowGraph,
): boolean {
  if (message === null || conductor === null) return false;
  const cause = edges.find(({ to }) => to === id)?.from;
  const isDirected =
    lane === conductor || edges.some(({ kind, to }) => kind === 'call' && to === cause);
  if (!isDirected) return false;
  const lanes = new Map(nodes.map((node) => [node.id, node.lane]));
  return edges.some(
    ({ from, to, kind }) => from === id && kind === 'message' && lanes.get(to) !== conductor,
  );
}

function directedBand(graph: FlowGraph, placed: PlacedFlow): SceneBand[] {
  const lane = placed.lanes.find(({ name }) => name === graph.conductor);
  if (lane === undefined) return [];
  const called = new Set(
    graph.edges.filter(({ kind }) => kind === 'call').flatMap(({ from, to }) => [from, to]),
  );
  const xs = graph.nodes.flatMap(({ id }) =>
    called.has(id) ? (placed.places.get(id)?.x ?? []) : [],
  );
  if (xs.length < 2) return [];
  const left = Math.min(...xs) - STEP_WIDTH / 2 - 14;
  const right = Math.max(...xs) + STEP_WIDTH / 2 + 14;
  return [
    {
      id: 'directed',
      x: left,
      y: lane.top + 4,
      width: right - left,
      height: 20,
      label: `directed by ${lane.name}`,
      kind: 'directed',
    },
  ];
}

/** The calls of a step that makes several in turn, numbered in their order. */
function callNumbers({ edges }: FlowGraph, { places, spans }: PlacedFlow): Map<string, string> {
  const numbers = new Map<string, string>();
  for (const id of spans.keys()) {
    edges
      .filter(({ from, kind }) => from === id && kind === 'call')
      .sort((a, b) => (places.get(a.to)?.layer ?? 0) - (places.get(b.to)?.layer ?? 0))
      .forEach((edge, index) => numbers.set(linkKey(edge), String(index + 1)));
  }
  return numbers;
}

export function flowScene(graph: FlowGraph): Scene {
  const placed = placeFlow(graph);
  const nodes = graph.nodes.map((node) => sceneNode(node, graph, placed));
  const sized = graph.nodes.map(({ id }) => {
    const columns = placed.spans.get(id) ?? 0;
    const stretch = { width: stretchOf(columns), columns };
    return { id, width: STEP_WIDTH, height: STEP_HEIGHT, ...(columns > 0 && { stretch }) };
  });
  const routes = routeLinks(sized, graph.edges, placed.places);
  const numbers = callNumbers(graph, placed);
  const edges = graph.edges.flatMap((edge): SceneEdge[] => {
    const route = routes.get(linkKey(edge));
    if (!route) return [];
    return [
      {
        id: `${edge.from} ${edge.to}`,
        from: edge.from,
        to: edge.to,
        d: route.d,
        end: route.end,
        labelAt: route.middle,
        width: EDGE_WIDTH[edge.kind],
        ink: edge.kind === 'expected' ? 'stalled' : 'line',
        isGhost: edge.kind === 'expected',
        isDotted: edge.kind === 'compensates',
        isDimmed: false,
        label: numbers.get(linkKey(edge)) ?? edgeLabel(edge),
        errorShare: 0,
        description: '',
      },
    ];
  });
  const bounds = boundsOf(nodes);
  const frame = { ...bounds, left: bounds.left - LANE_LEFT, top: -16 };
  const bands = [...bandsOf(placed, graph, frame), ...directedBand(graph, placed)];
  return { nodes, edges, bands, bounds: frame };
}

/** A run too large to draw step by step, as groups of steps that do the same. */
export function groupScene(graph: FlowGraph): { scene: Scene; groupCount: number } {
  const { groups, edges } = groupFlow(graph);
  const sized = groups.map(({ id }) => ({ id, width: STEP_WIDTH, height: STEP_HEIGHT }));
  const places = layOut(sized, edges);
  const nodes = groups.map((group) => groupNode(group, places.get(group.id) ?? { x: 0, y: 0 }));
  const routes = routeLinks(sized, edges, places);
  const drawn = edges.flatMap(({ from, to, count }): SceneEdge[] => {
    const route = routes.get(linkKey({ from, to }));
    if (!route) return [];
    const width = 1 + Math.min(4, Math.log10(count));
    return [
      {
        id: `${from} ${to}`,
        from,
        to,
        d: route.d,
        end: route.end,
        labelAt: route.middle,
        width,
        ink: 'line',
        isGhost: false,
        isDotted: false,
        isDimmed: false,
        label: count > 1 ? `×${formatCount(count)}` : '',
        errorShare: 0,
        description: '',
      },
    ];
  });
  return {
    scene: { nodes, edges: drawn, bands: [], bounds: boundsOf(nodes) },
    groupCount: groups.length,
  };
}

function groupNode(group: FlowGroup, place: Point): SceneNode {
  const failed = group.nodes.filter(({ step }) => step?.status === 'error').length;
  const first = group.nodes[0];
  const isGhost = first?.promise !== null && first?.promise !== undefined;
  const mark = failed > 0 ? 'failed' : isGhost ? 'missing' : null;
  const note = [
    group.service,
    `×${formatCount(group.nodes.length)}`,
    failed > 0 ? `${formatCount(failed)} failed` : '',
  ]
    .filter((part) => part !== '')
    .join(' · ');
  return {
    id: group.id,
    shape: first ? shapeOf(first) : 'pill',
    x: place.x,
    y: place.y,
    width: STEP_WIDTH,
    height: STEP_HEIGHT,
    title: group.name,
    qualifier: '',
    note,
    ink: mark === null ? 'line' : inkOf(mark),
    mark,
    icon: null,
    isGhost,
    isConductor: false,
    level: null,
    isFrontier: group.isFrontier,
    isDimmed: false,
    isNew: false,
    description: plural(group.nodes.length, 'step'),
  };
}
