import { SpanStatusCode } from '@opentelemetry/api';
import type { Attributes, Span } from '@opentelemetry/api';
import { ATTR } from '../attribute-names.js';

const METHODS = new Set('GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH QUERY'.split(' '));

/** The method as the HTTP conventions want it: unknown ones are `_OTHER`, so that names stay few. */
export function knownMethod(method: string | undefined): string {
  const upper = (method ?? 'GET').toUpperCase();
  return METHODS.has(upper) ? upper : '_OTHER';
}

/** `host:port` in two parts, with the scheme's port where none is written. */
export function serverOf(host: string, scheme: string): Attributes {
  const url = `${scheme}://${host}`;
  if (!URL.canParse(url)) return {};
  const { hostname, port } = new URL(url);
  const fallback = scheme === 'https' ? 443 : 80;
  return {
    [ATTR.serverAddress]: hostname,
    [ATTR.serverPort]: port === '' ? fallback : Number(port),
  };
}

/** A path without its query: queries hold tokens and personal data. */
export function pathOf(target: string | undefined): string {
  const path = target ?? '/';
  const end = path.search(/[?#]/);
  return end === -1 ? path : path.slice(0, end);
}

/** Notes the status; a client's fault is an error to the client only. */
export function setStatus(span: Span, status: number, errorFrom: 400 | 500): void {
  span.setAttribute('http.response.status_code', status);
  if (status < errorFrom) return;
  span.setAttribute(ATTR.errorType, String(status));
  span.setStatus({ code: SpanStatusCode.ERROR });
}
