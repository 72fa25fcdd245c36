import {
  cleanLinks,
  multimap,
  type Link,
  type Place,
  type Places,
  type SizedNode,
} from './graph.js';
import { layersOf, withoutCycles } from './layers.js';
import { spread } from './spread.js';

/** Room between two columns; a line bends in it, and carries a label. */
const COLUMN_GAP = 50;
const ROW_GAP = 50;
/** Room that a line needs which passes through a column. */
const PASSAGE = 22;
const PART_GAP = 56;
const SWEEPS = 14;

interface Slot {
  readonly id: string;
  readonly height: number;
  readonly layer: number;
  y: number;
}

/**
 * Places nodes in columns, cause left of effect. What `frozen` knows stays exactly where it is: a new node is
 * put at the nearest free place beside its neighbours, and nothing else moves. With nothing frozen the whole
 * graph is laid out afresh. Deterministic: the order of the input plays no part.
 */
export function layOut(
  nodes: readonly SizedNode[],
  links: readonly Link[],
  frozen: Places = new Map(),
): Map<string, Place> {
  const sorted = [...nodes].sort((a, b) => (a.id < b.id ? -1 : 1));
  const clean = cleanLinks(sorted, links);
  const kept = sorted.filter(({ id }) => frozen.has(id));
  return kept.length === 0 ? layOutAfresh(sorted, clean) : addTo(frozen, sorted, clean);
}

/** Distance between the middles of two columns. */
function pitchOf(nodes: readonly SizedNode[]): number {
  return Math.max(0, ...nodes.map(({ width }) => width)) + COLUMN_GAP;
}

function layOutAfresh(nodes: readonly SizedNode[], links: readonly Link[]): Map<string, Place> {
  const places = new Map<string, Place>();
  const pitch = pitchOf(nodes);
  let top = 0;
  for (const part of connectedParts(nodes, links)) {
    const ids = new Set(part.map(({ id }) => id));
    const own = links.filter(({ from }) => ids.has(from));
    const slots = arrangePart(part, own);
    const upper = Math.min(...slots.map(({ y, height }) => y - height / 2));
    const lower = Math.max(...slots.map(({ y, height }) => y + height / 2));
    for (const { id, layer, y } of slots) {
      places.set(id, { layer, x: layer * pitch, y: Math.round(y - upper + top) });
    }
    top += lower - upper + PART_GAP;
  }
  return places;
}

/** Parts that nothing connects, the largest first. */
function connectedParts(nodes: readonly SizedNode[], links: readonly Link[]): SizedNode[][] {
  const beside = multimap(
    links.flatMap(({ from, to }) => [
      { from, to },
      { from: to, to: from },
    ]),
    ({ from }) => from,
  );
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const seen = new Set<string>();
  const parts: SizedNode[][] = [];
  for (const { id } of nodes) {
    if (seen.has(id)) continue;
    const part = [id];
    seen.add(id);
    for (const current of part) {
      for (const { to } of beside.get(current) ?? []) {
        if (seen.has(to)) continue;
        seen.add(to);
        part.push(to);
      }
    }
    parts.push(part.sort().flatMap((one) => byId.get(one) ?? []));
  }
  return parts.sort((a, b) => b.length - a.length);
}

/** Order within the columns by the middle of the neighbours, then heights by the same. */
function arrangePart(nodes: readonly SizedNode[], links: readonly Link[]): Slot[] {
  const acyclic = withoutCycles(nodes, links);
  const layers = layersOf(nodes, acyclic);
  const { slots, hops } = withPassages(nodes, acyclic, layers);
  const columns = [...multimap(slots, ({ layer }) => String(layer)).values()].sort(
    (a, b) => (a[0]?.layer ?? 0) - (b[0]?.layer ?? 0),
  );
  const before = multimap(hops, ({ to }) => to);
  const after = multimap(hops, ({ from }) => from);
  const byId = new Map(slots.map((slot) => [slot.id, slot]));
  const wish = (slot: Slot, side: Map<string, Link[]>, end: 'from' | 'to') => {
    const beside = (side.get(slot.id) ?? []).flatMap((hop) => byId.get(hop[end])?.y ?? []);
    return beside.length === 0 ? slot.y : beside.reduce((sum, y) => sum + y, 0) / beside.length;
  };
  for (const column of columns) stack(column);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const isForward = sweep % 2 === 0;
    for (const column of isForward ? columns : [...columns].reverse()) {
      const wishes = new Map(
        column.map((slot) => [
          slot.id,
          isForward ? wish(slot, before, 'from') : wish(slot, after, 'to'),
        ]),
      );
      const wanted = (slot: Slot) => wishes.get(slot.id) ?? slot.y;
      column.sort((a, b) => wanted(a) - wanted(b) || a.y - b.y || (a.id < b.id ? -1 : 1));
      spread(column, wanted);
    }
  }
  return slots.filter(({ id }) => layers.has(id));
}

