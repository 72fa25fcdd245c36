import { ProxyTracerProvider, trace } from '@opentelemetry/api';
import type { Tracer, TracerProvider } from '@opentelemetry/api';
import { processState } from '../process-state.js';
import { NAME, VERSION } from '../version.js';
import { attachToProvider } from './app-provider.js';

/**
 * The tracer to use now: of the provider that the app registered, whenever it did so, else of our own, else
 * (nothing started) one that does nothing.
 */
export function tracer(): Tracer {
  const state = processState();
  const registered = registeredProvider();
  if (registered !== null && registered !== state.provider) {
    if (state.settings !== null) attachToProvider(registered);
    return registered.getTracer(NAME, VERSION);
  }
  return (state.provider ?? trace).getTracer(NAME, VERSION);
}

/** The provider behind the API's proxy; null when nobody registered one. */
export function registeredProvider(): TracerProvider | null {
  const current = trace.getTracerProvider();
  if (!(current instanceof ProxyTracerProvider)) return current;
  return current.getDelegateTracer(NAME, VERSION) === undefined ? null : current.getDelegate();
}
