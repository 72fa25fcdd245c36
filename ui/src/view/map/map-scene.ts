import type { FindingView } from '@throughline/model/api/findings';
import type { MapEdge, MapNode, MapView } from '@throughline/model/api/map';
import {
  boundsOf,
  type Ink,
  type Scene,
  type SceneEdge,
  type SceneNode,
} from '../../draw/scene.js';
import { multimap, type Places, type SizedNode } from '../../graph/graph.js';
import { linkKey, routeLinks } from '../../graph/route.js';
import {
  formatAge,
  formatCount,
  formatDuration,
  formatRate,
  formatRelative,
  formatShare,
  instantMs,
  plural,
} from '../../theme/format.js';
import { ruleMark, STATUS_TONE, STATUS_WORD, type StatusMarkName } from '../../theme/status.js';
import type { Lens } from '../../url/params.js';

export const NODE_WIDTH = 162;
export const NODE_HEIGHT = 40;
const NOTE_HEIGHT = 14;

export interface MapPicture {
  readonly map: MapView;
  readonly places: Places;
  readonly lens: Lens;
  readonly findings: ReadonlyMap<string, FindingView>;
  /** Nodes that stay bright; null when nothing is dimmed. */
  readonly bright: ReadonlySet<string> | null;
  readonly fresh: ReadonlySet<string>;
  readonly nowMs: number;
}

export function sizedNodes(map: MapView): SizedNode[] {
  return map.nodes.map(({ id, kind, stats }) => ({
    id,
    width: NODE_WIDTH,
    height: NODE_HEIGHT,
    below: NOTE_HEIGHT,
    // Whoever directs begins; a queue never does.
    startRank: stats.directs > 0 ? 0 : kind === 'service' ? 1 : 2,
  }));
}

/** Open findings about a node: about itself, and about what should have happened, or failed, in it. */
export function findingsAt(
  node: MapNode,
  findings: ReadonlyMap<string, FindingView>,
): FindingView[] {
  return node.findings.flatMap((id) => findings.get(id) ?? []);
}

/** What is wrong with a node, by its worst finding; null when all is well or nothing is known. */
export function nodeMark(
  node: MapNode,
  findings: ReadonlyMap<string, FindingView>,
): StatusMarkName | null {
  if (node.ghost) return 'missing';
  const own = findingsAt(node, findings).filter(({ severity }) => severity !== 'info');
  const worst = own.find(({ severity }) => severity === 'critical') ?? own[0];
  if (node.kind === 'dead-letter') return (node.stats.backlog ?? 0) > 0 ? 'dead-lettered' : null;
  if (worst) return ruleMark(worst.rule);
  if (node.health === 'critical') return 'failed';
  return node.health === 'warning' ? 'stalled' : null;
}

const SHAPES = {
  service: 'service',
  destination: 'tube',
  'dead-letter': 'dead-tube',
  external: 'external',
} as const;
const KIND_WORDS = {
  service: 'Service',
  destination: 'Destination',
  'dead-letter': 'Dead-letter destination',
  external: 'External system',
} as const;

/** Backlog fills the tube on a logarithmic scale: 1,000 waiting messages and more are full. */
function level(backlog: number | null): number | null {
  return backlog === null ? null : Math.min(1, Math.log10(backlog + 1) / 3);
}

/** The rate where something moves; how long ago something did where nothing moves now. */
function pace(perMinute: number, lastSeenAt: string | null, nowMs: number): string {
  if (perMinute > 0) return formatRate(perMinute);
  return lastSeenAt === null ? '' : `seen ${formatRelative(instantMs(lastSeenAt), nowMs)}`;
}