function stack(column: readonly Slot[]): void {
  let y = 0;
  for (const slot of column) {
    slot.y = y + slot.height / 2;
    y += slot.height;
  }
}

/** Links over several columns get a slot in each column between, so that nodes leave them room. */
function withPassages(
  nodes: readonly SizedNode[],
  acyclic: readonly Link[],
  layers: ReadonlyMap<string, number>,
): { slots: Slot[]; hops: Link[] } {
  const slots: Slot[] = nodes.map(({ id, height }) => ({
    id,
    height: height + ROW_GAP,
    layer: layers.get(id) ?? 0,
    y: 0,
  }));
  const hops: Link[] = [];
  for (const { from, to } of acyclic) {
    const last = layers.get(to) ?? 0;
    let previous = from;
    for (let layer = (layers.get(from) ?? 0) + 1; layer < last; layer += 1) {
      const id = `${from}\u0000${to}\u0000${String(layer)}`;
      slots.push({ id, height: PASSAGE, layer, y: 0 });
      hops.push({ from: previous, to: id });
      previous = id;
    }
    hops.push({ from: previous, to });
  }
  return { slots, hops };
}

/** Puts new nodes beside their placed neighbours, one after the other, and moves nothing else. */
function addTo(
  frozen: Places,
  nodes: readonly SizedNode[],
  links: readonly Link[],
): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const { id } of nodes) {
    const place = frozen.get(id);
    if (place) places.set(id, place);
  }
  const heights = new Map(nodes.map(({ id, height }) => [id, height]));
  const pitch = pitchOf(nodes);
  // Places of nodes that are gone stay free until somebody tidies: the gap tells that something was there.
  const taken = new Map([...frozen, ...places]);
  const fresh = nodes.filter(({ id }) => !places.has(id));
  while (fresh.length > 0) {
    const isBeside = ({ id }: SizedNode) =>
      links.some(
        ({ from, to }) => (from === id && places.has(to)) || (to === id && places.has(from)),
      );
    const index = Math.max(0, fresh.findIndex(isBeside));
    const node = fresh.splice(index, 1)[0] as SizedNode;
    const place = freePlace(node, { links, places, taken, heights, pitch });
    places.set(node.id, place);
    taken.set(node.id, place);
  }
  return places;
}

interface Surroundings {
  readonly links: readonly Link[];
  readonly places: Places;
  readonly taken: Places;
  readonly heights: ReadonlyMap<string, number>;
  readonly pitch: number;
}

function freePlace(node: SizedNode, surroundings: Surroundings): Place {
  const { links, places, taken, heights } = surroundings;
  const causes = links.flatMap(({ from, to }) => (to === node.id ? (places.get(from) ?? []) : []));
  const effects = links.flatMap(({ from, to }) => (from === node.id ? (places.get(to) ?? []) : []));
  const beside = [...causes, ...effects];
  const bottom = Math.max(0, ...[...taken.values()].map(({ y }) => y));
  const layer =
    causes.length > 0
      ? Math.max(...causes.map((place) => place.layer)) + 1
      : effects.length > 0
        ? Math.min(...effects.map((place) => place.layer)) - 1
        : 0;
  const wish =
    beside.length > 0
      ? beside.reduce((sum, { y }) => sum + y, 0) / beside.length
      : bottom + node.height + PART_GAP;
  const column = [...taken].filter(([, place]) => place.layer === layer);
  const isFree = (y: number) =>
    column.every(
      ([id, place]) =>
        Math.abs(place.y - y) >= ((heights.get(id) ?? node.height) + node.height) / 2 + ROW_GAP / 2,
    );
  const x = layer * surroundings.pitch;
  const step = (node.height + ROW_GAP) / 4;
  for (let distance = 0; ; distance += step) {
    if (isFree(wish + distance)) return { layer, x, y: Math.round(wish + distance) };
    if (isFree(wish - distance)) return { layer, x, y: Math.round(wish - distance) };
  }
}
