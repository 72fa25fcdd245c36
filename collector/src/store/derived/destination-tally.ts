import type { MessageTrail } from '@throughline/model/traffic';
import type { UnixNs } from '@throughline/model/time';
import type { Activity, DestinationTraffic, PlacedTrail } from '../read-store.js';
import { compareInstants, instantList, SortedList } from './sorted-list.js';
import { bump } from './tally-map.js';

/** A trail with its place among the messages of its run: a total order even among messages of one instant. */
export interface TrailEntry extends PlacedTrail {
  readonly index: number;
}

/** The messages of one type at one destination, over all runs. */
export class DestinationTally implements DestinationTraffic {
  readonly system: string;
  readonly destination: string;
  readonly messageType: string | null;
  readonly #trails = new Set<TrailEntry>();
  readonly #sent = instantList();
  readonly #taken = instantList();
  readonly #waiting = new SortedList<TrailEntry>(compareSending, sendingKey);
  readonly #producers = new Map<string, SortedList<bigint>>();
  readonly #consumers = new Map<string, SortedList<bigint>>();
  readonly #deadLetterOf = new Map<string, number>();
  #deadLetterTrails = 0;
  #undeliverable = 0;

  constructor({ system, destination, messageType }: MessageTrail) {
    this.system = system;
    this.destination = destination;
    this.messageType = messageType;
  }

  add(entry: TrailEntry): void {
    const { trail } = entry;
    this.#trails.add(entry);
    this.#count(trail, 1);
    if (trail.sentAtNs !== null) {
      this.#sent.add(trail.sentAtNs);
      if (trail.producer !== null) instantsOf(this.#producers, trail.producer).add(trail.sentAtNs);
    }
    const takenAtNs = firstTaking(trail);
    if (takenAtNs !== null) this.#taken.add(takenAtNs);
    for (const { service, atNs } of trail.consumers) instantsOf(this.#consumers, service).add(atNs);
    if (isWaiting(trail)) this.#waiting.add(entry);
  }

  delete(entry: TrailEntry): void {
    const { trail } = entry;
    this.#trails.delete(entry);
    this.#count(trail, -1);
    if (trail.sentAtNs !== null) {
      this.#sent.delete(trail.sentAtNs);
      if (trail.producer !== null) forgetInstant(this.#producers, trail.producer, trail.sentAtNs);
    }
    const takenAtNs = firstTaking(trail);
    if (takenAtNs !== null) this.#taken.delete(takenAtNs);
    for (const { service, atNs } of trail.consumers) forgetInstant(this.#consumers, service, atNs);
    if (isWaiting(trail)) this.#waiting.delete(entry);
  }

  get isEmpty(): boolean {
    return this.#trails.size === 0;
  }

  get isDeadLetterDestination(): boolean {
    return this.#deadLetterTrails > 0;
  }

  get sentCount(): number {
    return this.#sent.size;
  }

  get takenCount(): number {
    return this.#taken.size;
  }

  get undeliverableCount(): number {
    return this.#undeliverable;
  }

  get producers(): ReadonlyMap<string, Activity> {
    return activities(this.#producers);
  }

  get consumers(): ReadonlyMap<string, Activity> {
    return activities(this.#consumers);
  }

  get lastSentAtNs(): UnixNs | null {
    return (this.#sent.last ?? null) as UnixNs | null;
  }

  get lastTakenAtNs(): UnixNs | null {
    return (this.#taken.last ?? null) as UnixNs | null;
  }

  get waitingCount(): number {
    return this.#waiting.size;
  }

  get oldestWaitingSinceNs(): UnixNs | null {
    return this.#waiting.first?.trail.sentAtNs ?? null;
  }

  get deadLetterOf(): readonly string[] {
    return [...this.#deadLetterOf.keys()].sort();
  }

  sentWithin(fromNs: UnixNs, toNs: UnixNs): number {
    return countWithin(this.#sent, fromNs, toNs);
  }

  takenWithin(fromNs: UnixNs, toNs: UnixNs): number {
    return countWithin(this.#taken, fromNs, toNs);
  }

  trails(): Iterable<PlacedTrail> {
    return this.#trails.values();
  }

  waiting(): Iterable<PlacedTrail> {
    return this.#waiting.after(null);
  }

  #count(trail: MessageTrail, by: 1 | -1): void {
    if (trail.isDeadLetterDestination) this.#deadLetterTrails += by;
    if (trail.undeliverable) this.#undeliverable += by;
    const source = trail.isDeadLetterDestination ? (trail.deadLettered?.source ?? null) : null;
    if (source !== null) bump(this.#deadLetterOf, source, by);
  }
}

/** A dead letter waits where it lies until it came back; any other message until it is taken or moved aside. */
function isWaiting(trail: MessageTrail): boolean {
  if (trail.sentAtNs === null || trail.undeliverable || trail.consumers.length > 0) return false;
  return trail.isDeadLetterDestination
    ? trail.deadLettered?.cameBack !== true
    : trail.deadLettered === null;
}

function firstTaking({ consumers }: MessageTrail): bigint | null {
  return consumers.reduce<bigint | null>(
    (first, { atNs }) => (first === null || atNs < first ? atNs : first),
    null,
  );
}

function compareSending(a: TrailEntry, b: TrailEntry): number {
  const byTime = compareInstants(a.trail.sentAtNs ?? 0n, b.trail.sentAtNs ?? 0n);
  if (byTime !== 0) return byTime;
  if (a.runId !== b.runId) return a.runId < b.runId ? -1 : 1;
  return a.index - b.index;
}

function sendingKey({ trail }: TrailEntry): number {
  return Number(trail.sentAtNs ?? 0n);
}

function instantsOf(
  byService: Map<string, SortedList<bigint>>,
  service: string,
): SortedList<bigint> {
  let instants = byService.get(service);
  if (instants === undefined) {
    byService.set(service, (instants = instantList()));
  }
  return instants;
}

function forgetInstant(
  byService: Map<string, SortedList<bigint>>,
  service: string,
  atNs: bigint,
): void {
  const instants = byService.get(service);
  instants?.delete(atNs);
  if (instants?.size === 0) byService.delete(service);
}

function activities(
  byService: ReadonlyMap<string, SortedList<bigint>>,
): ReadonlyMap<string, Activity> {
  return new Map(
    [...byService].sort(compareNames).map(([service, instants]) => [
      service,
      {
        count: instants.size,
        firstAtNs: instants.first as UnixNs,
        lastAtNs: instants.last as UnixNs,
      },
    ]),
  );
}

function compareNames([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function countWithin(instants: SortedList<bigint>, fromNs: bigint, toNs: bigint): number {
  return Math.max(0, instants.countUpTo(toNs) - instants.countUpTo(fromNs - 1n));
}
