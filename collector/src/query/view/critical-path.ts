import type { StepId } from '@throughline/model/ids';
import type { Edge, Run } from '@throughline/model/run';

/** A stretch of the path: the work of a step, or the way of what it sent to whoever it set off. */
export interface PathPart {
  readonly step: StepId;
  /** Null for work; else the step that began at the end of this wait. */
  readonly waitOf: StepId | null;
  readonly fromNs: bigint;
  readonly toNs: bigint;
  /** Nothing shows what led to what here, only that one ended before the other began. */
  readonly isGuess: boolean;
}

/**
 * What the run took its time for, first to last: from its end back to its start, always along what was waited for
 * last. Shortening any part would have ended the run earlier; shortening anything else would not.
 *
 * Within what waits for its calls this is the critical path of Zhang et al., "CRISP" (USENIX ATC 2022): of the steps
 * below a step, the one that ended last before the moment that is looked at; what outlasts its caller is cut off there.
 * A step that an event or message set off waited for its sender, and the time between them is a part of its own. Where
 * only a key ties the steps of a run, the path goes on with what ended last before; that wait is a guess and says so.
 */
export function criticalPath(run: Run): readonly PathPart[] {
  return new Walk(run).parts();
}

interface Stretch {
  readonly id: StepId;
  readonly startNs: bigint;
  readonly endNs: bigint;
  caller: Stretch | null;
  /** Steps that it waited for, the one that ended last at the end. */
  readonly called: Stretch[];
  /** What set it off, where nobody waits for it. */
  cause: Stretch | null;
}

class Walk {
  readonly #stretches: ReadonlyMap<StepId, Stretch>;
  readonly #entered = new Set<Stretch>();
  readonly #parts: PathPart[] = [];
  /** What no caller waits for, the one that ended last at the end. */
  readonly #tops: Stretch[];

  constructor({ steps, edges }: Run) {
    this.#stretches = new Map(
      steps.map(({ step, correctedStartNs }) => {
        const endNs = correctedStartNs + (step.endedAtNs - step.startedAtNs);
        const none = { caller: null, called: [], cause: null };
        return [step.id, { id: step.id, startNs: correctedStartNs, endNs, ...none }];
      }),
    );
    for (const edge of edges) this.#connect(edge);
    for (const { called } of this.#stretches.values()) called.sort(byEnd);
    this.#tops = [...this.#stretches.values()].filter(({ caller }) => caller === null).sort(byEnd);
  }

  parts(): readonly PathPart[] {
    let at = this.#tops.at(-1) ?? null;
    let untilNs = at?.endNs ?? 0n;
    while (at !== null && !this.#entered.has(at)) {
      this.#within(at, untilNs);
      untilNs = at.startNs;
      at = at.caller ?? this.#setOffBy(at) ?? this.#before(at);
      if (at !== null && at.endNs < untilNs) untilNs = at.endNs;
    }
    return this.#parts.reverse();
  }

  #connect({ from, to, kind, evidence }: Edge): void {
    const [cause, effect] = [this.#stretches.get(from), this.#stretches.get(to)];
    if (cause === undefined || effect === undefined || kind === 'compensates') return;
    // Work of a service's own that outlasts the step it was begun in goes on by itself: nobody waited there.
    const goesOn = kind === 'follows' && effect.endNs > cause.endNs;
    if (evidence === 'parent' && kind !== 'message' && !goesOn) {
      effect.caller = cause;
      cause.called.push(effect);
    } else if (effect.cause === null || cause.endNs > effect.cause.endNs) effect.cause = cause;
  }

  /** What set a step off, and the wait between the two. */
  #setOffBy(effect: Stretch): Stretch | null {
    const { cause } = effect;
    if (cause !== null) this.#wait(cause, effect, false);
    return cause;
  }

  /** What ended last before a step that nothing is known to have set off. */
  #before(effect: Stretch): Stretch | null {
    for (let next = this.#tops.pop(); next !== undefined; next = this.#tops.pop()) {
      if (next.endNs > effect.startNs || this.#entered.has(next)) continue;
      this.#wait(next, effect, true);
      return next;
    }
    return null;
  }

  #wait({ id: step, endNs }: Stretch, { id: waitOf, startNs }: Stretch, isGuess: boolean): void {
    if (endNs < startNs) this.#parts.push({ step, waitOf, fromNs: endNs, toNs: startNs, isGuess });
  }

  /** From a moment within a step back to its start, through everything below it that it waited for. */
  #within(top: Stretch, untilNs: bigint): void {
    const open = [{ at: top, untilNs }];
    this.#entered.add(top);
    for (let frame = open.at(-1); frame !== undefined; frame = open.at(-1)) {
      const { at } = frame;
      const called = this.#lastCalled(at, frame.untilNs);
      if (called === undefined) {
        this.#work(at, at.startNs, frame.untilNs);
        open.pop();
        continue;
      }
      const endNs = called.endNs < at.endNs ? called.endNs : at.endNs;
      this.#work(at, endNs, frame.untilNs);
      this.#entered.add(called);
      frame.untilNs = called.startNs > at.startNs ? called.startNs : at.startNs;
      open.push({ at: called, untilNs: endNs });
    }
  }

  /** Of the steps below, the one that ended last by then. What ended later ran beside the path. */
  #lastCalled(at: Stretch, untilNs: bigint): Stretch | undefined {
    for (let next = at.called.pop(); next !== undefined; next = at.called.pop()) {
      const endNs = next.endNs < at.endNs ? next.endNs : at.endNs;
      if (endNs <= untilNs && next.startNs < endNs && !this.#entered.has(next)) return next;
    }
    return undefined;
  }

  #work(at: Stretch, fromNs: bigint, toNs: bigint): void {
    if (toNs > fromNs)
      this.#parts.push({ step: at.id, waitOf: null, fromNs, toNs, isGuess: false });
  }
}

function byEnd(a: Stretch, b: Stretch): number {
  if (a.endNs !== b.endNs) return a.endNs < b.endNs ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
