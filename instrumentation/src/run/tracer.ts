import { trace } from '@opentelemetry/api';
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

/** The provider that was registered, behind the API's proxy or in its place; null when there is none. */
export function registeredProvider(): TracerProvider | null {
  const current = trace.getTracerProvider();
  const proxy = proxyOf(current);
  if (proxy === null) return current;
  return proxy.getDelegateTracer(NAME, VERSION) === undefined ? null : proxy.getDelegate();
}

/** What the API hands out while nobody has registered a provider, and later in front of the one it got. */
export interface ProxyProvider extends TracerProvider {
  getDelegate(): TracerProvider;
  setDelegate(provider: TracerProvider): void;
  getDelegateTracer(name: string, version: string): Tracer | undefined;
}

export function proxyOf(provider: TracerProvider): ProxyProvider | null {
  const known = provider as Partial<ProxyProvider>;
  return typeof known.getDelegateTracer === 'function' ? (provider as ProxyProvider) : null;
}
