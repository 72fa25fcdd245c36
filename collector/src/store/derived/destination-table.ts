import type { RunId } from '@throughline/model/ids';
import type { Contribution, MessageTrail } from '@throughline/model/traffic';
import type { DestinationTraffic, PlacedTrail } from '../read-store.js';
import { DestinationTally, type TrailEntry } from './destination-tally.js';

/** Every destination and message type, from the messages of all runs. */
export class DestinationTable {
  readonly #tallies = new Map<string, DestinationTally>();
  readonly #entries = new Map<RunId, readonly TrailEntry[]>();
  readonly #deadLetters = new Set<TrailEntry>();

  put({ runId, workflow, messages }: Contribution): void {
    const before = this.#entries.get(runId) ?? [];
    const entries = messages.map((trail, index) => {
      const known = before[index];
      const isKnown = known?.workflow === workflow && isSameTrail(known.trail, trail);
      return isKnown ? known : { runId, workflow, trail, index };
    });
    for (const entry of before) if (entries[entry.index] !== entry) this.#delete(entry);
    for (const entry of entries) if (before[entry.index] !== entry) this.#add(entry);
    this.#entries.set(runId, entries);
  }

  remove(runId: RunId): void {
    for (const entry of this.#entries.get(runId) ?? []) this.#delete(entry);
    this.#entries.delete(runId);
  }

  destinations(): readonly DestinationTraffic[] {
    return [...this.#tallies.values()];
  }

  deadLetters(): Iterable<PlacedTrail> {
    return this.#deadLetters.values();
  }

  #add(entry: TrailEntry): void {
    const key = tallyKey(entry.trail);
    const tally = this.#tallies.get(key) ?? new DestinationTally(entry.trail);
    this.#tallies.set(key, tally);
    tally.add(entry);
    if (isDeadLetter(entry.trail)) this.#deadLetters.add(entry);
  }

  #delete(entry: TrailEntry): void {
    const key = tallyKey(entry.trail);
    const tally = this.#tallies.get(key);
    tally?.delete(entry);
    if (tally?.isEmpty === true) this.#tallies.delete(key);
    this.#deadLetters.delete(entry);
  }
}

function tallyKey({ system, destination, messageType }: MessageTrail): string {
  return `${system}\n${destination}\n${messageType === null ? '' : `=${messageType}`}`;
}

function isDeadLetter({ isDeadLetterDestination, deadLettered }: MessageTrail): boolean {
  return isDeadLetterDestination || deadLettered !== null;
}

function isSameTrail(a: MessageTrail, b: MessageTrail): boolean {
  return (
    a.system === b.system &&
    a.destination === b.destination &&
    a.isDeadLetterDestination === b.isDeadLetterDestination &&
    a.messageType === b.messageType &&
    a.producer === b.producer &&
    a.producerVersion === b.producerVersion &&
    a.sentAtNs === b.sentAtNs &&
    a.undeliverable === b.undeliverable &&
    a.consumers.length === b.consumers.length &&
    a.consumers.every((consumer, index) => isSameTaking(consumer, b.consumers[index])) &&
    isSameRecord(a.deadLettered, b.deadLettered)
  );
}

type Taking = MessageTrail['consumers'][number];

function isSameTaking(a: Taking, b: Taking | undefined): boolean {
  return (
    a.service === b?.service &&
    a.atNs === b.atNs &&
    a.subscription === b.subscription &&
    a.isPending === b.isPending
  );
}

/** Of plain fields: texts, instants and flags. */
function isSameRecord<T extends object>(a: T | null, b: T | null | undefined): boolean {
  if (a === null || b === null || b === undefined) return a === b;
  for (const name in a) if (a[name] !== b[name]) return false;
  return Object.keys(a).length === Object.keys(b).length;
}
