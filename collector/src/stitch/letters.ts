import type { Step } from '@throughline/model/step';
import { byStart } from './group.js';
import type { Entry } from './trace-state.js';

/** Sends and takings that bear one message id and destination. */
interface Letter {
  readonly senders: Set<Entry>;
  /** The same by start, then id; null when one came or went since they were asked for. */
  sorted: readonly Entry[] | null;
  readonly takers: Set<Entry>;
}

/**
 * Steps by the message id that they share (S5). Of several sends of one id, the last before the taking is the cause of
 * it; else the first. An id that more sends bear than one message can have says nothing: it ties none of them.
 */
export class Letters {
  readonly #sendersMax: number;
  readonly #letters = new Map<string, Letter>();
  readonly #stirred = new Set<Entry>();

  constructor(sendersMax: number) {
    this.#sendersMax = sendersMax;
  }

  insert(entry: Entry): void {
    const id = messageKey(entry.step);
    if (id === null) return;
    const letter = this.#letters.get(id) ?? { senders: new Set(), sorted: null, takers: new Set() };
    this.#letters.set(id, letter);
    if (entry.step.role !== 'send') {
      letter.takers.add(entry);
      return;
    }
    letter.senders.add(entry);
    letter.sorted = null;
    if (letter.senders.size === this.#sendersMax + 1) this.#stir(letter);
  }

  remove(entry: Entry): void {
    const id = messageKey(entry.step);
    const letter = id === null ? undefined : this.#letters.get(id);
    if (id === null || !letter) return;
    if (entry.step.role === 'send') {
      if (letter.senders.size === this.#sendersMax + 1) this.#stir(letter);
      letter.senders.delete(entry);
      letter.sorted = null;
    } else {
      letter.takers.delete(entry);
    }
    if (letter.senders.size + letter.takers.size === 0) this.#letters.delete(id);
  }

  /** Steps whose message id began or ceased to tell anything, since the last call. */
  takeStirred(): Entry[] {
    const stirred = [...this.#stirred];
    this.#stirred.clear();
    return stirred;
  }

  senderOf(taker: Entry): Entry | undefined {
    const senders = this.#telling(taker)?.sorted;
    return senders?.[Math.max(0, countUntil(senders, taker) - 1)];
  }

  /** Takings of what the send sent. */
  *takersOf(sender: Entry): Iterable<Entry> {
    const letter = this.#telling(sender);
    if (!letter) return;
    const isOnly = letter.senders.size === 1;
    for (const taker of letter.takers) if (isOnly || this.senderOf(taker) === sender) yield taker;
  }

  /** Sends that had, or would have, what this step takes or sends if it were otherwise. */
  *beside(entry: Entry): Iterable<Entry> {
    const senders = this.#telling(entry)?.sorted;
    if (!senders) return;
    if (entry.step.role !== 'send') {
      const sender = this.senderOf(entry);
      if (sender) yield sender;
      return;
    }
    const at = senders.indexOf(entry);
    for (const other of [senders[at - 1], senders[at + 1]]) if (other) yield other;
  }

  /** The letter of a step, sorted; undefined when it has none that tells anything. */
  #telling(entry: Entry): (Letter & { readonly sorted: readonly Entry[] }) | undefined {
    const id = messageKey(entry.step);
    const letter = id === null ? undefined : this.#letters.get(id);
    if (!letter || letter.senders.size > this.#sendersMax) return undefined;
    letter.sorted ??= [...letter.senders].sort(byStart);
    return letter as Letter & { readonly sorted: readonly Entry[] };
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

function messageKey({ role, message }: Step): string | null {
  if (!message || message.messageId === null) return null;
  if (role !== 'send' && role !== 'take' && role !== 'fetch') return null;
  return `${message.system}\u0000${message.destination}\u0000${message.messageId}`;
}
