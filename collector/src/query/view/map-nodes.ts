import type { MapNode } from '@throughline/model/api/map';
import type { Finding } from '@throughline/model/finding';
import type { UnixNs } from '@throughline/model/time';
import { placeId, type Place } from '@throughline/model/traffic';
import type { EdgeTraffic, ServiceTraffic, TrafficWindow } from '../../store/read-store.js';
import { isOpen, type QuerySources } from '../sources.js';
import { deadLetterViews } from './dead-letter-view.js';
import { isAbout } from './finding-place.js';
import { ageMs, earliest, instantOrNull, latest } from './instants.js';
import { ownerOf } from './service-view.js';
import { tubeOf } from './tube-finder.js';

interface Backlog {
  readonly count: number;
  readonly oldestAgeMs: number | null;
}

interface Drawn {
  readonly place: Place;
  isGhost: boolean;
  inCount: number;
  outCount: number;
  errorCount: number;
  inPerMinute: number;
  outPerMinute: number;
  /** Services that this one calls in runs that are mostly directed. */
  readonly directed: Set<string>;
  lastSeenAtNs: UnixNs | null;
}

/** The nodes of one map, gathered edge by edge. */
export class MapNodes {
  readonly #drawn = new Map<string, Drawn>();
  readonly #sources: QuerySources;
  readonly #backlogs: ReadonlyMap<string, Backlog>;
  readonly #directedWorkflows: ReadonlySet<string>;
  readonly #openFindings: readonly Finding[];

  constructor(sources: QuerySources, window: TrafficWindow, now: UnixNs) {
    this.#sources = sources;
    this.#backlogs = backlogsOf(sources, window, now);
    this.#directedWorkflows = directedWorkflows(sources);
    this.#openFindings = sources.findings.findings().filter(isOpen);
  }

  seen(from: Place, to: Place, edge: EdgeTraffic & { readonly ratePerMinute: number }): void {
    const source = this.#node(from);
    const target = this.#node(to);
    source.isGhost = false;
    target.isGhost = false;
    source.outCount += edge.count;
    source.outPerMinute += edge.ratePerMinute;
    target.inCount += edge.count;
    target.inPerMinute += edge.ratePerMinute;
    // The one who takes, or is called, is the one whose work failed; a failed sending is the sender's.
    (edge.kind === 'send' ? source : target).errorCount += edge.errorCount;
    if (edge.kind === 'call' && edge.workflows.some((name) => this.#directedWorkflows.has(name))) {
      source.directed.add(placeId(to));
    }
    source.lastSeenAtNs = latest(source.lastSeenAtNs, edge.lastSeenAtNs);
    target.lastSeenAtNs = latest(target.lastSeenAtNs, edge.lastSeenAtNs);
  }

  /** A service that was seen at work and that nothing leads to or from. */
  alone({ name, lastSeenAtNs }: ServiceTraffic): void {
    const node = this.#node({ kind: 'service', name, system: null });
    node.isGhost = false;
    node.lastSeenAtNs = latest(node.lastSeenAtNs, lastSeenAtNs);
  }

  /** A ghost, unless it is seen elsewhere on the map. */
  expected(place: Place): void {
    this.#node(place);
  }

  ids(): ReadonlySet<string> {
    return new Set(this.#drawn.keys());
  }

  views(): MapNode[] {
    return [...this.#drawn].map(([id, drawn]) => this.#view(id, drawn));
  }

  #node(place: Place): Drawn {
    const id = placeId(place);
    const known = this.#drawn.get(id);
    if (known !== undefined) return known;
    const fresh: Drawn = {
      place,
      isGhost: true,
      inCount: 0,
      outCount: 0,
      errorCount: 0,
      inPerMinute: 0,
      outPerMinute: 0,
      directed: new Set(),
      lastSeenAtNs: null,
    };
    this.#drawn.set(id, fresh);
    return fresh;
  }

  #view(id: string, drawn: Drawn): MapNode {
    const { place } = drawn;
    const findings = this.#openFindings.filter((finding) => isAbout(finding, place));
    const backlog = this.#backlogs.get(id);
    return {
      id,
      kind: place.kind,
      name: place.name,
      system: place.system,
      owner: ownerOf(this.#sources.policy, place.name)?.team ?? null,
      ghost: drawn.isGhost,
      health: healthOf(findings, drawn),
      findings: findings.map((finding) => finding.id),
      stats: {
        inCount: drawn.inCount,
        outCount: drawn.outCount,
        errorCount: drawn.errorCount,
        inPerMinute: drawn.inPerMinute,
        outPerMinute: drawn.outPerMinute,
        backlog: backlog?.count ?? null,
        oldestAgeMs: backlog?.oldestAgeMs ?? null,
        directs: drawn.directed.size,
        lastSeenAt: instantOrNull(drawn.lastSeenAtNs),
      },
    };
  }
}

function healthOf(
  findings: readonly Finding[],
  { isGhost, lastSeenAtNs }: Drawn,
): MapNode['health'] {
  if (findings.some(({ severity }) => severity === 'critical')) return 'critical';
  if (findings.some(({ severity }) => severity === 'warning')) return 'warning';
  return isGhost || lastSeenAtNs === null ? 'unknown' : 'ok';
}

/** What waits in each destination now, by node id of the level that is drawn. */
function backlogsOf(
  sources: QuerySources,
  { level }: TrafficWindow,
  now: UnixNs,
): Map<string, Backlog> {
  const backlogs = new Map<string, Backlog>();
  const oldest = new Map<string, UnixNs | null>();
  for (const one of sources.tables.traffic.destinations()) {
    const id = placeId(tubeOf(one, level));
    const since = earliest(oldest.get(id) ?? null, one.oldestWaitingSinceNs);
    oldest.set(id, since);
    backlogs.set(id, {
      count: (backlogs.get(id)?.count ?? 0) + one.waitingCount,
      oldestAgeMs: since === null ? null : ageMs(since, now),
    });
  }
  if (level === 'event') return backlogs;
  for (const { system, destination, count, oldestAgeMs } of deadLetterViews(sources, now)) {
    const id = placeId({ kind: 'dead-letter', name: destination, system });
    backlogs.set(id, { count, oldestAgeMs });
  }
  return backlogs;
}

/** Workflows of which some runs are directed by a service: orchestrated, or hybrid. */
function directedWorkflows({ tables }: QuerySources): Set<string> {
  return new Set(
    tables.runs
      .workflows()
      .filter(({ byPattern }) => byPattern.has('orchestrated') || byPattern.has('hybrid'))
      .map(({ name }) => name),
  );
}
