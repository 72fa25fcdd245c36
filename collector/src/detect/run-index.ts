import type { StepId } from '@throughline/model/ids';
import type { Run, RunMessage, RunStep } from '@throughline/model/run';
import { occurrencesOf, type Occurrence } from './occurrences.js';

/** Work that may be laid down between its pieces. */
export type Pieces = Generator<undefined, void, undefined>;

/** A run with what several readers of it look up. Each index is made when first asked for, once per run. */
export class RunIndex {
  readonly run: Run;
  #steps: ReadonlyMap<StepId, RunStep> | null = null;
  #effects: ReadonlyMap<StepId, readonly StepId[]> | null = null;
  #messagesOfSender: ReadonlyMap<StepId, readonly RunMessage[]> | null = null;
  #occurrences: ReadonlyMap<string, readonly Occurrence[]> | null = null;
  #pending: readonly RunStep[] | null = null;
  #held: readonly RunMessage[] | null = null;

  constructor(run: Run) {
    this.run = run;
  }

  /** Makes the indexes that nearly everybody asks for, one at a time. */
  *preparing(): Pieces {
    if (this.run.messages.length === 0) return;
    this.#steps = this.steps;
    yield;
    this.#effects = this.effects;
    yield;
    this.#messagesOfSender = this.messagesOfSender;
    yield;
  }

  get steps(): ReadonlyMap<StepId, RunStep> {
    if (this.#steps !== null) return this.#steps;
    const steps = new Map<StepId, RunStep>();
    for (const each of this.run.steps) steps.set(each.step.id, each);
    this.#steps = steps;
    return steps;
  }

  /** By cause, what it led to. */
  get effects(): ReadonlyMap<StepId, readonly StepId[]> {
    if (this.#effects !== null) return this.#effects;
    const effects = new Map<StepId, StepId[]>();
    for (const { from, to } of this.run.edges) {
      const known = effects.get(from);
      if (known === undefined) effects.set(from, [to]);
      else known.push(to);
    }
    this.#effects = effects;
    return effects;
  }

  /** By the step that sent them. */
  get messagesOfSender(): ReadonlyMap<StepId, readonly RunMessage[]> {
    if (this.#messagesOfSender !== null) return this.#messagesOfSender;
    const messages = new Map<StepId, RunMessage[]>();
    for (const message of this.run.messages) {
      if (message.sentBy === null) continue;
      const known = messages.get(message.sentBy);
      if (known === undefined) messages.set(message.sentBy, [message]);
      else known.push(message);
    }
    this.#messagesOfSender = messages;
    return messages;
  }

  get occurrences(): ReadonlyMap<string, readonly Occurrence[]> {
    return (this.#occurrences ??= occurrencesOf(this.run, this.steps));
  }

  /** Steps that have begun and not ended. */
  get pending(): readonly RunStep[] {
    return (this.#pending ??= this.run.steps.filter(({ step }) => step.isPending));
  }

  /** Messages that nobody took, or that were put aside. */
  get held(): readonly RunMessage[] {
    return (this.#held ??= this.run.messages.filter(
      ({ deadLettered, undeliverable, takenBy }) =>
        deadLettered || undeliverable || takenBy.length === 0,
    ));
  }
}
