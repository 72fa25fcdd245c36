import { SpanKind, context as contextApi, trace } from '@opentelemetry/api';
import type { Attributes, Span } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import http from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import { harmless } from '../harmless.js';
import { extract } from '../message/carrier.js';
import { keyAttributes } from '../run/run-context.js';
import { endSpan } from '../run/open-span.js';
import type { OpenSpan } from '../run/open-span.js';
import { tracer } from '../run/tracer.js';
import type { Settings } from '../settings.js';
import { knownMethod, pathOf, serverOf, setStatus } from './http-attributes.js';
import { isMessageRequest, openRequestTake } from './http-message.js';
import { isWrappedByOthers } from './wrapped.js';

type Emit = (this: unknown, event: string, ...args: unknown[]) => boolean;

/** Requests that this process serves: a SERVER span each, or a CONSUMER span when the request is a message. */
export function hookHttpServer({ ignoredPaths }: Settings): void {
  const servers = [
    ['http', http.Server.prototype],
    ['https', https.Server.prototype],
  ] as const;
  for (const [scheme, prototype] of servers) {
    const target = prototype as unknown as { emit: Emit };
    const { emit } = target;
    if (isWrappedByOthers(emit)) continue;
    target.emit = function (event, ...args) {
      if (event !== 'request') return emit.call(this, event, ...args);
      const open = harmless('http server', () => {
        const [request, response] = args as [IncomingMessage, ServerResponse];
        if (ignoredPaths.includes(pathOf(request.url))) return undefined;
        return openRequest(scheme, request, response);
      });
      if (open === undefined) return emit.call(this, event, ...args);
      return contextApi.with(open.context, () => emit.call(this, event, ...args));
    };
  }
}

function openRequest(
  scheme: string,
  request: IncomingMessage,
  response: ServerResponse,
): OpenSpan | undefined {
  const active = contextApi.active();
  if (isTracingSuppressed(active) || isServedByOthers(trace.getSpan(active))) return undefined;
  const upstream = extract(request.headers);
  const attributes = requestAttributes(scheme, request);
  const address = `${request.headers.host ?? ''}${pathOf(request.url)}`;
  const open = isMessageRequest(request.headers)
    ? openRequestTake({ headers: request.headers, address, attributes }, upstream)
    : openServe(upstream, attributes);
  // Streams call their listeners from the socket's context; these two belong to the request.
  contextApi.bind(open.context, request);
  contextApi.bind(open.context, response);
  response.once('close', () =>
    harmless('http server', () => endRequest(open.span, request, response)),
  );
  return open;
}

function openServe(upstream: ReturnType<typeof extract>, attributes: Attributes): OpenSpan {
  const span = tracer().startSpan(
    String(attributes['http.request.method']),
    { kind: SpanKind.SERVER, attributes: { ...keyAttributes(upstream), ...attributes } },
    upstream,
  );
  return { span, context: trace.setSpan(upstream, span) };
}

function requestAttributes(scheme: string, request: IncomingMessage): Attributes {
  const attributes: Attributes = {
    'http.request.method': knownMethod(request.method),
    'url.path': pathOf(request.url),
    'url.scheme': scheme,
    'network.protocol.version': request.httpVersion,
    ...serverOf(request.headers.host ?? '', scheme),
  };
  const agent = request.headers['user-agent'];
  if (agent !== undefined) attributes['user_agent.original'] = agent;
  const peer = request.socket.remoteAddress;
  if (peer !== undefined) attributes['client.address'] = peer;
  return attributes;
}

function endRequest(span: Span, request: IncomingMessage, response: ServerResponse): void {
  const route = routeOf(request);
  if (route !== null) {
    span.setAttribute('http.route', route);
    const { kind } = span as Span & { kind?: SpanKind };
    if (kind === SpanKind.SERVER) span.updateName(`${knownMethod(request.method)} ${route}`);
  }
  if (response.headersSent) setStatus(span, response.statusCode, 500);
  if (response.writableFinished) endSpan(span);
  else endSpan(span, { error: new Error('the connection closed before the answer was complete') });
}

/** The route that Express and routers of its kind leave on the request. */
function routeOf(request: IncomingMessage): string | null {
  const { route, baseUrl } = request as { route?: { path?: unknown }; baseUrl?: unknown };
  if (typeof route?.path !== 'string') return null;
  return `${typeof baseUrl === 'string' ? baseUrl : ''}${route.path}`;
}

/** Another HTTP instrumentation that was loaded after ours has opened the span already. */
function isServedByOthers(span: Span | undefined): boolean {
  const { kind, attributes } = (span ?? {}) as { kind?: SpanKind; attributes?: Attributes };
  return (
    kind === SpanKind.SERVER &&
    (attributes?.['http.request.method'] ?? attributes?.['http.method']) !== undefined
  );
}
