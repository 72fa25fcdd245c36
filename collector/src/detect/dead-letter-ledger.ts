import type { RunId } from '@throughline/model/ids';
import type { UnixNs } from '@throughline/model/time';
import {
  placeId,
  type Contribution,
  type MessageTrail,
  type Place,
} from '@throughline/model/traffic';
import type { Affected } from './affected.js';
import { Crowd } from './crowd.js';

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
  /** How often it had been put aside before, and came back. */
  readonly cameBack: number;
}

/** One place where dead letters lie. */
export interface DeadLetterPlace {
  readonly place: Place;
  /** Oldest first. */
  readonly letters: readonly DeadLetterEntry[];
}

interface Placed extends DeadLetterEntry, Affected {
  readonly place: Place;
}

/** Dead letters of one place; a `cause` is what `causeOf` reads. */
export type DeadLetters = Crowd<Placed, 'workflow' | 'cause' | 'cameBack'>;

/** Why a letter lies there: equal for what has the same cause. */
export interface DeadLetterCause {
  readonly reason: string;
  readonly messageType: string | null;
  /** Who put it aside, and in which version. */
  readonly service: string | null;
  readonly version: string | null;
  readonly source: string | null;
}

/** Dead letters of all runs by the place where they lie. Depends on the set of runs only. */
export class DeadLetterLedger {
  readonly #byPlace = new Map<string, DeadLetters>();
  readonly #lettersOfRun = new Map<RunId, readonly Placed[]>();

  /** Replaces what the run gave before. @returns ids of the places that it touched, then or now. */
  put(contribution: Contribution): ReadonlySet<string> {
    const { runId } = contribution;
    const letters = lettersOf(contribution);
    const before = this.#lettersOfRun.get(runId) ?? NO_LETTERS;
    if (before.length === 0 && letters.length === 0) return NO_PLACES;
    const touched = new Set<string>();
    for (const letter of before) {
      const id = placeId(letter.place);
      const held = this.#byPlace.get(id);
      held?.delete(letter);
      if (held?.size === 0) this.#byPlace.delete(id);
      touched.add(id);
    }
    for (const letter of letters) {
      const id = placeId(letter.place);
      const held: DeadLetters = this.#byPlace.get(id) ?? new Crowd(FACETS);
      held.add(letter);
      this.#byPlace.set(id, held);
      touched.add(id);
    }
    if (letters.length === 0) this.#lettersOfRun.delete(runId);
    else this.#lettersOfRun.set(runId, letters);
    return touched;
  }

  remove(runId: RunId): ReadonlySet<string> {
    return this.put({ runId, workflow: '', hops: [], messages: [] });
  }

  /** Every place where dead letters lie now. */
  places(): DeadLetterPlace[] {
    return [...this.#byPlace.keys()].flatMap((id) => this.at(id) ?? []);
  }

  at(id: string): DeadLetterPlace | null {
    const held = this.#byPlace.get(id);
    const place = held?.oldest()?.place;
    if (held === undefined || place === undefined) return null;
    return { place, letters: [...held.newestFirst()].reverse() };
  }

  /** The same, counted. */
  crowdAt(id: string): DeadLetters | undefined {
    return this.#byPlace.get(id);
  }

  /** Ids of the places where letters of the run lie. */
  ofRun(runId: RunId): readonly string[] {
    return (this.#lettersOfRun.get(runId) ?? NO_LETTERS).map(({ place }) => placeId(place));
  }
}

export function causeOf(value: string): DeadLetterCause {
  const [reason, messageType, service, version, source] = JSON.parse(value) as [
    string,
    ...(string | null)[],
  ];
  return {
    reason,
    messageType: messageType ?? null,
    service: service ?? null,
    version: version ?? null,
    source: source ?? null,
  };
}

const FACETS = {
  workflow: ({ workflow }: Placed): string => workflow,
  cameBack: ({ cameBack }: Placed): string | null => (cameBack === 0 ? null : String(cameBack)),
  cause: ({ reason, messageType, service, version, source }: Placed): string =>
    JSON.stringify([reason, messageType, service, version, source]),
};
const NO_LETTERS: readonly Placed[] = [];
const NO_PLACES: ReadonlySet<string> = new Set();

/**
 * A message is counted once. Where a consumer refused it *and* a copy went to a dead-letter destination, the
 * copy stands for both: it is there that the message lies.
 */
function lettersOf({ runId, workflow, messages }: Contribution): readonly Placed[] {
  if (!messages.some((each) => each.isDeadLetterDestination || each.deadLettered !== null)) {
    return NO_LETTERS;
  }
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
  const lying = [...waiting, ...alone];
  const returns = returnsOf(messages, lying);
  return lying.map((trail) => {
    const cameBack = returns.get(trail.messageType) ?? 0;
    return { ...letterOf(trail, runId, workflow), cameBack };
  });
}

/**
 * By type, how often what lies aside now had been put aside before: consumers refused it again, or a second copy of it was
 * made after the first one had been taken out. Of several letters of one type each has an equal part in that.
 */
function returnsOf(
  messages: readonly MessageTrail[],
  lying: readonly MessageTrail[],
): ReadonlyMap<string | null, number> {
  const returns = new Map<string | null, number>();
  for (const type of new Set(lying.map(({ messageType }) => messageType))) {
    const alike = messages.filter(({ messageType }) => messageType === type);
    const copies = alike.filter((each) => each.isDeadLetterDestination && each.sentAtNs !== null);
    let refusals = 0;
    for (const { isDeadLetterDestination, deadLettered } of alike) {
      if (!isDeadLetterDestination && deadLettered !== null) refusals += deadLettered.times ?? 1;
    }
    const now = lying.filter(({ messageType }) => messageType === type).length;
    const before = Math.max(refusals, copies.length) - now;
    if (before >= now) returns.set(type, Math.floor(before / now));
  }
  return returns;
}

function takeCopyOf(refused: MessageTrail, copies: MessageTrail[]): boolean {
  const later = copies.filter(({ sentAtNs }) => (sentAtNs ?? 0n) >= (refused.sentAtNs ?? 0n));
  const copy = later.find(({ messageType }) => messageType === refused.messageType) ?? later[0];
  if (copy === undefined) return false;
  copies.splice(copies.indexOf(copy), 1);
  return true;
}

function letterOf(trail: MessageTrail, runId: RunId, workflow: string): Omit<Placed, 'cameBack'> {
  const { deadLettered, system, destination, messageType } = trail;
  const reader = trail.consumers.find((consumer) => consumer.subscription !== null);
  const queue = deadLettered?.queue ?? reader?.subscription ?? null;
  const source = deadLettered?.source ?? queue;
  const atNs = deadLettered?.atNs ?? trail.sentAtNs ?? (0n as UnixNs);
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
    atNs,
    sinceNs: atNs,
  };
}
