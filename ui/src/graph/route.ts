import { multimap, type Link, type Places, type SizedNode } from './graph.js';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A line from the right side of one node to the left side of another, as an SVG path. */
export interface Route {
  readonly d: string;
  readonly start: Point;
  readonly end: Point;
  /** A place on the line where a label reads well. */
  readonly middle: Point;
}

type Interval = readonly [number, number];

interface Box {
  readonly below: number;
  /** The right side; further out than `width` says for a node that is stretched over several columns. */
  readonly right: number;
  readonly lastLayer: number;
  readonly layer: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const CLEARANCE = 12;
const TRACK = 9;
const PORT_GAP_MAX = 9;
const TURN = 22;
export const DROP = 24;
const DROP_ROUND = 10;

export const linkKey = ({ from, to }: Link): string => `${from}\u0000${to}`;

/**
 * Draws every link round the nodes in between. Links that lead back to the left go below everything they pass.
 * Needs the places of the nodes only, so that a line may bend anew without any node moving.
 */
export function routeLinks(
  nodes: readonly SizedNode[],
  links: readonly Link[],
  places: Places,
): Map<string, Route> {
  const boxes = new Map<string, Box>();
  for (const { id, width, height, below = 0, stretch } of nodes) {
    const place = places.get(id);
    if (!place) continue;
    const right = place.x + width / 2 + (stretch?.width ?? 0);
    const lastLayer = place.layer + (stretch?.columns ?? 0);
    boxes.set(id, { ...place, width, height, below, right, lastLayer });
  }
  const drawable = links.filter(({ from, to }) => boxes.has(from) && boxes.has(to) && from !== to);
  const ports = portsOf(drawable, boxes);
  const taken = new Map<number, Interval[]>();
  for (const { layer: first, lastLayer, y, height, below } of boxes.values()) {
    for (let layer = first; layer <= lastLayer; layer += 1) {
      const column = taken.get(layer) ?? [];
      column.push([y - height / 2 - CLEARANCE, y + height / 2 + CLEARANCE + below]);
      taken.set(layer, column);
    }
  }
  const routes = new Map<string, Route>();
  for (const link of drawable) {
    const from = boxes.get(link.from) as Box;
    const to = boxes.get(link.to) as Box;
    const start = ports.get(`out ${linkKey(link)}`) as Point;
    const end = ports.get(`in ${linkKey(link)}`) as Point;
    const hangs =
      from.layer < to.layer && to.layer <= from.lastLayer + 1 && from.lastLayer > from.layer;
    const route = hangs
      ? dropRoute(from, to)
      : from.layer < to.layer
        ? forwardRoute({ from, to, start, end }, taken)
        : backRoute({ from, to, start, end }, taken);
    routes.set(linkKey(link), route);
  }
  return routes;
}

/** Lines share a side of a node in the order of where they lead, so that they do not cross at the door. */
function portsOf(links: readonly Link[], boxes: ReadonlyMap<string, Box>): Map<string, Point> {
  const ports = new Map<string, Point>();
  for (const [end, other, side] of [
    ['from', 'to', 'out'],
    ['to', 'from', 'in'],
  ] as const) {
    for (const [id, group] of multimap(links, (link) => link[end])) {
      const box = boxes.get(id) as Box;
      const sorted = [...group].sort(
        (a, b) => (boxes.get(a[other])?.y ?? 0) - (boxes.get(b[other])?.y ?? 0),
      );
      const gap = Math.min(PORT_GAP_MAX, (box.height - 14) / Math.max(1, sorted.length - 1));
      sorted.forEach((link, index) => {
        const y = box.y + (index - (sorted.length - 1) / 2) * gap;
        const x = side === 'out' ? box.right : box.x - box.width / 2;
        ports.set(`${side} ${linkKey(link)}`, { x, y });
      });
    }
  }
  return ports;
}

interface Ends {
  readonly from: Box;
  readonly to: Box;
  readonly start: Point;
  readonly end: Point;
}

function bend(from: Point, to: Point): string {
  const half = (to.x - from.x) / 2;
  return `C${num(from.x + half)} ${num(from.y)} ${num(to.x - half)} ${num(to.y)} ${num(to.x)} ${num(to.y)}`;
}

function num(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function forwardRoute({ from, to, start, end }: Ends, taken: Map<number, Interval[]>): Route {
  const parts = [`M${num(start.x)} ${num(start.y)}`];
  const pitch = (to.x - from.x) / (to.layer - from.layer);
  const first = from.lastLayer + 1;
  const half = Math.max(from.width, to.width) / 2;
  let at = start;
  let middle: Point | undefined;
  for (let layer = first; layer < to.layer; layer += 1) {
    const share = (layer - from.layer) / (to.layer - from.layer);
    const y = freeHeight(taken, layer, start.y + (end.y - start.y) * share);
    const x = from.x + (layer - from.layer) * pitch;
    const enter = { x: x - half, y };
    parts.push(bend(at, enter), `L${num(x + half)} ${num(y)}`);
    middle ??= halfWay(at, enter);
    at = { x: x + half, y };
  }
  parts.push(bend(at, end));
  return { d: parts.join(''), start, end, middle: middle ?? halfWay(at, end) };
}

function halfWay(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

/** The free height nearest to the wish in a column; takes it, so that the next line keeps its distance. */
function freeHeight(taken: Map<number, Interval[]>, layer: number, wish: number): number {
  const column = taken.get(layer) ?? [];
  const inside = (y: number) => column.find(([top, bottom]) => y > top && y < bottom);
  let up = wish;
  let down = wish;
  for (let block = inside(up); block !== undefined; block = inside(up)) up = block[0];
  for (let block = inside(down); block !== undefined; block = inside(down)) down = block[1];
  const y = wish - up <= down - wish ? up : down;
  column.push([y - TRACK, y + TRACK]);
  taken.set(layer, column);
  return y;
}

/** From a stretched node straight down, or up, in the channel left of what hangs from it. */
function dropRoute(from: Box, to: Box): Route {
  const x = to.x - to.width / 2 - DROP;
  const isBelow = to.y > from.y;
  const start = { x, y: from.y + (isBelow ? from.height / 2 : -from.height / 2) };
  const end = { x: to.x - to.width / 2, y: to.y };
  const turn = isBelow ? -DROP_ROUND : DROP_ROUND;
  const d = `M${num(x)} ${num(start.y)}V${num(end.y + turn)}Q${num(x)} ${num(end.y)} ${num(x + DROP_ROUND)} ${num(end.y)}H${num(end.x)}`;
  return { d, start, end, middle: { x: x - 9, y: start.y + (isBelow ? 22 : -8) } };
}

/** Back to the left through the free corridor nearest below both ends, round the outside of the two nodes. */
function backRoute({ from, to, start, end }: Ends, taken: Map<number, Interval[]>): Route {
  const columns: Interval[][] = [];
  for (let layer = to.layer; layer <= from.layer; layer += 1) {
    const column = taken.get(layer) ?? [];
    taken.set(layer, column);
    columns.push(column);
  }
  const wish = Math.max(from.y + from.height / 2, to.y + to.height / 2) + CLEARANCE;
  const blocks = columns.flat();
  let y = wish;
  const inside = () => blocks.find(([top, bottom]) => y > top && y < bottom);
  for (let block = inside(); block !== undefined; block = inside()) y = block[1];
  for (const column of columns) column.push([y - TRACK, y + TRACK]);
  const right = start.x + TURN;
  const left = end.x - TURN;
  const down = Math.min(TURN, Math.abs(y - start.y) / 2);
  const up = Math.min(TURN, Math.abs(y - end.y) / 2);
  const round = Math.min(12, down, up);
  const d = [
    `M${num(start.x)} ${num(start.y)}`,
    `Q${num(right)} ${num(start.y)} ${num(right)} ${num(start.y + down)}`,
    `L${num(right)} ${num(y - round)}Q${num(right)} ${num(y)} ${num(right - round)} ${num(y)}`,
    `L${num(left + round)} ${num(y)}Q${num(left)} ${num(y)} ${num(left)} ${num(y - round)}`,
    `L${num(left)} ${num(end.y + up)}`,
    `Q${num(left)} ${num(end.y)} ${num(end.x)} ${num(end.y)}`,
  ].join('');
  return { d, start, end, middle: { x: (left + right) / 2, y } };
}
