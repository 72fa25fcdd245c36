import { context as contextApi, trace } from '@opentelemetry/api';
import type { Attributes } from '@opentelemetry/api';
import { ATTR } from '../attribute-names.js';
import { nameOf, namesOf, recordOf, wholeNumberOf } from '../given.js';
import { harmless } from '../harmless.js';
import { keyAttributes } from './run-context.js';
import { runInSpan } from './open-span.js';
import type { OpenSpan } from './open-span.js';
import { tracer } from './tracer.js';

export type StepKind = 'task' | 'decision' | 'approval' | 'timer' | 'compensation';

export interface StepOptions {
  /** What the step is; `task` when not said. */
  readonly kind?: StepKind;
  /** Which attempt this is, 1 for the first. */
  readonly attempt?: number;
  /** Who acts: a person, a role, a bot. Recorded as given: no secrets. */
  readonly actor?: string;
  /**
   * Event types that should follow this step within `deadlineMs`. Without `deadlineMs` nothing is overdue, ever: the
   * collector makes up no deadline, for it cannot know whether the event takes a second or a week.
   */
  readonly expects?: readonly string[];
  /** Time that the step, or what it expects, may take. */
  readonly deadlineMs?: number;
  /** Name of the step that this one undoes; `compensate()` sets it. */
  readonly compensates?: string;
  readonly attributes?: Attributes;
}

/**
 * Runs `work` as a step of the current run.
 *
 * @returns what `work` returns; what it throws or rejects with is recorded and reaches the caller.
 * @example const cv = await step('parse CV', () => parse(file));
 * @example await step('score', { attempt: 2 }, () => score(cv));
 */
export function step<T>(name: string, work: () => T): T;
export function step<T>(name: string, options: StepOptions, work: () => T): T;
export function step<T>(name: string, first: StepOptions | (() => T), second?: () => T): T {
  const work = typeof first === 'function' ? first : (second as () => T);
  const options = typeof first === 'function' ? {} : first;
  return runInSpan(
    harmless('step', () => openStep(name, options)),
    work,
  );
}

/**
 * Runs `work` as the step that undoes the step `stepName` of this run.
 *
 * @example await compensate('charge card', () => refund(payment));
 */
export function compensate<T>(stepName: string, work: () => T): T {
  const options: StepOptions = { kind: 'compensation', compensates: stepName };
  return step(`compensate ${nameOf(stepName)}`, options, work);
}

function openStep(name: string, options: StepOptions): OpenSpan {
  const context = contextApi.active();
  const attributes: Attributes = { ...keyAttributes(context), [ATTR.stepName]: nameOf(name) };
  if (options.kind !== undefined) attributes[ATTR.stepKind] = options.kind;
  if (options.attempt !== undefined)
    attributes[ATTR.stepAttempt] = wholeNumberOf(options.attempt) ?? 1;
  if (options.actor !== undefined) attributes[ATTR.actor] = nameOf(options.actor);
  if (options.expects !== undefined) attributes[ATTR.expects] = namesOf(options.expects);
  if (options.deadlineMs !== undefined)
    attributes[ATTR.deadlineMs] = wholeNumberOf(options.deadlineMs) ?? 0;
  if (options.compensates !== undefined) attributes[ATTR.compensates] = nameOf(options.compensates);
  Object.assign(attributes, recordOf(options.attributes));
  const span = tracer().startSpan(nameOf(name), { attributes }, context);
  return { span, context: trace.setSpan(context, span) };
}
