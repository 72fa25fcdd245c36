import { context as contextApi } from '@opentelemetry/api';
import { ATTR } from '../attribute-names.js';
import { nameOf, namesOf, wholeNumberOf } from '../given.js';
import { harmless, logOnce } from '../harmless.js';
import { correlationOf, deliveryOf, keysOf } from './run-context.js';
import { activeSpan } from './open-span.js';
import { step } from './step.js';

export type RunOutcome = 'completed' | 'failed' | 'compensated' | 'cancelled';

export interface Expectation {
  /** Time until the events are overdue. */
  readonly withinMs: number;
  /** Service that should act. */
  readonly by?: string;
}

/**
 * Promises that events follow the current step. The collector reports the run as stalled when one is overdue.
 *
 * @example expect('stock.reserved', { withinMs: 30_000, by: 'inventory' });
 */
export function expect(eventTypes: string | readonly string[], expectation: Expectation): void {
  harmless('expect', () => {
    const types = namesOf(eventTypes);
    const span = activeSpan();
    if (span === null) {
      logOnce('expect', 'expect() was called outside any step, workflow or message');
      return;
    }
    span.setAttribute(ATTR.expects, types);
    span.setAttribute(ATTR.deadlineMs, wholeNumberOf(expectation.withinMs) ?? 0);
    if (expectation.by !== undefined) span.setAttribute(ATTR.expectsBy, nameOf(expectation.by));
  });
}

/** Ends the run: says what came of it. Set on the current step, or on a step of its own outside any. */
export function finish(outcome: RunOutcome): void {
  const isMarked = harmless('finish', () => {
    const span = activeSpan();
    span?.setAttribute(ATTR.outcome, outcome);
    return span !== null;
  });
  if (isMarked === false)
    step('finish', { attributes: { [ATTR.outcome]: outcome } }, () => undefined);
}

/** Says that this consumer decided not to react to the message, and why. That is no failure. */
export function skip(reason: string): void {
  harmless('skip', () => {
    const span = deliveryOf(contextApi.active())?.span ?? activeSpan();
    span?.setAttribute(ATTR.skippedReason, nameOf(reason));
  });
}

/** Says who acts in the current step: a person, a role, a bot. Recorded as given: no secrets. */
export function actor(name: string): void {
  harmless('actor', () => activeSpan()?.setAttribute(ATTR.actor, nameOf(name)));
}

/** A key of the current run: its first one. Null outside any run. */
export function currentKey(): { readonly type: string; readonly value: string } | null {
  return (
    harmless('currentKey', () => {
      const [first] = keysOf(contextApi.active());
      return first === undefined ? null : { type: first[0], value: first[1] };
    }) ?? null
  );
}

/** All `same` keys of the current run, by type. */
export function currentKeys(): Record<string, string> {
  return harmless('currentKeys', () => Object.fromEntries(keysOf(contextApi.active()))) ?? {};
}

/** The correlation id that messages sent now would carry. Null outside any run. */
export function currentCorrelation(): string | null {
  return harmless('currentCorrelation', () => correlationOf(contextApi.active())) ?? null;
}
