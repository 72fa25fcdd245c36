import type { SpanId, TraceId } from '@throughline/model/ids';
import { Letters } from './letters.js';
import type { Entry, TraceState } from './trace-state.js';

/** What a step says it came from, other than its parent. */
export interface Tie {
  readonly by: 'link' | 'message-id';
  readonly targets: readonly Entry[];
}

/**
 * Links (S4) and shared message ids (S5), indexed from both ends: either side may come first.
 */
export class Ties {
  readonly #traces: ReadonlyMap<TraceId, TraceState>;
  readonly #letters: Letters;
  /** Span that a link names → steps with such a link, whether the span has arrived or not. */
  readonly #linking = new Map<string, Set<Entry>>();
  /** Grows with whatever could change an answer of `tie`. */
  #state = 0;

  constructor(traces: ReadonlyMap<TraceId, TraceState>, sendersMax: number) {
    this.#traces = traces;
    this.#letters = new Letters(sendersMax);
  }

  insert(entry: Entry): void {
    this.#state += 1;
    for (const link of entry.step.links) put(this.#linking, spanKey(link), entry);
    this.#letters.insert(entry);
  }

  remove(entry: Entry): void {
    this.#state += 1;
    for (const link of entry.step.links) drop(this.#linking, spanKey(link), entry);
    this.#letters.remove(entry);
  }

  /** Steps whose message id began or ceased to tell anything, since the last call. */
  takeStirred(): Entry[] {
    return this.#letters.takeStirred();
  }

  /** Steps that may be tied to something in the trace: their place depends on its steps. */
  *dependents(trace: TraceState): Iterable<Entry> {
    for (const entry of trace.entries.values()) yield* this.#candidates(entry);
  }

  /** What a step came from, in any run: the steps that it is tied to, and its parent. */
  causesOf(entry: Entry): Entry[] {
    const parent = entry.trace.parentOf(entry);
    return [...(this.tie(entry)?.targets ?? []), ...(parent ? [parent] : [])];
  }

  /**
   * Steps of which this one may be the cause, or may have become it, and steps that were their cause until then:
   * among sends of one message id, the taking decides for one. A batch in several runs is no concern of them all
   * when one of its messages is: where it belongs is told when it is placed.
   */
  *around(entry: Entry): Iterable<Entry> {
    yield* this.#letters.beside(entry);
    for (const child of entry.trace.childrenOf(entry)) {
      yield child;
      yield* this.#letters.beside(child);
    }
    for (const taker of this.#candidates(entry)) {
      if (taker.homes.length < 2) yield taker;
      yield* this.#letters.beside(taker);
    }
  }

  /** Steps elsewhere that are tied to this one. */
  *tiedTo(entry: Entry): Iterable<Entry> {
    for (const other of this.#candidates(entry)) if (this.isTied(other, entry)) yield other;
  }

  /** Looks at the one link only: a batch of thousands is asked by each of thousands of messages. */
  isTied(entry: Entry, target: Entry): boolean {
    if (this.#linking.get(spanKey(target.step))?.has(entry)) {
      const { isTaking, parent, followsLinks } = this.#surroundings(entry);
      const isMeant = target !== entry && target.trace.target(target.step.spanId) === target;
      if (isMeant && followsLinks && mayLeadTo(target, isTaking, parent)) return true;
    }
    if (messageIdOf(entry) === null) return false;
    const tie = this.tie(entry);
    return tie?.by === 'message-id' && tie.targets[0] === target;
  }

  #surroundings(entry: Entry): {
    readonly isTaking: boolean;
    readonly parent: Entry | undefined;
    readonly followsLinks: boolean;
  } {
    const isTaking = entry.step.role === 'take' || entry.step.role === 'fetch';
    const parent = entry.trace.parentOf(entry);
    return { isTaking, parent, followsLinks: isTaking || !parent };
  }

  *#candidates(entry: Entry): Iterable<Entry> {
    if (this.#linking.size > 0) yield* this.#linking.get(spanKey(entry.step)) ?? [];
    if (entry.step.role === 'send') yield* this.#letters.takersOf(entry);
  }

  /**
   * What the step is tied to, as far as it has arrived. A step that takes messages follows its links even when
   * it has a parent (the poll that fetched it); any other step only when it has none.
   */
  tie(entry: Entry): Tie | undefined {
    if (entry.tieState === this.#state) return entry.tie;
    entry.tie = this.#tieNow(entry);
    entry.tieState = this.#state;
    return entry.tie;
  }

  #tieNow(entry: Entry): Tie | undefined {
    const { links, role } = entry.step;
    if (links.length === 0 && role !== 'take' && role !== 'fetch') return undefined;
    const { isTaking, parent, followsLinks } = this.#surroundings(entry);
    if (links.length > 0 && followsLinks) {
      const targets = links.flatMap((link) => {
        const target = this.#traces.get(link.traceId)?.target(link.spanId);
        const isCause = target && target !== entry && mayLeadTo(target, isTaking, parent);
        return isCause ? [target] : [];
      });
      if (targets.length > 0) return { by: 'link', targets: [...new Set(targets)] };
    }
    if (!isTaking || parent?.step.role === 'send') return undefined;
    const sender = this.#letters.senderOf(entry);
    return sender && { by: 'message-id', targets: [sender] };
  }
}

function messageIdOf({ step }: Entry): string | null {
  return step.message?.messageId ?? null;
}

/**
 * Whether a link means a cause. Google's client links a taking to its own acknowledgement, too; and where the message's
 * context is the parent, a link to what sends nothing tells of the consumer's surroundings (messaging conventions).
 */
function mayLeadTo({ step }: Entry, isTaking: boolean, parent: Entry | undefined): boolean {
  if (!isTaking) return true;
  return parent?.step.role === 'send' ? step.role === 'send' : step.role !== 'settle';
}

function spanKey({ traceId, spanId }: { traceId: TraceId; spanId: SpanId }): string {
  return `${traceId}${spanId}`;
}

function put<K>(index: Map<K, Set<Entry>>, key: K, entry: Entry): void {
  const entries = index.get(key);
  if (entries) entries.add(entry);
  else index.set(key, new Set([entry]));
}

function drop<K>(index: Map<K, Set<Entry>>, key: K, entry: Entry): void {
  const entries = index.get(key);
  entries?.delete(entry);
  if (entries?.size === 0) index.delete(key);
}
