import { context as contextApi } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { subscribe } from 'node:diagnostics_channel';
import { harmless } from '../harmless.js';
import { header, inject } from '../message/carrier.js';
import { endSpan } from '../run/open-span.js';
import type { OpenSpan } from '../run/open-span.js';
import { knownMethod, pathOf, serverOf, setStatus } from './http-attributes.js';
import { openCall } from './http-client.js';
import { isMessageRequest, openRequestSend } from './http-message.js';

/** A request of undici as its diagnostics channels show it. */
interface UndiciRequest {
  readonly origin: string | URL;
  readonly path: string;
  readonly method: string;
  /** Name, value, name, value …; up to undici 5 raw text. */
  readonly headers: readonly unknown[] | string;
  addHeader(name: string, value: string): void;
}

const spans = new WeakMap<object, Span>();

/** Requests of the built-in `fetch` and of the undici package: a CLIENT span, or PRODUCER for a message. */
export function hookFetch(): void {
  on('undici:request:create', ({ request }) => traceRequest(request));
  on('undici:request:headers', ({ request, response }) => {
    const span = spans.get(request);
    if (span !== undefined && response !== undefined) setStatus(span, response.statusCode, 400);
  });
  on('undici:request:trailers', ({ request }) => finish(request));
  on('undici:request:error', ({ request, error }) => finish(request, { error }));
}

interface Published {
  readonly request: UndiciRequest;
  readonly response?: { readonly statusCode: number };
  readonly error?: unknown;
}

function on(channel: string, act: (published: Published) => void): void {
  subscribe(channel, (message) => harmless('fetch', () => act(message as Published)));
}

function traceRequest(request: UndiciRequest): void {
  const headers = headersOf(request.headers);
  if (header(headers, 'traceparent') !== null || isTracingSuppressed(contextApi.active())) return;
  const open = openRequest(request, headers);
  spans.set(request, open.span);
  inject(open.context, (name, value) => {
    if (headers[name] === undefined) request.addHeader(name, value);
  });
}

function openRequest(request: UndiciRequest, headers: Record<string, unknown>): OpenSpan {
  const { host, protocol } = new URL(String(request.origin));
  const scheme = protocol.replace(/:$/, '');
  const path = pathOf(request.path);
  const attributes: Record<string, string | number> = {
    'http.request.method': knownMethod(request.method),
    'url.full': `${scheme}://${host}${path}`,
    ...(serverOf(host, scheme) as Record<string, string | number>),
  };
  if (!isMessageRequest(headers)) return openCall(attributes);
  return openRequestSend({ headers, address: `${host}${path}`, attributes });
}

function finish(request: object, failed?: { readonly error: unknown }): void {
  const span = spans.get(request);
  if (span === undefined) return;
  spans.delete(request);
  endSpan(span, failed);
}

function headersOf(raw: readonly unknown[] | string): Record<string, unknown> {
  const headers: Record<string, unknown> = {};
  if (typeof raw === 'string') {
    for (const line of raw.split('\r\n')) {
      const at = line.indexOf(':');
      if (at > 0) headers[line.slice(0, at).toLowerCase()] = line.slice(at + 1).trim();
    }
    return headers;
  }
  for (let i = 0; i + 1 < raw.length; i += 2) headers[String(raw[i]).toLowerCase()] = raw[i + 1];
  return headers;
}
