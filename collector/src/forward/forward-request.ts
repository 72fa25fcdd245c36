import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Clock } from '../clock.js';
import type { ForwardTarget } from '../config/config.js';
import { LIMITS } from '../limits.js';

/** One request of OTLP/HTTP, ready to be sent as often as it takes. */
export interface ForwardRequest {
  readonly path: '/v1/traces' | '/v1/logs';
  readonly contentType: 'application/x-protobuf' | 'application/json';
  readonly contentEncoding: 'identity' | 'gzip';
  readonly bytes: Uint8Array;
}

/** What became of one try. */
export type ForwardAnswer =
  | { readonly kind: 'sent' }
  /** Trying again would not help. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'later'; readonly why: string; readonly retryAfterMs: number | null };

/** The answers after which OTLP/HTTP lets a sender try again (OTLP 1.11, section "Retryable Response Codes"). */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** The connections to one endpoint. Redirects are not followed: the headers may hold a secret. */
export class ForwardConnection {
  readonly #target: ForwardTarget;
  readonly #clock: Clock;
  readonly #agent: HttpAgent;
  readonly #send: typeof httpRequest;

  constructor(target: ForwardTarget, clock: Clock) {
    this.#target = target;
    this.#clock = clock;
    const isTls = target.endpoint.protocol === 'https:';
    const options = { keepAlive: true, maxSockets: LIMITS.forwardAtOnceMax };
    this.#agent = isTls ? new HttpsAgent(options) : new HttpAgent(options);
    this.#send = isTls ? httpsRequest : httpRequest;
  }

  /** Never rejects. */
  post({ path, contentType, contentEncoding, bytes }: ForwardRequest): Promise<ForwardAnswer> {
    const { endpoint, headers } = this.#target;
    const base = endpoint.pathname.replace(/\/+$/, '');
    return new Promise((resolve) => {
      const later = (why: string): void => resolve({ kind: 'later', why, retryAfterMs: null });
      const request = this.#send(new URL(`${base}${path}`, endpoint), {
        method: 'POST',
        agent: this.#agent,
        headers: {
          ...headers,
          'content-type': contentType,
          'content-length': bytes.byteLength,
          ...(contentEncoding === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
        },
      });
      const cancel = this.#clock.after(LIMITS.forwardAnswerMsMax, () => {
        request.destroy(new Error(`no answer within ${LIMITS.forwardAnswerMsMax / 1_000} s`));
      });
      request.on('response', (response) => {
        // What stands in the answer is of no use here; it is read so that the connection can be used again.
        response.resume().on('error', () => undefined);
        resolve(answerOf(response, this.#clock));
      });
      request.on('error', (error) => later(error.message || error.name));
      request.on('close', () => {
        cancel();
        later('the connection closed without an answer');
      });
      request.end(bytes);
    });
  }

  /** Cuts what is under way. */
  close(): void {
    this.#agent.destroy();
  }
}

function answerOf({ statusCode = 0, headers }: IncomingMessage, clock: Clock): ForwardAnswer {
  if (statusCode >= 200 && statusCode < 300) return { kind: 'sent' };
  const why = `the answer was ${statusCode}`;
  if (!RETRYABLE.has(statusCode)) return { kind: 'refused', why };
  return { kind: 'later', why, retryAfterMs: retryAfterMs(headers['retry-after'], clock) };
}

/** Seconds or a date (RFC 9110 section 10.2.3); null for anything else. */
function retryAfterMs(header: string | undefined, clock: Clock): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - Number(clock.now() / 1_000_000n));
}