export function nodeNote(node: MapNode, nowMs: number): string {
  const { stats } = node;
  if (node.ghost)
    return stats.lastSeenAt === null ? 'expected · never seen' : 'expected · not seen now';
  if (node.kind === 'service') {
    const seen = stats.inCount + stats.outCount;
    const errors =
      stats.errorCount > 0 ? ` · ${formatShare(stats.errorCount / Math.max(1, seen))} errors` : '';
    const directs = stats.directs > 0 ? `directs ${plural(stats.directs, 'step')} · ` : '';
    const perMinute = Math.max(stats.inPerMinute, stats.outPerMinute);
    return `${directs}${pace(perMinute, stats.lastSeenAt, nowMs)}${errors}`;
  }
  const waiting = stats.backlog ?? 0;
  if (node.kind === 'external' || waiting === 0)
    return pace(stats.inPerMinute, stats.lastSeenAt, nowMs);
  const age = stats.oldestAgeMs === null ? '' : ` · oldest ${formatAge(stats.oldestAgeMs)}`;
  return `${formatCount(waiting)} waiting${age}`;
}

/** What tells a destination from its namesakes, by node id: its broker. A service has the plain name. */
function qualifiers(nodes: readonly MapNode[]): Map<string, string> {
  const namesakes = multimap(nodes, ({ name }) => name);
  return new Map(
    nodes.flatMap(({ id, name, system }): [string, string][] =>
      system !== null && (namesakes.get(name)?.length ?? 0) > 1 ? [[id, system]] : [],
    ),
  );
}

/** What each place is called, by node id: `orders`, or `orders · kafka` where the name alone is not enough. */
export function placeNames({ nodes }: MapView): Map<string, string> {
  const brokers = qualifiers(nodes);
  return new Map(
    nodes.map(({ id, name }) => [
      id,
      brokers.has(id) ? `${name} · ${brokers.get(id) ?? ''}` : name,
    ]),
  );
}

function sceneNode(node: MapNode, picture: MapPicture, qualifier: string): SceneNode {
  const place = picture.places.get(node.id) ?? { x: 0, y: 0 };
  const mark = nodeMark(node, picture.findings);
  const isQuiet = mark === null || picture.lens !== 'health';
  const note = nodeNote(node, picture.nowMs);
  const condition = mark === null ? 'no open finding' : STATUS_WORD[mark];
  const isDeadLetter = node.kind === 'dead-letter' && (node.stats.backlog ?? 0) > 0;
  return {
    id: node.id,
    shape: SHAPES[node.kind],
    x: place.x,
    y: place.y,
    width: NODE_WIDTH,
    height: NODE_HEIGHT,
    title: node.name,
    qualifier,
    note,
    ink: isDeadLetter ? 'dead' : isQuiet ? 'line' : STATUS_TONE[mark],
    mark,
    icon:
      node.kind === 'service'
        ? node.stats.directs > 0
          ? 'baton'
          : 'service'
        : node.kind === 'external'
          ? 'external'
          : null,
    isGhost: node.ghost,
    isConductor: node.stats.directs > 0,
    level: level(node.stats.backlog),
    isFrontier: false,
    isDimmed: picture.bright !== null && !picture.bright.has(node.id),
    isNew: picture.fresh.has(node.id),
    description: `${KIND_WORDS[node.kind]}, ${condition}`,
  };
}

/** Width is the rate in five steps, one per power of ten. */
export function rateWidth(perMinute: number): number {
  if (perMinute <= 0) return 1;
  const step = Math.min(4, Math.max(0, Math.floor(Math.log10(perMinute * 10))));
  return 1.25 + step * 1.15;
}

/** Slower is darker (in the dark theme lighter): 10 ms, 100 ms, 1 s, 10 s are the borders. */
export function latencyInk(p95Ms: number | null): Ink {
  if (p95Ms === null) return 'line';
  const step = Math.min(5, Math.max(1, Math.floor(Math.log10(Math.max(1, p95Ms))) + 1));
  return `ramp-${String(step)}` as Ink;
}

