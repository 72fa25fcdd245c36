import { stepId, type StepId, type TraceId } from '@throughline/model/ids';
import type { Step, StepLink } from '@throughline/model/step';
import { Letters } from './letters.js';
import { SmallSet } from './small-set.js';
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
  readonly #linking = new Map<StepId, SmallSet<Entry>>();
  constructor(traces: ReadonlyMap<TraceId, TraceState>, sendersMax: number) {
    this.#traces = traces;
    this.#letters = new Letters(sendersMax);
  }

  insert(entry: Entry): void {
    for (const link of entry.step.links) this.#link(link, entry);
    if (this.#linking.size > 0) entry.linkedBy = this.#linking.get(spanIn(entry.step)) ?? null;
    this.#letters.insert(entry);
    this.#forgetTies(entry);
  }

  remove(entry: Entry): void {
    this.#forgetTies(entry);
    for (const link of entry.step.links) this.#unlink(link, entry);
    entry.linkedBy = null;
    this.#letters.remove(entry);
  }

  /** Steps whose message id began or ceased to tell anything, since the last call. */
  takeStirred(): Entry[] {
    return this.#letters.takeStirred();
  }

  /** Steps that may be tied to something in the trace: their place depends on its steps. */
  eachDependent(trace: TraceState, act: (entry: Entry) => void): void {
    for (const entry of trace.entries.values()) this.#eachCandidate(entry, act);
  }

  /** What a step came from, in any run: the steps that it is tied to, and its parent. */
  eachCause(entry: Entry, act: (cause: Entry) => void): void {
    const targets = this.tie(entry)?.targets;
    if (targets !== undefined) for (const target of targets) act(target);
    const parent = entry.trace.parentOf(entry);
    if (parent) act(parent);
  }

  /**
   * Steps of which this one may be the cause, or may have become it, and steps that were their cause until then:
   * among sends of one message id, the taking decides for one. A batch in several runs is no concern of them all
   * when one of its messages is: where it belongs is told when it is placed.
   */
  eachAround(entry: Entry, act: (other: Entry) => void): void {
    for (const other of this.#letters.beside(entry)) act(other);
    for (const child of entry.trace.childrenOf(entry)) {
      act(child);
      for (const other of this.#letters.beside(child)) act(other);
    }
    this.#eachCandidate(entry, (taker) => {
      if (taker.homes.length < 2) act(taker);
      for (const other of this.#letters.beside(taker)) act(other);
    });
  }

  /** Steps elsewhere that are tied to this one. */
  eachTiedTo(entry: Entry, act: (other: Entry) => void): void {
    this.#eachCandidate(entry, (other) => {
      if (this.isTied(other, entry)) act(other);
    });
  }

  /** Looks at the one link only: a batch of thousands is asked by each of thousands of messages. */
  isTied(entry: Entry, target: Entry): boolean {
    if (target.linkedBy?.has(entry) === true) {
      const { isTaking, parent, followsLinks } = this.#surroundings(entry);
      const isMeant = target !== entry && target.trace.target(target.step.spanId) === target;
      if (isMeant && followsLinks && mayLeadTo(target, isTaking, parent)) return true;
    }
    if (messageIdOf(entry) === null) return false;
    const tie = this.tie(entry);
    return tie?.by === 'message-id' && tie.targets[0] === target;
  }

  /** Steps to which links or message ids lead from this one, or from which they lead here: whether they tie or not. */
  *reach(entry: Entry): Iterable<Entry> {
    for (const link of entry.step.links) {
      const target = this.#traces.get(link.traceId)?.target(link.spanId);
      if (target) yield target;
    }
    yield* entry.linkedBy ?? [];
    yield* this.#letters.sharing(entry);
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

  #eachCandidate(entry: Entry, act: (other: Entry) => void): void {
    const { linkedBy, letter } = entry;
    if (linkedBy !== null) for (const other of linkedBy.values()) act(other);
    if (letter === null || entry.step.role !== 'send') return;
    for (const other of this.#letters.takersOf(entry)) act(other);
  }

  #link(link: StepLink, entry: Entry): void {
    const span = spanOf(link);
    const linking = this.#linking.get(span);
    if (linking) {
      linking.add(entry);
      return;
    }
    const first = new SmallSet<Entry>();
    first.add(entry);
    this.#linking.set(span, first);
    for (const target of this.#halves(link)) target.linkedBy = first;
  }

  #unlink(link: StepLink, entry: Entry): void {
    const span = spanOf(link);
    const linking = this.#linking.get(span);
    linking?.delete(entry);
    if (linking?.size !== 0) return;
    this.#linking.delete(span);
    for (const target of this.#halves(link)) target.linkedBy = null;
  }

  #halves({ traceId, spanId }: StepLink): readonly Entry[] {
    return this.#traces.get(traceId)?.entries.ofSpan(spanId) ?? [];
  }

  /**
   * What the step is tied to, as far as it has arrived. A step that takes messages follows its links even when
   * it has a parent (the poll that fetched it); any other step only when it has none.
   */
  tie(entry: Entry): Tie | undefined {
    if (entry.tie === null) entry.tie = this.#tieNow(entry);
    return entry.tie;
  }

  /**
   * What came or went may be what others are tied to, or their parent, which has a say in it. To be called while the
   * step is in its trace and among all that are linked to it or share its message.
   */
  #forgetTies(entry: Entry): void {
    const { trace, linkedBy } = entry;
    for (const half of trace.entries.ofSpan(entry.step.spanId)) half.tie = null;
    for (const child of trace.childrenOf(entry)) child.tie = null;
    if (linkedBy !== null) for (const other of linkedBy.values()) other.tie = null;
    for (const taker of this.#letters.concernedBy(entry)) taker.tie = null;
  }

  #tieNow(entry: Entry): Tie | undefined {
    const { links, role } = entry.step;
    if (links.length === 0 && role !== 'take' && role !== 'fetch') return undefined;
    const { isTaking, parent, followsLinks } = this.#surroundings(entry);
    if (links.length > 0 && followsLinks) {
      const targets: Entry[] = [];
      for (const link of links) {
        const target = this.#traces.get(link.traceId)?.target(link.spanId);
        const isCause = target && target !== entry && mayLeadTo(target, isTaking, parent);
        if (isCause) targets.push(target);
      }
      if (targets.length > 0) return { by: 'link', targets: distinct(targets) };
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

/** Both halves of a span are found under the id of the first. */
function spanOf({ traceId, spanId }: StepLink): StepId {
  return stepId(traceId, spanId);
}

function spanIn(step: Step): StepId {
  return step.isSharedServerHalf ? stepId(step.traceId, step.spanId) : step.id;
}

function distinct(entries: readonly Entry[]): readonly Entry[] {
  return entries.length < 2 ? entries : [...new Set(entries)];
}
