import { SpanKind, context as contextApi, trace } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { subscribe } from 'node:diagnostics_channel';
import { errorMonitor } from 'node:events';
import http from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import { harmless } from '../harmless.js';
import { inject } from '../message/carrier.js';
import type { AnyHeaders } from '../message/carrier.js';
import { keyAttributes } from '../run/run-context.js';
import { recordError } from '../run/open-span.js';
import type { OpenSpan } from '../run/open-span.js';
import { tracer } from '../run/tracer.js';
import { knownMethod, pathOf, serverOf, setStatus } from './http-attributes.js';
import { isMessageRequest, openRequestSend } from './http-message.js';
import { isWrappedByOthers } from './wrapped.js';

type Request = (...args: unknown[]) => ClientRequest;

const spans = new WeakMap<object, Span>();

/** Requests over node:http and node:https: a CLIENT span each, or a PRODUCER span when it is a message. */
export function hookHttpClient(): void {
  for (const module of [http, https]) {
    const target = module as unknown as { request: Request; get: Request };
    if (isWrappedByOthers(target.request)) continue;
    const { request } = target;
    const traced: Request = function (this: unknown, ...args) {
      const opened = request.apply(this, args);
      harmless('http client', () => traceRequest(opened));
      return opened;
    };
    target.request = traced;
    target.get = function (this: unknown, ...args) {
      const opened = traced.apply(this, args);
      opened.end();
      return opened;
    };
  }
  // Named imports of ES modules are copies; this makes them see the change.
  syncBuiltinESMExports();
  // A `response` listener of ours would make Node believe that the app reads the response; this does not.
  subscribe('http.client.response.finish', (message) => {
    const { request, response } = message as { request: object; response: IncomingMessage };
    const span = spans.get(request);
    if (span === undefined) return;
    harmless('http client', () => setStatus(span, response.statusCode ?? 0, 400));
  });
}

function traceRequest(request: ClientRequest): void {
  const isSentOn = request.headersSent || request.getHeader('traceparent') !== undefined;
  // Whoever wrote a trace context (`send()`, the app, another instrumentation) has a span for this request.
  if (isSentOn || isTracingSuppressed(contextApi.active())) return;
  const open = openRequest(request);
  inject(open.context, (name, value) => request.setHeader(name, value));
  spans.set(request, open.span);
  request.on(errorMonitor, (error) => recordError(open.span, error));
  request.once('close', () => harmless('http client', () => open.span.end()));
}

function openRequest(request: ClientRequest): OpenSpan {
  const scheme = request.protocol.replace(/:$/, '');
  const host = String(request.getHeader('host') ?? request.host);
  const path = pathOf(request.path);
  const attributes = {
    'http.request.method': knownMethod(request.method),
    'url.full': `${scheme}://${host}${path}`,
    ...serverOf(host, scheme),
  };
  const headers: AnyHeaders = request.getHeaders();
  if (isMessageRequest(headers)) {
    return openRequestSend({ headers, address: `${host}${path}`, attributes });
  }
  return openCall(attributes);
}

/** A CLIENT span under the current step. */
export function openCall(attributes: Record<string, string | number>): OpenSpan {
  const context = contextApi.active();
  const span = tracer().startSpan(
    String(attributes['http.request.method']),
    { kind: SpanKind.CLIENT, attributes: { ...keyAttributes(context), ...attributes } },
    context,
  );
  return { span, context: trace.setSpan(context, span) };
}
