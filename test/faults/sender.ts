import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { SpanDescription } from '@throughline/fixtures/build/span';
import type { History } from './history.js';
import { bodyOf, witnessedOf } from './orders.js';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** An exporter that writes down what it does and what it hears, before and after. */
export class Sender {
  readonly #history: History;
  readonly #agent: Agent;
  /** Milliseconds from sending to the answer, of everything that was acknowledged. */
  readonly ackMs: number[] = [];
  readonly statuses = new Map<number, number>();
  #lastRequest = 0;

  constructor(history: History) {
    this.#history = history;
    this.#agent = new Agent({ keepAlive: true });
  }

  /** Sends once. @returns the answer; null when there was none. */
  async send(url: string, spans: readonly SpanDescription[]): Promise<Answer | null> {
    // Several senders may share a history: their requests have numbers of their own.
    this.#lastRequest += 1;
    const request = SENDERS.numberOf(this) * 1e9 + this.#lastRequest;
    this.#history.append({ op: 'sent', request, spans: spans.map(witnessedOf) });
    const startedMs = performance.now();
    const isGzip = this.#lastRequest % 2 === 0;
    const body = isGzip ? gzipSync(bodyOf(spans), { level: 1 }) : bodyOf(spans);
    const headers = {
      'content-type': 'application/json',
      ...(isGzip ? { 'content-encoding': 'gzip' } : {}),
    };
    const answer = await post(`${url}/v1/traces`, { body, headers, agent: this.#agent });
    if (answer === null) return null;
    const { status, text } = answer;
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    if (status === 200) this.ackMs.push(performance.now() - startedMs);
    const rejected = status === 200 && text !== '{}' ? spans.length : 0;
    const retryAfter = answer.headers['retry-after'] ?? null;
    this.#history.append({ op: 'answered', request, status, rejected, retryAfter });
    return answer;
  }

  /** Sends once, and never reads the answer: as when the line is cut before it comes. */
  sendUnheard(url: string, spans: readonly SpanDescription[]): Socket {
    this.#lastRequest += 1;
    const request = SENDERS.numberOf(this) * 1e9 + this.#lastRequest;
    this.#history.append({ op: 'sent', request, spans: spans.map(witnessedOf) });
    const { hostname, port, host } = new URL(url);
    const body = bodyOf(spans);
    const socket = connect(Number(port), hostname).on('error', () => undefined);
    socket.pause();
    socket.write(
      `POST /v1/traces HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`,
    );
    return socket;
  }

  /** Sends as an exporter does: what is refused for a while or has no answer is sent again, for so long. */
  async deliver(
    urlOf: () => string,
    spans: readonly SpanDescription[],
    { forMs = 30_000, retryMs = 100 } = {},
  ): Promise<boolean> {
    const deadline = performance.now() + forMs;
    for (;;) {
      const answer = await this.send(urlOf(), spans);
      if (answer?.status === 200) return true;
      if (performance.now() > deadline) break;
      await pause(retryMs);
    }
    this.#history.append({
      op: 'dropped',
      request: SENDERS.numberOf(this) * 1e9 + this.#lastRequest,
    });
    return false;
  }

  count(status: number): number {
    return this.statuses.get(status) ?? 0;
  }

  close(): void {
    this.#agent.destroy();
  }
}

const SENDERS = {
  numbers: new Map<Sender, number>(),
  numberOf(sender: Sender): number {
    const number = this.numbers.get(sender) ?? this.numbers.size + 1;
    this.numbers.set(sender, number);
    return number;
  },
};

export interface Posting {
  readonly body: string | Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly agent?: Agent;
  readonly method?: string;
}

/** @returns null when the connection ended without an answer. */
export function post(
  url: string,
  { body, headers, agent, method }: Posting,
): Promise<Answer | null> {
  return new Promise((resolve) => {
    const request = httpRequest(
      url,
      {
        method: method ?? 'POST',
        headers: { 'content-length': String(Buffer.byteLength(body)), ...headers },
        ...(agent === undefined ? {} : { agent }),
      },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', () => resolve(null));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(pieces).toString(),
          }),
        );
      },
    );
    request.on('error', () => resolve(null));
    request.end(body);
  });
}
