import { SpanStatusCode, context as contextApi, trace } from '@opentelemetry/api';
import type { Context, Span } from '@opentelemetry/api';
import { ATTR } from '../attribute-names.js';
import { harmless } from '../harmless.js';
import { LIMITS } from '../limits.js';

/** A span together with the context that its work runs in. */
export interface OpenSpan {
  readonly span: Span;
  readonly context: Context;
}

/**
 * Runs the host's function inside a span and ends the span with it, whether it returns, throws, resolves or
 * rejects. The function runs exactly once, also when no span could be opened. What it answers and throws
 * reaches the caller unchanged; a promise comes back as a promise that settles the same way.
 */
export function runInSpan<T>(open: OpenSpan | undefined, work: () => T): T {
  if (open === undefined) return work();
  let result: T;
  try {
    result = contextApi.with(open.context, work);
  } catch (error) {
    endSpan(open.span, { error });
    throw error;
  }
  if (!isThenable(result)) {
    endSpan(open.span);
    return result;
  }
  // The derived promise is what the caller gets: returning the first one and listening to it here would
  // silence, or double, an unhandled rejection of the host.
  return result.then(
    (value) => {
      endSpan(open.span);
      return value;
    },
    (error: unknown) => {
      endSpan(open.span, { error });
      throw error;
    },
  ) as T;
}

/** Ends a span, with the error that ended its work if there was one. */
export function endSpan(span: Span, failed?: { readonly error: unknown }): void {
  harmless('end span', () => {
    if (failed !== undefined) recordError(span, failed.error);
    span.end();
  });
}

/** Marks a span as failed by an error of the host. */
export function recordError(span: Span, error: unknown): void {
  harmless('record error', () => {
    const known = error instanceof Error ? error : new Error(text(error));
    const message = cut(known.message);
    span.recordException({ name: known.name, message, stack: cut(known.stack ?? '') });
    span.setAttribute(ATTR.errorType, errorType(known));
    span.setStatus({ code: SpanStatusCode.ERROR, message });
  });
}

export function isThenable(value: unknown): value is Promise<unknown> {
  try {
    return (
      (typeof value === 'object' || typeof value === 'function') &&
      value !== null &&
      typeof (value as { then?: unknown }).then === 'function'
    );
  } catch {
    return false;
  }
}

export function activeSpan(): Span | null {
  const span = trace.getActiveSpan();
  return span !== undefined && span.isRecording() ? span : null;
}

function errorType(error: Error): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : error.name || 'Error';
}

function cut(given: unknown): string {
  return text(given).slice(0, LIMITS.attributeValueCharsMax);
}

function text(value: unknown): string {
  try {
    return String(value);
  } catch {
    return '[unserializable]';
  }
}
