import { context as contextApi, trace } from '@opentelemetry/api';
import type { Attributes } from '@opentelemetry/api';
import { randomUUID } from 'node:crypto';
import { ATTR } from '../attribute-names.js';
import { nameOf, recordOf } from '../given.js';
import { harmless } from '../harmless.js';
import { correlationOf, keysOf, validKeys, withKeys } from './run-context.js';
import type { Keys } from './run-context.js';
import { runInSpan } from './open-span.js';
import type { OpenSpan } from './open-span.js';
import { tracer } from './tracer.js';

export interface WorkflowOptions {
  /** Keys that make steps one run, wherever they happen: `{ order: '8123' }`. Without any, one is generated. */
  readonly key?: Keys;
  /** Keys of the run that this run is a child of. The child then carries only its own keys. */
  readonly childOf?: Keys;
  /** Keys to find the run by, which never tie runs together: `{ customer: 'c-77' }`. */
  readonly touches?: Keys;
  readonly version?: string;
  /** More attributes for the span. */
  readonly attributes?: Attributes;
}

/**
 * Runs `work` as part of a run of the workflow `name`. Call it where the run starts, and in any service that
 * knows a further key of the run. Steps, messages and requests made by `work` belong to the run, across
 * processes.
 *
 * @returns what `work` returns; what it throws or rejects with is recorded and reaches the caller.
 * @example await workflow('checkout', { key: { order: order.id } }, () => placeOrder(order));
 */
export function workflow<T>(name: string, options: WorkflowOptions, work: () => T): T {
  return runInSpan(
    harmless('workflow', () => openWorkflow(name, options)),
    work,
  );
}

/** Opens the span of `workflow()`; `extra` is what a special kind of workflow says about itself. */
export function openWorkflow(
  name: string,
  options: WorkflowOptions,
  extra: Attributes = {},
): OpenSpan {
  const isChild = options.childOf !== undefined;
  let context = withKeys(contextApi.active(), recordOf(options.key), isChild);
  if (keysOf(context).length === 0 && correlationOf(context) === null) {
    context = withKeys(context, { correlation: randomUUID() });
  }
  const attributes: Attributes = {
    [ATTR.workflowName]: nameOf(name),
    [ATTR.stepName]: nameOf(name),
    ...(options.version === undefined ? {} : { [ATTR.workflowVersion]: nameOf(options.version) }),
    ...prefixed(ATTR.keyPrefix, Object.fromEntries(keysOf(context))),
    ...prefixed(ATTR.childOfPrefix, recordOf(options.childOf)),
    ...prefixed(ATTR.touchesPrefix, recordOf(options.touches)),
    ...extra,
    ...recordOf(options.attributes),
  };
  const span = tracer().startSpan(nameOf(name), { attributes }, context);
  return { span, context: trace.setSpan(context, span) };
}

function prefixed(prefix: string, keys: Keys): Attributes {
  return Object.fromEntries(validKeys(keys).map(([type, value]) => [prefix + type, value]));
}
