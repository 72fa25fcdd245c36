import type { FlowExpectation } from '@throughline/model/policy';
import { placeId, type Place } from '@throughline/model/traffic';
import type { EdgeTraffic, TrafficWindow } from '../../store/read-store.js';
import { isOpen, type QuerySources } from '../sources.js';
import { declaredGhosts } from './declared-ghosts.js';
import type { GhostEdge } from './map-view.js';
import { TubeFinder } from './tube-finder.js';

export interface GhostFacts {
  readonly sources: QuerySources;
  readonly traffic: readonly EdgeTraffic[];
  readonly window: TrafficWindow;
  /** Ids of the nodes that are drawn because something moved there. */
  readonly drawn: ReadonlySet<string>;
}

export interface Ghosts {
  /** Tubes of declared events, whoever sends and takes them. */
  readonly places: readonly Place[];
  readonly edges: readonly GhostEdge[];
}

/** What was declared and did not move in the window, and the reader that a tube lacks. */
export function ghostsOf({ sources, traffic, window, drawn }: GhostFacts): Ghosts {
  const destinations = sources.tables.traffic.destinations();
  const tubes = new TubeFinder(destinations, window.level);
  const { declared: topology } = sources.policy;
  // Documents speak of services and destinations, not of workflows.
  const documented =
    topology === undefined || window.workflow !== null
      ? { places: [], edges: [] }
      : declaredGhosts(topology, destinations, window.level);
  const expects = sources.policy.flows
    .filter(({ workflow }) => window.workflow === null || workflow === window.workflow)
    .flatMap((flow) => flow.expects);
  const declared = expects
    .flatMap((expectation) => declaredEdges(expectation, tubes))
    .filter((ghost) => !isSeen(ghost, traffic));
  return {
    places: [
      ...documented.places,
      ...expects.flatMap(({ after, event }) => [
        ...tubes.of(after),
        ...(event === null ? [] : tubes.of(event)),
      ]),
    ],
    edges: [
      ...declared,
      ...documented.edges,
      ...missingReaders(sources, tubes, declared).filter(({ from }) => drawn.has(placeId(from))),
    ],
  };
}

/** `by` takes `after`; where an `event` is declared, it then sends that. */
function declaredEdges({ after, event, by }: FlowExpectation, tubes: TubeFinder): GhostEdge[] {
  if (by === null) return [];
  const service: Place = { kind: 'service', name: by, system: null };
  const takes = tubes
    .of(after)
    .map((tube) => ({ kind: 'take' as const, from: tube, to: service, messageTypes: [after] }));
  if (event === null) return takes;
  const sends = tubes
    .of(event)
    .map((tube) => ({ kind: 'send' as const, from: service, to: tube, messageTypes: [event] }));
  return [...takes, ...sends];
}

/** The service moved that type of message in that direction, through whichever tube. */
function isSeen(ghost: GhostEdge, traffic: readonly EdgeTraffic[]): boolean {
  return traffic.some(
    (edge) =>
      edge.kind === ghost.kind &&
      (ghost.kind === 'send'
        ? edge.from.name === ghost.from.name
        : edge.to.name === ghost.to.name) &&
      ghost.messageTypes.some((type) => edge.messageTypes.includes(type)),
  );
}

/** Behind a tube that nobody reads stands the reader that should be there, named only if it was declared. */
function missingReaders(
  { findings }: QuerySources,
  tubes: TubeFinder,
  declared: readonly GhostEdge[],
): GhostEdge[] {
  const named = new Set(
    declared.filter(({ kind }) => kind === 'take').map(({ from }) => placeId(from)),
  );
  return findings
    .findings()
    .filter((finding) => finding.rule === 'missing-consumer' && isOpen(finding))
    .flatMap(({ subject }) => tubes.unread(subject))
    .filter((tube) => !named.has(placeId(tube)))
    .map((tube) => ({
      kind: 'take',
      from: tube,
      to: { kind: 'service', name: `consumer of ${tube.name}`, system: null },
      messageTypes: [],
    }));
}
