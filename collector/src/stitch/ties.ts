import type { SpanId, TraceId } from '@throughline/model/ids';
import type { Step } from '@throughline/model/step';
import { byStart } from './group.js';
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
  /** Span that a link names → steps with such a link, whether the span has arrived or not. */
  readonly #linking = new Map<string, Set<Entry>>();
  readonly #senders = new Map<string, Set<Entry>>();
  readonly #takers = new Map<string, Set<Entry>>();

  constructor(traces: ReadonlyMap<TraceId, TraceState>) {
    this.#traces = traces;
  }

  insert(entry: Entry): void {
    for (const link of entry.step.links) put(this.#linking, spanKey(link), entry);
    const id = messageKey(entry.step);
    if (id !== null) put(this.#sideOf(entry.step), id, entry);
  }

  remove(entry: Entry): void {
    for (const link of entry.step.links) drop(this.#linking, spanKey(link), entry);
    const id = messageKey(entry.step);
    if (id !== null) drop(this.#sideOf(entry.step), id, entry);
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
   * among sends of one message id, the taking decides for one.
   */
  *around(entry: Entry): Iterable<Entry> {
    const effects = [...entry.trace.childrenOf(entry), ...this.#candidates(entry)];
    yield* effects;
    for (const step of [entry, ...effects]) {
      const id = messageKey(step.step);
      if (id !== null) yield* this.#senders.get(id) ?? [];
    }
  }

  /** Steps elsewhere that are tied to this one. */
  *tiedTo(entry: Entry): Iterable<Entry> {
    for (const other of this.#candidates(entry)) {
      if (this.tie(other)?.targets.includes(entry)) yield other;
    }
  }

  *#candidates(entry: Entry): Iterable<Entry> {
    yield* this.#linking.get(spanKey(entry.step)) ?? [];
    if (entry.step.role !== 'send') return;
    const id = messageKey(entry.step);
    if (id !== null) yield* this.#takers.get(id) ?? [];
  }

  /**
   * What the step is tied to, as far as it has arrived. A step that takes messages follows its links even when
   * it has a parent (the poll that fetched it); any other step only when it has none.
   */
  tie(entry: Entry): Tie | undefined {
    const { step, trace } = entry;
    const isTaking = step.role === 'take' || step.role === 'fetch';
    const parent = trace.parentOf(entry);
    if (step.links.length > 0 && (isTaking || !parent)) {
      const targets = step.links.flatMap((link) => {
        const target = this.#traces.get(link.traceId)?.target(link);
        const isCause = target && target !== entry && mayLeadTo(target, isTaking, parent);
        return isCause ? [target] : [];
      });
      if (targets.length > 0) return { by: 'link', targets: [...new Set(targets)] };
    }
    if (!isTaking || parent?.step.role === 'send') return undefined;
    const sender = this.#senderOf(entry);
    return sender && { by: 'message-id', targets: [sender] };
  }

  /** Of several sends of one id, the last before the taking; else the first. */
  #senderOf(taker: Entry): Entry | undefined {
    const id = messageKey(taker.step);
    if (id === null) return undefined;
    const senders = [...(this.#senders.get(id) ?? [])].sort(byStart);
    return (
      senders.filter((sender) => sender.step.startedAtNs <= taker.step.startedAtNs).at(-1) ??
      senders[0]
    );
  }

  #sideOf(step: Step): Map<string, Set<Entry>> {
    return step.role === 'send' ? this.#senders : this.#takers;
  }
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

function messageKey({ role, message }: Step): string | null {
  if (!message || message.messageId === null) return null;
  if (role !== 'send' && role !== 'take' && role !== 'fetch') return null;
  return `${message.system}\u0000${message.destination}\u0000${message.messageId}`;
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
