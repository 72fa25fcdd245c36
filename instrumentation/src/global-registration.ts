import { context, propagation, trace } from '@opentelemetry/api';
import type { TextMapPropagator, TracerProvider } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { harmless } from './harmless.js';
import { proxyOf, registeredProvider } from './run/tracer.js';

/**
 * Makes our provider, context manager and propagator the ones of this process where the app registered
 * none, in a way that lets the app register its own later: an SDK that is set up in the app's first lines
 * comes after `--import`, and must not find the places taken.
 */
export function registerGlobally(provider: TracerProvider, propagator: TextMapPropagator): void {
  harmless('register provider', () => {
    // Not `setGlobalTracerProvider`: a second one would be refused. The proxy's delegate can be replaced.
    if (registeredProvider() !== null) return;
    proxyOf(trace.getTracerProvider())?.setDelegate(provider);
  });
  harmless('register context manager', () => {
    const manager = new AsyncLocalStorageContextManager().enable();
    if (context.setGlobalContextManager(manager)) yieldOnce(context, 'setGlobalContextManager');
  });
  harmless('register propagator', () => {
    if (propagation.fields().length > 0) return;
    if (propagation.setGlobalPropagator(propagator)) yieldOnce(propagation, 'setGlobalPropagator');
  });
}

/** The next registration, the app's, replaces ours instead of being refused. */
function yieldOnce<M extends string>(
  api: { disable(): void } & Record<M, (value: never) => boolean>,
  method: M,
): void {
  const register = api[method];
  const yielding = (value: never): boolean => {
    (api as Record<M, unknown>)[method] = register;
    api.disable();
    return register.call(api, value);
  };
  (api as Record<M, unknown>)[method] = yielding;
}
