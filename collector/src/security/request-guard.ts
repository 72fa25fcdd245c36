import type { IncomingMessage } from 'node:http';
import { Fault } from '../errors.js';

/** Whose requests are served. Names and origins are compared in lower case. */
export interface GuardPolicy {
  /** The host that the server listens on, as configured. */
  readonly listenHost: string;
  /** Names beyond the loopback ones. */
  readonly allowedHosts: readonly string[];
  /** `https://ops.example`: origins beyond the server's own. */
  readonly allowedOrigins: readonly string[];
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Keeps web pages of other origins out. A page can make its own name resolve to 127.0.0.1 (DNS rebinding): then
 * the browser sees one origin, and only the Host header tells. And a page can open a WebSocket or send a form to
 * us without asking anybody: then Origin tells.
 */
export class RequestGuard {
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;

  constructor(policy: GuardPolicy) {
    const listenHost = policy.listenHost.includes(':')
      ? `[${policy.listenHost}]`
      : policy.listenHost;
    this.#hosts = new Set(
      [...LOOPBACK_NAMES, listenHost, ...policy.allowedHosts].map((name) => name.toLowerCase()),
    );
    this.#origins = new Set(policy.allowedOrigins.map((origin) => origin.toLowerCase()));
  }

  /** @returns the fault to answer with; undefined when the request may pass. */
  faultOf(request: IncomingMessage): Fault | undefined {
    const { host, origin } = request.headers;
    if (hostCount(request) > 1) {
      return new Fault('BAD_REQUEST', 'This request has more than one Host header');
    }
    if (host === undefined || !this.#hosts.has(nameOf(host))) {
      return new Fault('FORBIDDEN_HOST', `This server is not called ${shown(host ?? '')}`);
    }
    if (origin !== undefined && !this.#isAllowed(origin, host)) {
      return new Fault('FORBIDDEN_ORIGIN', `Pages of ${shown(origin)} may not use this server`);
    }
    if (origin === undefined && isWrite(request) && isCrossSite(request)) {
      return new Fault('FORBIDDEN_ORIGIN', 'Pages of another site may not change anything here');
    }
    return undefined;
  }

  #isAllowed(origin: string, host: string): boolean {
    const lower = origin.toLowerCase();
    if (this.#origins.has(lower)) return true;
    return lower === `http://${host.toLowerCase()}` || lower === `https://${host.toLowerCase()}`;
  }
}

/**
 * RFC 9112 section 3.2: a request with more than one Host header is 400. Node keeps the first of them, and a proxy
 * may have judged another.
 */
function hostCount({ rawHeaders }: IncomingMessage): number {
  return rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host')
    .length;
}

/** The name of a Host header without its port, lower-case. */
function nameOf(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, '');
}

function isWrite({ method }: IncomingMessage): boolean {
  return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
}

/** Browsers say where a request comes from even when they leave Origin out. */
function isCrossSite({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  return site === 'cross-site' || site === 'same-site';
}

/** What a stranger sent, short and without anything that a log or terminal would act on. */
function shown(text: string): string {
  const clean = text.replace(/[^\x20-\x7e]/g, '?');
  return clean.length > 80 ? `${clean.slice(0, 80)}…` : clean === '' ? '(nothing)' : clean;
}
