import type { DeclaredMovement, DeclaredTopology } from '@throughline/model/policy';
import type { Place } from '@throughline/model/traffic';
import type { DestinationTraffic, TrafficWindow } from '../../store/read-store.js';
import type { Ghosts } from './map-ghosts.js';
import type { GhostEdge } from './map-view.js';
import { tubeOf, tubeOfType } from './tube-finder.js';

/** What documents declare, as the map draws it; what was seen meanwhile takes the place of its ghost. */
export function declaredGhosts(
  declared: DeclaredTopology,
  seen: readonly DestinationTraffic[],
  level: TrafficWindow['level'],
): Ghosts {
  const services = declared.services.map(({ name }) => serviceOf(name));
  const tubes = declared.destinations.flatMap((destination) =>
    tubesOf({ ...destination, destination: destination.name }, seen, level),
  );
  const edges = declared.movements.flatMap((movement) =>
    tubesOf(movement, seen, level).map((tube) => edgeOf(movement, tube)),
  );
  return { places: [...services, ...tubes], edges };
}

function serviceOf(name: string): Place {
  return { kind: 'service', name, system: null };
}

function edgeOf({ kind, service, messageTypes }: DeclaredMovement, tube: Place): GhostEdge {
  const ends = { service: serviceOf(service), tube };
  return kind === 'send'
    ? { kind, from: ends.service, to: ends.tube, messageTypes }
    : { kind, from: ends.tube, to: ends.service, messageTypes };
}

type Declared = Pick<DeclaredMovement, 'destination' | 'system' | 'messageTypes'>;

/** The destination of that name, wherever it was seen; else the one that carries a type of that name. */
function tubesOf(
  { destination, system, messageTypes }: Declared,
  seen: readonly DestinationTraffic[],
  level: TrafficWindow['level'],
): Place[] {
  const named = seen.filter(
    (one) => one.destination === destination && (system === null || one.system === system),
  );
  const carriers = seen.filter(
    (one) => one.messageType === destination && !one.isDeadLetterDestination,
  );
  const known = (named.length > 0 ? named : carriers).map((one) => tubeOf(one, 'destination'));
  const places =
    known.length > 0 ? known : [{ kind: 'destination' as const, name: destination, system }];
  if (level === 'destination' || messageTypes.length === 0) return places;
  return places.flatMap((place) =>
    messageTypes.map((type) => (place.name === type ? place : tubeOfType(place, type))),
  );
}
