import type { Step } from '@throughline/model/step';
import { byStart } from './group.js';
import { SmallSet } from './small-set.js';
import type { Entry } from './trace-state.js';

/** Sends and takings that bear one message id and destination. */
export interface Letter {
  readonly senders: SmallSet<Entry>;
  /** The same by start, then id; null when one came or went since they were asked for. */
  sorted: readonly Entry[] | null;
  readonly takers: SmallSet<Entry>;
}

const NONE: readonly never[] = [];

/**
 * Steps by the message id that they share (S5). Of several sends of one id, the last before the taking is the cause of
 * it; else the first. An id that more sends bear than one message can have says nothing: it ties none of them.
 */
export class Letters {
  readonly #sendersMax: number;
  /** System → destination → message id. */
  readonly #letters = new Map<string, Map<string, Map<string, Letter>>>();
  readonly #stirred = new Set<Entry>();

  constructor(sendersMax: number) {
    this.#sendersMax = sendersMax;
  }

  insert(entry: Entry): void {
    const letter = this.#letterOf(entry.step);
    entry.letter = letter;
    if (letter === null) return;
    if (entry.step.role !== 'send') {
      letter.takers.add(entry);
      return;
    }
    letter.senders.add(entry);
    letter.sorted = null;
    if (letter.senders.size === this.#sendersMax + 1) this.#stir(letter);
  }

  remove(entry: Entry): void {
    const { letter } = entry;
    if (letter === null) return;
    entry.letter = null;
    if (entry.step.role === 'send') {
      if (letter.senders.size === this.#sendersMax + 1) this.#stir(letter);
      letter.senders.delete(entry);
      letter.sorted = null;
    } else {
      letter.takers.delete(entry);
    }
    if (letter.senders.size + letter.takers.size === 0) this.#forget(entry.step);
  }

  /** Steps whose message id began or ceased to tell anything, since the last call. */
  takeStirred(): Entry[] {
    const stirred = [...this.#stirred];
    this.#stirred.clear();
    return stirred;
  }

  senderOf(taker: Entry): Entry | undefined {
    const letter = this.#telling(taker);
    if (letter === null) return undefined;
    if (letter.senders.only !== undefined) return letter.senders.only;
    const senders = this.#senders(taker);
    return senders[Math.max(0, countUntil(senders, taker) - 1)];
  }

  /** Takings of what the send sent. */
  takersOf(sender: Entry): Iterable<Entry> {
    const letter = this.#telling(sender);
    if (letter === null || letter.takers.size === 0) return NONE;
    const takers = letter.takers.values();
    if (letter.senders.size === 1) return takers;
    return [...takers].filter((taker) => this.senderOf(taker) === sender);
  }

  /** Those whose sender may be another one when this step comes or goes: to be asked while it is there. */
  concernedBy({ step, letter }: Entry): Iterable<Entry> {
    if (letter === null || step.role !== 'send') return NONE;
    return letter.senders.size > this.#sendersMax + 1 ? NONE : letter.takers.values();
  }

  /** Sends that had, or would have, what this step takes or sends if it were otherwise. */
  beside(entry: Entry): readonly Entry[] {
    const letter = this.#telling(entry);
    if (letter === null) return NONE;
    if (entry.step.role !== 'send') {
      const sender = this.senderOf(entry);
      return sender ? [sender] : NONE;
    }
    if (letter.senders.size < 2) return NONE;
    const senders = this.#senders(entry);
    const at = senders.indexOf(entry);
    return [senders[at - 1], senders[at + 1]].filter((other) => other !== undefined);
  }

  /** The letter of a step; null when it has none that tells anything. */
  #telling({ letter }: Entry): Letter | null {
    return letter === null || letter.senders.size > this.#sendersMax ? null : letter;
  }

  /** Who sent what the step sends or takes, by start. */
  #senders(entry: Entry): readonly Entry[] {
    const letter = this.#telling(entry);
    return letter === null ? NONE : (letter.sorted ??= [...letter.senders].sort(byStart));
  }

  #letterOf(step: Step): Letter | null {
    const { message } = step;
    if (message === null || message.messageId === null || !bearsLetter(step)) return null;
    const { system, destination, messageId } = message;
    const ofSystem = this.#letters.get(system) ?? new Map<string, Map<string, Letter>>();
    if (ofSystem.size === 0) this.#letters.set(system, ofSystem);
    const ofPlace = ofSystem.get(destination) ?? new Map<string, Letter>();
    if (ofPlace.size === 0) ofSystem.set(destination, ofPlace);
    const known = ofPlace.get(messageId);
    if (known !== undefined) return known;
    const letter = { senders: new SmallSet<Entry>(), sorted: null, takers: new SmallSet<Entry>() };
    ofPlace.set(messageId, letter);
    return letter;
  }

  #forget({ message }: Step): void {
    if (message === null || message.messageId === null) return;
    const { system, destination, messageId } = message;
    const ofSystem = this.#letters.get(system);
    const ofPlace = ofSystem?.get(destination);
    ofPlace?.delete(messageId);
    if (ofPlace?.size === 0) ofSystem?.delete(destination);
    if (ofSystem?.size === 0) this.#letters.delete(system);
  }

  /** All steps that share a message id with this one, itself among them, as far as the id tells anything. */
  *sharing(entry: Entry): Iterable<Entry> {
    const letter = this.#telling(entry);
    if (letter === null) return;
    yield* letter.senders;
    yield* letter.takers;
  }

  #stir({ senders, takers }: Letter): void {
    for (const entry of senders) this.#stirred.add(entry);
    for (const entry of takers) this.#stirred.add(entry);
  }
}

function countUntil(senders: readonly Entry[], { step }: Entry): number {
  let [low, high] = [0, senders.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const sender = senders[middle];
    if (sender && sender.step.startedAtNs <= step.startedAtNs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function bearsLetter({ role }: Step): boolean {
  return role === 'send' || role === 'take' || role === 'fetch';
}

/** What sends and takings of one message share; null for a step of another kind, or without an id. */
export function messageKey(step: Step): string | null {
  const { message } = step;
  if (message === null || message.messageId === null || !bearsLetter(step)) return null;
  return `${message.system}\u0000${message.destination}\u0000${message.messageId}`;
}
