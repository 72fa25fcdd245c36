import { context as contextApi } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { LIMITS } from '../limits.js';
import type { ExporterSettings } from '../settings.js';

/** What became of a request: taken, worth another attempt after a while, or refused for good. */
export type Delivered =
  | { readonly kind: 'taken'; readonly answer: Uint8Array }
  | { readonly kind: 'again'; readonly afterMs: number | null }
  | { readonly kind: 'refused'; readonly reason: string };

// Taken before any hook wraps them: requests of our own are never traced.
const requests = { 'http:': http.request, 'https:': https.request };

/** Statuses that the OTLP specification calls retryable, and a timeout of a proxy on the way. */
const RETRYABLE = new Set([408, 429, 502, 503, 504]);

/**
 * One OTLP/HTTP request at a time over sockets that never keep the process alive. The exporters of the SDK
 * retry with timers that do, and give a batch up after ten seconds; that is why they are not used here.
 */
export class OtlpTransport {
  readonly #settings: ExporterSettings;
  readonly #url: URL;
  readonly #agent: http.Agent;

  constructor(settings: ExporterSettings) {
    this.#settings = settings;
    this.#url = new URL(settings.url);
    this.#agent = unrefAgent(this.#url.protocol, settings.certificateFile);
  }

  /** Never rejects. */
  post(body: Uint8Array): Promise<Delivered> {
    return new Promise((resolve) => {
      const quiet = suppressTracing(contextApi.active());
      try {
        contextApi.with(quiet, () => this.#send(body, resolve));
      } catch (error) {
        resolve({ kind: 'refused', reason: String(error) });
      }
    });
  }

  /** Address and headers for a sender in another process. */
  request(): { readonly url: string; readonly headers: Record<string, string> } {
    return { url: this.#url.href, headers: this.#headers() };
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(plain: Uint8Array, resolve: (delivered: Delivered) => void): void {
    const { isCompressed, timeoutMs } = this.#settings;
    const body = isCompressed ? gzipSync(plain, { level: 1 }) : plain;
    const headers: Record<string, string | number> = this.#headers();
    headers['content-length'] = body.byteLength;
    if (isCompressed) headers['content-encoding'] = 'gzip';
    const open = this.#url.protocol === 'https:' ? requests['https:'] : requests['http:'];
    const request = open(this.#url, { method: 'POST', agent: this.#agent, headers });
    const timer = setTimeout(() => request.destroy(new Error('timeout')), timeoutMs);
    timer.unref();
    const settle = (delivered: Delivered): void => {
      clearTimeout(timer);
      resolve(delivered);
    };
    request.on('error', () => settle({ kind: 'again', afterMs: null }));
    request.on('response', (response) => readAnswer(response, settle));
    request.end(body);
  }

  #headers(): Record<string, string> {
    const type = this.#settings.encoding === 'json' ? 'json' : 'x-protobuf';
    return { ...this.#settings.headers, 'content-type': `application/${type}` };
  }
}

function readAnswer(response: http.IncomingMessage, settle: (delivered: Delivered) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= LIMITS.answerBytesMax) chunks.push(chunk);
    else response.destroy();
  });
  response.on('error', () => undefined);
  // `close` comes after `end` and also when the answer was cut: the status is known in both cases.
  response.on('close', () => {
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) settle({ kind: 'taken', answer: Buffer.concat(chunks) });
    else if (RETRYABLE.has(status)) settle({ kind: 'again', afterMs: retryAfterMs(response) });
    else settle({ kind: 'refused', reason: `the collector answered ${status}` });
  });
}

function retryAfterMs(response: http.IncomingMessage): number | null {
  const text = response.headers['retry-after'];
  if (text === undefined) return null;
  const seconds = Number(text);
  const waitMs = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(text) - Date.now();
  return Number.isFinite(waitMs) ? Math.min(Math.max(waitMs, 0), LIMITS.retryPauseMsMax) : null;
}

function unrefAgent(protocol: string, certificateFile: string | null): http.Agent {
  const isSecure = protocol === 'https:';
  const options = { keepAlive: true, maxSockets: 1, scheduling: 'lifo' as const };
  const ca = certificateFile === null ? {} : { ca: readFileSync(certificateFile) };
  const agent = isSecure ? new https.Agent({ ...options, ...ca }) : new http.Agent(options);
  type Connect = (options: object, callback?: unknown) => Socket;
  const hidden = agent as unknown as {
    createConnection: Connect;
    reuseSocket(socket: Socket, request: unknown): void;
  };
  const connect = hidden.createConnection.bind(agent);
  hidden.createConnection = (...args) => connect(...args).unref();
  // The agent refs a socket that it hands out again; ours stay unref'd.
  const reuse = hidden.reuseSocket.bind(agent);
  hidden.reuseSocket = (socket, request) => {
    reuse(socket, request);
    socket.unref();
  };
  return agent;
}