function edgeLook(edge: MapEdge, lens: Lens): Pick<SceneEdge, 'ink' | 'label' | 'errorShare'> {
  if (edge.ghost) return { ink: 'neutral', label: '', errorShare: 0 };
  if (lens === 'rate') return { ink: 'line', label: formatRate(edge.ratePerMinute), errorShare: 0 };
  if (lens === 'latency') {
    const label = edge.p95Ms === null ? '' : `p95 ${formatDuration(edge.p95Ms)}`;
    return { ink: latencyInk(edge.p95Ms), label, errorShare: 0 };
  }
  if (lens === 'errors') {
    const share = edge.count === 0 ? 0 : edge.errorCount / edge.count;
    const label = edge.errorCount > 0 ? `✕ ${formatCount(edge.errorCount)}` : '';
    return {
      ink: share > 0 ? 'failed' : 'line',
      label,
      errorShare: share === 0 ? 0 : Math.max(0.12, share),
    };
  }
  return { ink: edge.kind === 'dead-letter' ? 'dead' : 'line', label: '', errorShare: 0 };
}

export function mapScene(picture: MapPicture): Scene {
  const { map, places, lens, bright } = picture;
  const brokers = qualifiers(map.nodes);
  const nodes = map.nodes.map((node) => sceneNode(node, picture, brokers.get(node.id) ?? ''));
  const routes = routeLinks(sizedNodes(map), map.edges, places);
  const names = placeNames(map);
  const edges = map.edges.flatMap((edge): SceneEdge[] => {
    const route = routes.get(linkKey(edge));
    if (!route) return [];
    const look = edgeLook(edge, lens);
    return [
      {
        id: `${edge.from} ${edge.to} ${edge.kind}`,
        from: edge.from,
        to: edge.to,
        d: route.d,
        end: route.end,
        labelAt: route.middle,
        width: rateWidth(edge.ratePerMinute),
        ...look,
        // In the errors lens the line itself stays quiet; only its end segment says how much fails.
        ink: look.errorShare > 0 ? 'line' : look.ink,
        isGhost: edge.ghost,
        isDotted: false,
        isDimmed: bright !== null && !(bright.has(edge.from) && bright.has(edge.to)),
        description: `${names.get(edge.from) ?? ''} to ${names.get(edge.to) ?? ''}, ${formatRate(edge.ratePerMinute)}`,
      },
    ];
  });
  return { nodes, edges, bands: [], bounds: boundsOf(nodes) };
}

/** The nodes that stay bright under a search and a focus of one hop; null when neither is set. */
export function brightNodes(
  map: MapView,
  { find, focus }: { readonly find?: string | undefined; readonly focus?: string | undefined },
): Set<string> | null {
  const wanted = find?.trim().toLowerCase() ?? '';
  if (wanted === '' && focus === undefined) return null;
  const near = new Set<string>(focus === undefined ? map.nodes.map(({ id }) => id) : [focus]);
  if (focus !== undefined) {
    for (const { from, to } of map.edges) {
      if (from === focus) near.add(to);
      if (to === focus) near.add(from);
    }
  }
  const found = map.nodes.filter(
    ({ id, name }) => near.has(id) && name.toLowerCase().includes(wanted),
  );
  return new Set(found.map(({ id }) => id));
}

/** The node that an arrow key leads to: along causes and effects sideways, within the column up and down. */
export function walkNode(
  map: MapView,
  places: Places,
  { id, key }: { readonly id: string; readonly key: string },
): string | undefined {
  const here = places.get(id);
  if (!here) return undefined;
  const candidates =
    key === 'ArrowRight'
      ? map.edges.filter(({ from }) => from === id).map(({ to }) => to)
      : key === 'ArrowLeft'
        ? map.edges.filter(({ to }) => to === id).map(({ from }) => from)
        : key === 'ArrowUp' || key === 'ArrowDown'
          ? map.nodes.map((node) => node.id).filter((other) => isBeyond(places, { id, other, key }))
          : [];
  const distance = (other: string) => Math.abs((places.get(other)?.y ?? 0) - here.y);
  return candidates.sort((a, b) => distance(a) - distance(b))[0];
}

function isBeyond(
  places: Places,
  { id, other, key }: { readonly id: string; readonly other: string; readonly key: string },
): boolean {
  const here = places.get(id);
  const there = places.get(other);
  if (!here || !there || here.layer !== there.layer || id === other) return false;
  return key === 'ArrowUp' ? there.y < here.y : there.y > here.y;
}
