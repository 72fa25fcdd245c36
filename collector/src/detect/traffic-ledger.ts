import type { RunId } from '@throughline/model/ids';
import type { Contribution, MessageTrail } from '@throughline/model/traffic';
import { routesByType } from './routing.js';
import { TypeTraffic, type Reader } from './type-traffic.js';

/** What all runs together sent and took, per destination and message type. Depends on the set of runs only. */
export class TrafficLedger {
  readonly #types = new Map<string, TypeTraffic>();
  readonly #keysOfRun = new Map<RunId, ReadonlySet<string>>();
  readonly #keysOfPlace = new Map<string, Set<string>>();

  /** Replaces what the run gave before. @returns keys of the types that it touched, then or now. */
  put(contribution: Contribution): ReadonlySet<string> {
    const { runId, workflow, messages } = contribution;
    const byType = grouped(messages);
    const touched = new Set([...(this.#keysOfRun.get(runId) ?? []), ...byType.keys()]);
    for (const key of touched) {
      const trails = byType.get(key) ?? [];
      const traffic = this.#types.get(key) ?? this.#begin(key, trails[0]);
      traffic?.replace(runId, { workflow, trails });
    }
    if (byType.size === 0) this.#keysOfRun.delete(runId);
    else this.#keysOfRun.set(runId, new Set(byType.keys()));
    return touched;
  }

  remove(runId: RunId): ReadonlySet<string> {
    return this.put({ runId, workflow: '', hops: [], messages: [] });
  }

  get(key: string): TypeTraffic | undefined {
    return this.#types.get(key);
  }

  of(place: Pick<MessageTrail, 'system' | 'destination' | 'messageType'>): TypeTraffic | undefined {
    return this.#types.get(typeKey(place));
  }

  /**
   * Whoever takes messages of this type from this destination. Where the system does not route by type, a
   * reader of the destination reads them all; so does one that is not known to read any certain type.
   */
  readersOf(traffic: TypeTraffic): ReadonlyMap<string, Reader> {
    const all = new Map(traffic.readers());
    const isRouted = routesByType(traffic.system);
    for (const key of this.#keysOfPlace.get(placeKey(traffic)) ?? []) {
      const other = this.#types.get(key);
      if (other === undefined || other === traffic) continue;
      if (isRouted && other.messageType !== null) continue;
      for (const [service, reader] of other.readers()) {
        const known = all.get(service);
        if (known === undefined || known.lastAtNs < reader.lastAtNs) all.set(service, reader);
      }
    }
    return all;
  }

  /** Services that take anything from the destination, whatever its type. */
  readersAt(traffic: TypeTraffic): ReadonlySet<string> {
    const services = new Set<string>();
    for (const key of this.#keysOfPlace.get(placeKey(traffic)) ?? []) {
      for (const service of this.#types.get(key)?.readers().keys() ?? []) services.add(service);
    }
    return services;
  }

  /** Whether anybody was ever seen taking a message from any destination of the system. */
  hasReaders(system: string): boolean {
    for (const traffic of this.#types.values()) {
      if (traffic.system === system && traffic.readers().size > 0) return true;
    }
    return false;
  }

  /** Whether the service was ever seen taking any message anywhere. */
  isReader(service: string): boolean {
    for (const traffic of this.#types.values()) if (traffic.readers().has(service)) return true;
    return false;
  }

  /**
   * Keys of the types whose readers may be others when this one's traffic changes: itself, and all of the
   * destination where a reader of one type may be a reader of all.
   */
  affectedBy(key: string): Iterable<string> {
    const traffic = this.#types.get(key);
    if (traffic === undefined) return [];
    const isOwn = routesByType(traffic.system) && traffic.messageType !== null;
    return isOwn ? [key] : (this.#keysOfPlace.get(placeKey(traffic)) ?? []);
  }

  #begin(key: string, first: MessageTrail | undefined): TypeTraffic | undefined {
    if (first === undefined) return undefined;
    const traffic = new TypeTraffic(first);
    this.#types.set(key, traffic);
    const place = placeKey(first);
    const known = this.#keysOfPlace.get(place);
    if (known === undefined) this.#keysOfPlace.set(place, new Set([key]));
    else known.add(key);
    return traffic;
  }
}

function grouped(messages: readonly MessageTrail[]): ReadonlyMap<string, readonly MessageTrail[]> {
  const byType = new Map<string, MessageTrail[]>();
  for (const trail of messages) {
    const key = typeKey(trail);
    const same = byType.get(key);
    if (same === undefined) byType.set(key, [trail]);
    else same.push(trail);
  }
  return byType;
}

function typeKey(place: Pick<MessageTrail, 'system' | 'destination' | 'messageType'>): string {
  return JSON.stringify([place.system, place.destination, place.messageType]);
}

function placeKey(place: Pick<MessageTrail, 'system' | 'destination'>): string {
  return JSON.stringify([place.system, place.destination]);
}
