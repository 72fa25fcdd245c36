import type { RunId } from '@throughline/model/ids';
import type { UnixNs } from '@throughline/model/time';
import {
  placeId,
  type Contribution,
  type MessageTrail,
  type Place,
} from '@throughline/model/traffic';

/** A message that lies aside and was not seen coming back. */
export interface DeadLetterEntry {
  readonly runId: RunId;
  readonly workflow: string;
  readonly reason: string;
  readonly messageType: string | null;
  /** Who put it aside, and in which version. */
  readonly service: string | null;
  readonly version: string | null;
  /** Where it was before. */
  readonly source: string | null;
  readonly atNs: UnixNs;
}

/** One place where dead letters lie. */
export interface DeadLetterPlace {
  readonly place: Place;
  /** Oldest first. */
  readonly letters: readonly DeadLetterEntry[];
}

interface Placed extends DeadLetterEntry {
  readonly place: Place;
}

/** Dead letters of all runs by the place where they lie. Depends on the set of runs only. */
export class DeadLetterLedger {
  readonly #byPlace = new Map<string, Map<RunId, readonly Placed[]>>();
  readonly #placesOfRun = new Map<RunId, readonly string[]>();

  /** Replaces what the run gave before. @returns ids of the places that it touched, then or now. */
  put(contribution: Contribution): ReadonlySet<string> {
    const { runId } = contribution;
    const letters = lettersOf(contribution);
    const before = this.#placesOfRun.get(runId) ?? [];
    const after = [...new Set(letters.map(({ place }) => placeId(place)))];
    for (const id of before) this.#byPlace.get(id)?.delete(runId);
    for (const id of after) {
      const runs = this.#byPlace.get(id) ?? new Map<RunId, readonly Placed[]>();
      runs.set(
        runId,
        letters.filter(({ place }) => placeId(place) === id),
      );
      this.#byPlace.set(id, runs);
    }
    if (after.length === 0) this.#placesOfRun.delete(runId);
    else this.#placesOfRun.set(runId, after);
    return new Set([...before, ...after]);
  }

  remove(runId: RunId): ReadonlySet<string> {
    return this.put({ runId, workflow: '', hops: [], messages: [] });
  }

  /** Every place where dead letters lie now. */
  places(): DeadLetterPlace[] {
    return [...this.#byPlace.keys()].flatMap((id) => this.at(id) ?? []);
  }

  at(id: string): DeadLetterPlace | null {
    const letters = [...(this.#byPlace.get(id)?.values() ?? [])]
      .flat()
      .sort((a, b) =>
        a.atNs === b.atNs ? (a.runId < b.runId ? -1 : 1) : a.atNs < b.atNs ? -1 : 1,
      );
    const first = letters[0];
    return first === undefined ? null : { place: first.place, letters };
  }
}

/**
 * A message is counted once. Where a consumer refused it *and* a copy went to a dead-letter destination, the
 * copy stands for both: it is there that the message lies.
 */
function lettersOf({ runId, workflow, messages }: Contribution): Placed[] {
  const copies = messages.filter(
    (trail) => trail.isDeadLetterDestination && trail.sentAtNs !== null,
  );
  const refused = messages.filter(
    ({ isDeadLetterDestination, deadLettered }) =>
      !isDeadLetterDestination && deadLettered !== null && !deadLettered.cameBack,
  );
  const unpaired = [...copies];
  const alone = refused.filter((trail) => !takeCopyOf(trail, unpaired));
  const waiting = copies.filter(({ consumers }) => consumers.length === 0);
  return [...waiting, ...alone].map((trail) => letterOf(trail, runId, workflow));
}

function takeCopyOf(refused: MessageTrail, copies: MessageTrail[]): boolean {
  const later = copies.filter(({ sentAtNs }) => (sentAtNs ?? 0n) >= (refused.sentAtNs ?? 0n));
  const copy = later.find(({ messageType }) => messageType === refused.messageType) ?? later[0];
  if (copy === undefined) return false;
  copies.splice(copies.indexOf(copy), 1);
  return true;
}

function letterOf(trail: MessageTrail, runId: RunId, workflow: string): Placed {
  const { deadLettered, system, destination, messageType } = trail;
  const reader = trail.consumers.find((consumer) => consumer.subscription !== null);
  const queue = deadLettered?.queue ?? reader?.subscription ?? null;
  const source = deadLettered?.source ?? queue;
  const name = trail.isDeadLetterDestination ? destination : `${queue ?? destination} dead letters`;
  return {
    runId,
    workflow,
    place: { kind: 'dead-letter', name, system },
    reason: deadLettered?.reason ?? 'sent to a dead-letter destination',
    messageType,
    service: deadLettered?.service ?? trail.producer,
    version: deadLettered?.version ?? trail.producerVersion,
    source: trail.isDeadLetterDestination ? source : (source ?? destination),
    atNs: deadLettered?.atNs ?? trail.sentAtNs ?? (0n as UnixNs),
  };
}
