import type { FlowGraph, FlowNode } from './flow.js';
import { multimap, type Place } from './graph.js';
import { rankFlow } from './rank-flow.js';

export const STEP_WIDTH = 186;
export const STEP_HEIGHT = 46;
export const COLUMN = STEP_WIDTH + 58;
const ROW = STEP_HEIGHT + 26;
const LANE_HEAD = 30;
const LANE_GAP = 10;

export interface Lane {
  readonly name: string;
  readonly top: number;
  readonly height: number;
}

export interface PlacedFlow {
  readonly places: ReadonlyMap<string, Place>;
  readonly lanes: readonly Lane[];
  /** Steps that direct several others one after the other reach over them, in columns. */
  readonly spans: ReadonlyMap<string, number>;
}

/** One lane per service: the conductor on top as a spine, the others as they join in. */
export function placeFlow(graph: FlowGraph): PlacedFlow {
  const ranks = rankFlow(graph);
  const rankOf = ({ id }: FlowNode) => ranks.get(id) ?? 0;
  const nodes = [...graph.nodes].sort((a, b) => rankOf(a) - rankOf(b));
  const names = [...new Set(nodes.map(({ lane }) => lane))];
  const { conductor } = graph;
  names.sort((a, b) => Number(b === conductor) - Number(a === conductor));
  const causeOf = new Map(graph.edges.map(({ from, to }) => [to, from]));
  const laneOf = new Map(nodes.map(({ id, lane }) => [id, lane]));
  const rows = new Map<string, number>();
  const taken = new Set<string>();
  const depth = new Map<string, number>();
  const spans = spansOf(graph, ranks);
  for (const node of nodes) {
    const column = `${node.lane}\u0000${String(rankOf(node))}`;
    let row = rows.get(causeInLane(node)) ?? 0;
    if (taken.has(`${column}\u0000${String(row)}`)) row = 0;
    while (taken.has(`${column}\u0000${String(row)}`)) row += 1;
    for (let ahead = 0; ahead <= (spans.get(node.id) ?? 0); ahead += 1) {
      taken.add(`${node.lane}\u0000${String(rankOf(node) + ahead)}\u0000${String(row)}`);
    }
    rows.set(node.id, row);
    depth.set(node.lane, Math.max(depth.get(node.lane) ?? 0, row + 1));
  }
  const lanes: Lane[] = [];
  let top = 0;
  for (const name of names) {
    const height = LANE_HEAD + (depth.get(name) ?? 1) * ROW;
    lanes.push({ name, top, height });
    top += height + LANE_GAP;
  }
  const tops = new Map(lanes.map((lane) => [lane.name, lane.top]));
  const places = new Map(
    nodes.map((node): [string, Place] => {
      const layer = rankOf(node);
      const y =
        (tops.get(node.lane) ?? 0) + LANE_HEAD + (rows.get(node.id) ?? 0) * ROW + ROW / 2 - 8;
      return [node.id, { layer, x: layer * COLUMN, y }];
    }),
  );
  return { places, lanes, spans };

  function causeInLane(node: FlowNode): string {
    const cause = causeOf.get(node.id);
    return cause !== undefined && laneOf.get(cause) === node.lane ? cause : '';
  }
}

/** How many columns a step reaches to the right: up to the last of the steps that it calls in turn. */
function spansOf(graph: FlowGraph, ranks: ReadonlyMap<string, number>): Map<string, number> {
  const spans = new Map<string, number>();
  for (const [id, edges] of multimap(graph.edges, ({ from }) => from)) {
    const own = edges.filter(({ kind }) => kind === 'call' || kind === 'follows');
    const columns = new Set(own.map(({ to }) => ranks.get(to) ?? 0));
    if (columns.size < 2) continue;
    spans.set(id, Math.max(...columns) - (ranks.get(id) ?? 0) - 1);
  }
  return spans;
}
