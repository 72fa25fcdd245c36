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
    this.remove(runId);
    const entries = messages.map((trail, index) => ({ runId, workflow, trail, index }));
    this.#entries.set(runId, entries);
    for (const entry of entries) {
      const key = tallyKey(entry.trail);
      const tally = this.#tallies.get(key) ?? new DestinationTally(entry.trail);
      this.#tallies.set(key, tally);
      tally.add(entry);
      if (isDeadLetter(entry.trail)) this.#deadLetters.add(entry);
    }
  }

  remove(runId: RunId): void {
    for (const entry of this.#entries.get(runId) ?? []) {
      const key = tallyKey(entry.trail);
      const tally = this.#tallies.get(key);
      tally?.delete(entry);
      if (tally?.isEmpty === true) this.#tallies.delete(key);
      this.#deadLetters.delete(entry);
    }
    this.#entries.delete(runId);
  }

  destinations(): readonly DestinationTraffic[] {
    return [...this.#tallies.values()];
  }

  deadLetters(): Iterable<PlacedTrail> {
    return this.#deadLetters.values();
  }
}

function tallyKey({ system, destination, messageType }: MessageTrail): string {
  return `${system}\n${destination}\n${messageType === null ? '' : `=${messageType}`}`;
}

function isDeadLetter({ isDeadLetterDestination, deadLettered }: MessageTrail): boolean {
  return isDeadLetterDestination || deadLettered !== null;
}
