import { liesIn, type BrokerQueue } from '@throughline/model/broker';
import type { RunId } from '@throughline/model/ids';
import { nsFromMs, type UnixNs } from '@throughline/model/time';
import type { Contribution, MessageTrail } from '@throughline/model/traffic';
import { LONG_AGO, type ArrivedAt } from './arrivals.js';
import type { Reader } from './reader.js';
import { routesByType } from './routing.js';
import { TypeTraffic } from './type-traffic.js';

/** What all runs together sent and took, per destination and message type. Depends on the set of runs only. */
export class TrafficLedger {
  readonly #types = new Map<string, TypeTraffic>();
  readonly #keysOfRun = new Map<RunId, readonly string[]>();
  readonly #keysOfPlace = new Map<string, Set<string>>();
  /** By system and message type, whatever the destination. */
  readonly #keysOfType = new Map<string, Set<string>>();
  readonly #patienceNs: bigint;
  #known: Known | null = null;

  /** @param patienceMs how long after its arrival a message is not yet said to be untaken. */
  constructor(patienceMs = 0) {
    this.#patienceNs = nsFromMs(patienceMs);
  }

  /** Replaces what the run gave before. @returns keys of the types of which something is new. */
  put({ runId, workflow, messages }: Contribution, arrivedAt: ArrivedAt = LONG_AGO): string[] {
    const byType = grouped(messages);
    const before = this.#keysOfRun.get(runId) ?? NO_KEYS;
    const changed: string[] = [];
    const settledAtNs = ({ sentBy }: MessageTrail): UnixNs =>
      ((sentBy === undefined ? 0n : arrivedAt(sentBy)) + this.#patienceNs) as UnixNs;
    for (const [key, trails] of byType) {
      const traffic = this.#types.get(key) ?? this.#begin(key, trails[0]);
      if (traffic?.replace(runId, { workflow, trails, settledAtNs }) === true) changed.push(key);
    }
    for (const key of before) {
      if (byType.has(key)) continue;
      this.#types.get(key)?.replace(runId, { workflow, trails: [], settledAtNs });
      changed.push(key);
    }
    if (byType.size === 0) this.#keysOfRun.delete(runId);
    else if (before.length !== byType.size || changed.length > 0) {
      this.#keysOfRun.set(runId, [...byType.keys()]);
    }
    return changed;
  }

  /** Keys of the types of which the run has messages. */
  ofRun(runId: RunId): readonly string[] {
    return this.#keysOfRun.get(runId) ?? NO_KEYS;
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

  /** Types whose messages come to lie in the queue, by what its broker says of its routes. */
  *typesIn(queue: Pick<BrokerQueue, 'system' | 'name' | 'fedBy'>): Iterable<TypeTraffic> {
    for (const traffic of this.#types.values()) {
      const { system, destination, messageType: type } = traffic;
      if (liesIn(queue, { system, destination, type })) yield traffic;
    }
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
    return this.#readersKnown().systems.has(system);
  }

  /** Whether the service was ever seen taking any message anywhere. */
  isReader(service: string): boolean {
    return this.#readersKnown().services.has(service);
  }

  #readersKnown(): Known {
    if (this.#known !== null) return this.#known;
    const known = { systems: new Set<string>(), services: new Set<string>() };
    for (const traffic of this.#types.values()) {
      const services = traffic.readers().keys();
      for (const service of services) {
        known.services.add(service);
        known.systems.add(traffic.system);
      }
    }
    this.#known = known;
    return known;
  }

  /**
   * Keys of the types whose readers may be others when the traffic of these changes: themselves, the same types
   * elsewhere, and all of the destination where a reader of one type may be a reader of all.
   */
  affectedBy(changed: Iterable<string>): ReadonlySet<string> {
    const affected = new Set<string>();
    const seen = new Set<ReadonlySet<string>>();
    for (const key of changed) {
      affected.add(key);
      const traffic = this.#types.get(key);
      if (traffic === undefined) continue;
      const isOwn = routesByType(traffic.system) && traffic.messageType !== null;
      const keys = isOwn
        ? this.#keysOfType.get(wordKey(traffic))
        : this.#keysOfPlace.get(placeKey(traffic));
      if (keys === undefined || seen.has(keys)) continue;
      seen.add(keys);
      for (const other of keys) affected.add(other);
    }
    return affected;
  }

  *#others(traffic: TypeTraffic, keys: Iterable<string> = []): Iterable<TypeTraffic> {
    for (const key of keys) {
      const other = this.#types.get(key);
      if (other !== undefined && other !== traffic) yield other;
    }
  }

  #begin(key: string, first: MessageTrail | undefined): TypeTraffic | undefined {
    if (first === undefined) return undefined;
    const traffic = new TypeTraffic(first, () => (this.#known = null));
    this.#types.set(key, traffic);
    index(this.#keysOfPlace, placeKey(first), key);
    index(this.#keysOfType, wordKey(first), key);
    return traffic;
  }
}

/** Who was ever seen reading, and where. */
interface Known {
  readonly systems: ReadonlySet<string>;
  readonly services: ReadonlySet<string>;
}

const NO_KEYS: readonly string[] = [];
const NO_TRAILS: ReadonlyMap<string, readonly MessageTrail[]> = new Map();

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
  if (messages.length === 0) return NO_TRAILS;
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
  const { system, destination, messageType } = place;
  return `${system}\u0000${destination}\u0000${messageType ?? '\u0000'}`;
}

function placeKey(place: Pick<MessageTrail, 'system' | 'destination'>): string {
  return JSON.stringify([place.system, place.destination]);
}

function wordKey(place: Pick<MessageTrail, 'system' | 'messageType'>): string {
  return JSON.stringify([place.system, place.messageType]);
}
