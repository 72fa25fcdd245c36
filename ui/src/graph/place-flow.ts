import type { FlowGraph, FlowNode } from './flow.js';
import type { Place } from './graph.js';
import { rankFlow } from './rank-flow.js';

export const STEP_WIDTH = 186;
export const STEP_HEIGHT = 46;
const COLUMN = STEP_WIDTH + 58;
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
  readonly columnCount: number;
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
  for (const node of nodes) {
    const column = `${node.lane}\u0000${String(rankOf(node))}`;
    let row = rows.get(causeInLane(node)) ?? 0;
    if (taken.has(`${column}\u0000${String(row)}`)) row = 0;
    while (taken.has(`${column}\u0000${String(row)}`)) row += 1;
    taken.add(`${column}\u0000${String(row)}`);
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
  return { places, lanes, columnCount: Math.max(0, ...nodes.map(rankOf)) + 1 };

  function causeInLane(node: FlowNode): string {
    const cause = causeOf.get(node.id);
    return cause !== undefined && laneOf.get(cause) === node.lane ? cause : '';
  }
}
