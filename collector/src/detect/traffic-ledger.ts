import type { RunId } from '@throughline/model/ids';
import type { Contribution, MessageTrail } from '@throughline/model/traffic';
import { routesByType } from './routing.js';
import { TypeTraffic, type Reader } from './type-traffic.js';

/** What all runs together sent and took, per destination and message type. Depends on the set of runs only. */
export class TrafficLedger {
  readonly #types = new Map<string, TypeTraffic>();
  readonly #keysOfRun = new Map<RunId, ReadonlySet<string>>();
  readonly #keysOfPlace = new Map<string, Set<string>>();
  /** By system and message type, whatever the destination. */
  readonly #keysOfType = new Map<string, Set<string>>();

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
   * reader of the destination reads them all; so does one that is not known to read any certain type. A reader
   * of the same type elsewhere counts when nobody is seen sending there: producers name exchanges where some
   * consumers name queues.
   */
  readersOf(traffic: TypeTraffic): ReadonlyMap<string, Reader> {
    const all = new Map(traffic.readers());
    const isRouted = routesByType(traffic.system);
    for (const other of this.#others(traffic, this.#keysOfPlace.get(placeKey(traffic)))) {
      if (!isRouted || other.messageType === null) addReaders(all, other);
    }
    if (traffic.messageType === null || !isRouted) return all;
    for (const other of this.#others(traffic, this.#keysOfType.get(wordKey(traffic)))) {
      if (other.sentCount === 0) addReaders(all, other);
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
   * Keys of the types whose readers may be others when this one's traffic changes: itself, the same type
   * elsewhere, and all of the destination where a reader of one type may be a reader of all.
   */
  affectedBy(key: string): ReadonlySet<string> {
    const traffic = this.#types.get(key);
    if (traffic === undefined) return new Set();
    const isOwn = routesByType(traffic.system) && traffic.messageType !== null;
    const keys = isOwn ? this.#keysOfType : this.#keysOfPlace;
    return new Set([key, ...(keys.get(isOwn ? wordKey(traffic) : placeKey(traffic)) ?? [])]);
  }

  *#others(traffic: TypeTraffic, keys: Iterable<string> = []): Iterable<TypeTraffic> {
    for (const key of keys) {
      const other = this.#types.get(key);
      if (other !== undefined && other !== traffic) yield other;
    }
  }

  #begin(key: string, first: MessageTrail | undefined): TypeTraffic | undefined {
    if (first === undefined) return undefined;
    const traffic = new TypeTraffic(first);
    this.#types.set(key, traffic);
    index(this.#keysOfPlace, placeKey(first), key);
    index(this.#keysOfType, wordKey(first), key);
    return traffic;
  }
}

function index(keys: Map<string, Set<string>>, by: string, key: string): void {
  const known = keys.get(by);
  if (known === undefined) keys.set(by, new Set([key]));
  else known.add(key);
}

function addReaders(all: Map<string, Reader>, from: TypeTraffic): void {
  for (const [service, reader] of from.readers()) {
    const known = all.get(service);
    if (known === undefined || known.lastAtNs < reader.lastAtNs) all.set(service, reader);
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

function wordKey(place: Pick<MessageTrail, 'system' | 'messageType'>): string {
  return JSON.stringify([place.system, place.messageType]);
}
