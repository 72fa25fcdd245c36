import { ROOT_CONTEXT, propagation } from '@opentelemetry/api';
import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from '@opentelemetry/api';
import {
  CompositePropagator,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} from '@opentelemetry/core';
import { LIMITS } from '../limits.js';
import { processState } from '../process-state.js';

/** Headers as libraries give them: text, bytes, lists; a `Headers` of fetch as well. */
export type AnyHeaders = Readonly<Record<string, unknown>> | { get(name: string): unknown };

const W3C = new CompositePropagator({
  propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
});

const CHARS_MAX: Readonly<Record<string, number>> = {
  traceparent: LIMITS.traceparentCharsMax,
  tracestate: LIMITS.tracestateCharsMax,
  baggage: LIMITS.baggageCharsMax,
};

/** What another service wrote into the headers, on top of nothing: never of the ambient context. */
export function extract(headers: AnyHeaders | undefined): Context {
  if (!isReadable(headers)) return ROOT_CONTEXT;
  return propagator().extract(ROOT_CONTEXT, headers, GETTER);
}

/** Writes trace context and baggage of `context` through `set`. */
export function inject(context: Context, set: (name: string, value: string) => void): void {
  propagator().inject(context, set, SETTER);
}

/** One header as text, whatever its case and type; null when it is not there or is longer than allowed. */
export function header(headers: AnyHeaders | undefined, name: string): string | null {
  if (!isReadable(headers)) return null;
  const text = asText(isGettable(headers) ? headers.get(name) : property(headers, name));
  const charsMax = CHARS_MAX[name] ?? LIMITS.nameCharsMax;
  return text === null || text === '' || text.length > charsMax ? null : text;
}

/** The first of these headers that is there. */
export function firstHeader(
  headers: AnyHeaders | undefined,
  names: readonly string[],
): string | null {
  for (const name of names) {
    const found = header(headers, name);
    if (found !== null) return found;
  }
  return null;
}

/** The propagator that the app chose, else W3C trace context and baggage unless OTEL_PROPAGATORS says less. */
function propagator(): TextMapPropagator {
  if (propagation.fields().length > 0) return APP_PROPAGATOR;
  return processState().settings?.propagator ?? W3C;
}

const SETTER: TextMapSetter<(name: string, value: string) => void> = {
  set: (write, name, value) => write(name, value),
};

const GETTER: TextMapGetter<AnyHeaders> = {
  keys: (headers) => (isGettable(headers) ? [] : Object.keys(headers)),
  get: (headers, name) => header(headers, name) ?? undefined,
};

function isReadable(headers: unknown): headers is AnyHeaders {
  return typeof headers === 'object' && headers !== null;
}

function isGettable(headers: AnyHeaders): headers is { get(name: string): unknown } {
  return typeof headers.get === 'function';
}

/** The API is a propagator itself, under wider types. */
const APP_PROPAGATOR: TextMapPropagator = {
  inject: (context, carrier, setter) => propagation.inject(context, carrier, setter),
  extract: (context, carrier, getter) => propagation.extract(context, carrier, getter),
  fields: () => propagation.fields(),
};

function property(headers: Readonly<Record<string, unknown>>, name: string): unknown {
  if (headers[name] !== undefined) return headers[name];
  const lower = name.toLowerCase();
  for (const key of Object.keys(headers)) if (key.toLowerCase() === lower) return headers[key];
  return undefined;
}

function asText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (value instanceof Uint8Array) {
    return value.length > LIMITS.baggageCharsMax ? null : Buffer.from(value).toString('utf8');
  }
  if (Array.isArray(value)) return asText(value.at(-1));
  return null;
}
