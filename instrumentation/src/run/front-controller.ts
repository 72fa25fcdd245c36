import type { Attributes } from '@opentelemetry/api';
import { ATTR } from '../attribute-names.js';
import { nameOf, namesOf, wholeNumberOf } from '../given.js';
import { harmless } from '../harmless.js';
import { runInSpan } from './open-span.js';
import { openWorkflow } from './workflow.js';
import type { WorkflowOptions } from './workflow.js';

export interface FrontControllerOptions extends WorkflowOptions {
  /** Events that the controller waits for, after the run has gone its own way. */
  readonly expects?: readonly string[];
  /** Time until they are overdue; never, when it is not said: the collector makes up no deadline. */
  readonly withinMs?: number;
  /** Service that should publish them, where it is one. */
  readonly by?: string;
}

/**
 * Starts a run that services then carry on by events, while this service watches its outcome and steps in:
 * the hybrid of orchestration and choreography. `work` sends what starts the run.
 *
 * @example
 * await frontController('onboarding', { key: { employee: id }, expects: ['account.ready'], withinMs: 60_000 },
 *   () => publish('onboarding.requested', { id }));
 */
export function frontController<T>(
  name: string,
  options: FrontControllerOptions,
  work: () => T,
): T {
  return runInSpan(
    harmless('frontController', () => openWorkflow(name, options, watching(options))),
    work,
  );
}

function watching({ expects, withinMs, by }: FrontControllerOptions): Attributes {
  return {
    [ATTR.frontController]: true,
    ...(expects === undefined ? {} : { [ATTR.expects]: namesOf(expects) }),
    ...(withinMs === undefined ? {} : { [ATTR.deadlineMs]: wholeNumberOf(withinMs) ?? 0 }),
    ...(by === undefined ? {} : { [ATTR.expectsBy]: nameOf(by) }),
  };
}
