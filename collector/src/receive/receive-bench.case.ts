import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type Server,
} from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { systemClock, type Clock } from '../clock.js';
import { decode } from '../decode/decode.js';
import { encodeProtobuf } from '../decode/otlp-encoder.case.js';
import type { Fault, FaultCode } from '../errors.js';
import { Admission } from './admission.js';
import type { Accepted, ArrivedBody } from './intake.js';
import { createReceive, type ReceiveDeps } from './receive.js';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

/** A listener with nothing behind it but what the test says; bodies are decoded as the pipeline would. */
export class ReceiveBench {
  readonly taken: ArrivedBody[] = [];
  readonly refused: FaultCode[] = [];
  readonly admission = new Admission(96 * 1024 * 1024);
  /** Set to hold bodies back, as a slow disk does. */
  durable: Promise<void> = Promise.resolve();
  notYet: Fault | undefined;
  clock: Clock = systemClock;
  readonly #server: Server;

  constructor(deps: Partial<ReceiveDeps> = {}) {
    const receive = createReceive({
      pipeline: { accept: (body) => this.#accept(body) },
      clock: {
        now: () => this.clock.now(),
        every: (...a) => this.clock.every(...a),
        after: (...a) => this.clock.after(...a),
      },
      notYet: () => this.notYet,
      admission: this.admission,
      onRefused: (fault) => this.refused.push(fault.code),
      ...deps,
    });
    this.#server = createServer((request, response) => {
      if (!receive(request, response)) response.writeHead(404).end('elsewhere');
    });
  }

  async #accept(body: ArrivedBody): Promise<Accepted> {
    const { spans, rejected, ignored = 0 } = decode(body.format, body.inflated);
    this.taken.push(body);
    await this.durable;
    return { accepted: spans.length, rejected, ignored };
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  send(path: string, { method = 'POST', headers = {}, body }: Sent = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = httpRequest({
        port: this.port,
        host: '127.0.0.1',
        path,
        method,
        headers,
        agent: false,
      });
      request.on('error', reject);
      request.on('response', (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(pieces),
          }),
        );
      });
      request.end(body);
    });
  }

  traces(sent: Sent): Promise<Answer> {
    return this.send('/v1/traces', sent);
  }

  /** Writes to a bare socket and reads until it closes or has answered. */
  rawExchange(pieces: readonly (string | Buffer)[]): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1');
      let text = '';
      const done = (): void => {
        socket.destroy();
        resolve(text);
      };
      socket.on('data', (piece: Buffer) => {
        text += piece.toString();
        if (text.includes('\r\n\r\n')) done();
      });
      socket.on('error', done).on('close', done);
      for (const piece of pieces) socket.write(piece);
    });
  }
}

export const JSON_TYPE = { 'content-type': 'application/json' };
export const PROTOBUF_TYPE = { 'content-type': 'application/x-protobuf' };
export const span = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  name: 'pay',
  startTimeUnixNano: '1',
  endTimeUnixNano: '2',
};
export const requestOf = (...spans: readonly object[]) => ({
  resourceSpans: [{ scopeSpans: [{ spans }] }],
});
export const goodJson = JSON.stringify(requestOf(span));
export const goodProtobuf = encodeProtobuf(requestOf(span));
export const json = (answer: Answer) => JSON.parse(answer.body.toString()) as Record<string, never>;
