import type { MapEdge, MapView } from '@throughline/model/api/map';
import { formatInstant, nsFromMs, type UnixNs } from '@throughline/model/time';
import { placeId, type Place } from '@throughline/model/traffic';
import { LIMITS } from '../../limits.js';
import type { EdgeTraffic, ServiceTraffic, TrafficWindow } from '../../store/read-store.js';
import type { QuerySources } from '../sources.js';
import { instantOrNull } from './instants.js';
import { tubeOfType } from './tube-finder.js';
import { ghostsOf } from './map-ghosts.js';
import { MapNodes } from './map-nodes.js';

/**
 * Services, the destinations between them, and what is expected and not seen. Rates are those of the window;
 * without a window, those of the last minutes, while counts go back as far as anything is kept.
 */
export function mapView(window: TrafficWindow, sources: QuerySources, now: UnixNs): MapView {
  const traffic = sources.tables.traffic.edges(window);
  const rates = rateReader(window, sources, now);
  const nodes = new MapNodes(sources, window, now);
  const edges = new Map<string, MapEdge>();
  for (const one of traffic) {
    const [from, to] = placesOf(one, window.level);
    const ratePerMinute = rates(one);
    nodes.seen(from, to, { ...one, ratePerMinute });
    edges.set(edgeId(one.kind, from, to), mapEdge(one, [from, to], ratePerMinute));
  }
  for (const service of sources.tables.traffic.services()) {
    if (isAlone(service, window)) nodes.alone(service);
  }
  const ghosts = ghostsOf({ sources, traffic, window, drawn: nodes.ids() });
  for (const place of ghosts.places) nodes.expected(place);
  for (const ghost of ghosts.edges) {
    const id = edgeId(ghost.kind, ghost.from, ghost.to);
    if (edges.has(id)) continue;
    nodes.expected(ghost.from);
    nodes.expected(ghost.to);
    edges.set(id, ghostEdge(ghost));
  }
  return {
    from: instantOrNull(window.fromNs),
    to: instantOrNull(window.toNs),
    nodes: nodes.views(),
    edges: [...edges.values()],
  };
}

/** The first service that somebody instruments talks to nobody yet; it is on the map all the same. */
function isAlone(service: ServiceTraffic, { fromNs, toNs, workflow }: TrafficWindow): boolean {
  const { sends, takes, calls, calledBy, workflows, lastSeenAtNs } = service;
  if ([sends, takes, calls, calledBy].some((partners) => partners.length > 0)) return false;
  if (workflow !== null && !workflows.includes(workflow)) return false;
  return (fromNs === null || lastSeenAtNs >= fromNs) && (toNs === null || lastSeenAtNs <= toNs);
}

/** At the level of events every message type has a tube of its own. */
export function placesOf(edge: EdgeTraffic, level: TrafficWindow['level']): [Place, Place] {
  if (level === 'destination' || edge.messageType === null) return [edge.from, edge.to];
  const type = edge.messageType;
  return [tubeOfType(edge.from, type), tubeOfType(edge.to, type)];
}

export function edgeId(kind: MapEdge['kind'], from: Place, to: Place): string {
  return `${kind} ${placeId(from)} ${placeId(to)}`;
}

function mapEdge(
  edge: EdgeTraffic,
  [from, to]: readonly [Place, Place],
  ratePerMinute: number,
): MapEdge {
  return {
    from: placeId(from),
    to: placeId(to),
    kind: edge.kind,
    ghost: false,
    count: edge.count,
    errorCount: edge.errorCount,
    ratePerMinute,
    p50Ms: edge.p50Ms,
    p95Ms: edge.p95Ms,
    p99Ms: edge.p99Ms,
    lastSeenAt: formatInstant(edge.lastSeenAtNs),
    messageTypes: [...edge.messageTypes],
  };
}

export interface GhostEdge {
  readonly kind: MapEdge['kind'];
  readonly from: Place;
  readonly to: Place;
  readonly messageTypes: readonly string[];
}

function ghostEdge({ kind, from, to, messageTypes }: GhostEdge): MapEdge {
  return {
    from: placeId(from),
    to: placeId(to),
    kind,
    ghost: true,
    count: 0,
    errorCount: 0,
    ratePerMinute: 0,
    p50Ms: null,
    p95Ms: null,
    p99Ms: null,
    lastSeenAt: null,
    messageTypes: [...messageTypes],
  };
}

function rateReader(
  window: TrafficWindow,
  sources: QuerySources,
  now: UnixNs,
): (edge: EdgeTraffic) => number {
  if (window.fromNs !== null) {
    const minutes = Number((window.toNs ?? now) - window.fromNs) / 60e9;
    return ({ count }) => (minutes > 0 ? count / minutes : 0);
  }
  const toNs = window.toNs ?? now;
  const fromNs = (toNs - nsFromMs(LIMITS.rateWindowMs)) as UnixNs;
  const recent = new Map(
    sources.tables.traffic
      .edges({ ...window, fromNs, toNs })
      .map((edge) => [trafficId(edge), edge.count] as const),
  );
  return (edge) => ((recent.get(trafficId(edge)) ?? 0) * 60_000) / LIMITS.rateWindowMs;
}

function trafficId({ kind, from, to, messageType }: EdgeTraffic): string {
  return `${edgeId(kind, from, to)} ${messageType ?? ''}`;
}
