import type { FindingSubject } from '@throughline/model/finding';
import { placeId, type Place } from '@throughline/model/traffic';
import type { DestinationTraffic, TrafficWindow } from '../../store/read-store.js';

type Level = TrafficWindow['level'];

/** A destination as the map draws it: at the level of events, one tube per message type. */
export function tubeOf(one: DestinationTraffic, level: Level): Place {
  const place: Place = {
    kind: one.isDeadLetterDestination ? 'dead-letter' : 'destination',
    name: one.destination,
    system: one.system,
  };
  return level === 'event' && one.messageType !== null ? tubeOfType(place, one.messageType) : place;
}

/** Leaves services and externals as they are. */
export function tubeOfType(place: Place, type: string): Place {
  return place.kind === 'destination' || place.kind === 'dead-letter'
    ? { ...place, name: `${place.name} · ${type}` }
    : place;
}

/** Where messages of a type were ever seen, and what a finding's subject is on the map. */
export class TubeFinder {
  readonly #destinations: readonly DestinationTraffic[];
  readonly #level: Level;

  constructor(destinations: readonly DestinationTraffic[], level: Level) {
    this.#destinations = destinations;
    this.#level = level;
  }

  /** The tubes of a message type; a tube named after the type while none was ever seen. */
  of(type: string): Place[] {
    const seen = this.#destinations.filter(
      (one) => one.messageType === type && !one.isDeadLetterDestination,
    );
    if (seen.length === 0) return [{ kind: 'destination', name: type, system: null }];
    return distinct(seen.map((one) => tubeOf(one, this.#level)));
  }

  /** The tubes that nobody reads among those that a finding is about. */
  unread(subject: FindingSubject): Place[] {
    if (subject.kind !== 'destination') return [];
    const named = this.#destinations.filter((one) => {
      const isUnread = this.#level === 'destination' || one.consumers.size === 0;
      return isUnread && subject.id === placeId(tubeOf(one, 'destination'));
    });
    return distinct(named.map((one) => tubeOf(one, this.#level)));
  }
}

function distinct(places: readonly Place[]): Place[] {
  return [...new Map(places.map((place) => [placeId(place), place])).values()];
}
