import { Fault } from '../../errors.js';
import { LIMITS } from '../../limits.js';
import { decode } from '../../decode/decode.js';
import type { Decoded } from '../../wire.js';
import type { ApiClient } from '../api-client.js';
import { CliFault, EXIT } from '../exit-code.js';
import type { CliIo } from '../io.js';
import type { Accounting } from './account.js';
import { batchOf, type Batch } from './batch.js';
import type { ImportFormat } from './detect-format.js';

/** Requests under way at once: while one is made durable, the next is read. */
const IN_FLIGHT_MAX = 2;
/** A collector that asks to wait is waited for, so long without any success. */
const PATIENCE_MS = 5 * 60_000;
const WAIT_MS_DEFAULT = 1_000;
const WAIT_MS_MAX = 30_000;
const TRY_AGAIN = new Set([429, 502, 503, 504]);

export interface DeliveryParts {
  readonly api: ApiClient;
  readonly io: CliIo;
  readonly account: Accounting;
}

/**
 * Sends requests, a few at once, and accounts for every span in them. The spans are read here as the collector
 * reads them, because its answer names only the first few that it refused.
 */
export class Delivery {
  readonly #parts: DeliveryParts;
  readonly #underWay = new Set<Promise<void>>();
  #failure: unknown = null;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** Settles when there is room for the next request. @throws CliFault when one before could not be delivered. */
  async send(batch: Batch): Promise<void> {
    const { account, io } = this.#parts;
    let decoded: Decoded;
    try {
      if (batch.body.length > LIMITS.bodyBytesMax) throw tooLarge(batch.body.length);
      decoded = decode(batch.format, batch.body, io.clock.now());
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      await this.#sendApart(batch, error);
      return;
    }
    for (const { reason, detail } of decoded.rejected) {
      account.refused(reason, `${batch.located(detail)} (${reason})`);
    }
    if (decoded.spans.length === 0) return;
    const delivery = this.#deliver(batch, decoded).then(
      () => void this.#underWay.delete(delivery),
      (error: unknown) => {
        this.#underWay.delete(delivery);
        this.#failure ??= error;
      },
    );
    this.#underWay.add(delivery);
    while (this.#underWay.size >= IN_FLIGHT_MAX) await Promise.race(this.#underWay);
    this.#throwFailure();
  }

  /** Settles when everything is delivered. @throws CliFault when something could not be. */
  async end(): Promise<void> {
    await Promise.all(this.#underWay);
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure as Error;
  }

  /** One part that cannot be read must not cost the others theirs. */
  async #sendApart(batch: Batch, fault: Fault): Promise<void> {
    const format = FORMATS[batch.format];
    if (batch.parts.length < 2 || format === undefined) {
      const [part] = batch.parts;
      this.#parts.account.unreadable(`${part?.place ?? ''}: ${fault.message}`);
      return;
    }
    for (const part of batch.parts) await this.send(batchOf(format, [part]));
  }

  async #deliver(batch: Batch, decoded: Decoded): Promise<void> {
    const { account, api } = this.#parts;
    const response = await this.#attempt(batch);
    const text = await response.text();
    if (!response.ok) {
      const message = `${api.server}${batch.route} answered ${response.status}: ${text.slice(0, 300)}`;
      throw new CliFault(EXIT.failed, message, RESUME);
    }
    account.took(decoded.spans.length);
  }

  /** @returns an answer that is final. @throws CliFault when nobody answers, or only asks to wait. */
  async #attempt({ route, contentType, body }: Batch): Promise<Response> {
    const { api, io } = this.#parts;
    const headers = { 'content-type': contentType };
    for (let waitedMs = 0; ;) {
      const response = await api.attempt(route, { method: 'POST', headers, body: bytesOf(body) });
      if (!TRY_AGAIN.has(response.status)) return response;
      const text = await response.text();
      if (waitedMs >= PATIENCE_MS) {
        const message = `${api.server} takes nothing: ${response.status} ${text.slice(0, 300)}`;
        throw new CliFault(EXIT.failed, message, RESUME);
      }
      if (waitedMs === 0) io.say(`${api.server} asks to wait (${response.status})\n`);
      const waitMs = waitMsOf(response);
      waitedMs += waitMs;
      await new Promise<void>((resolve) => io.clock.after(waitMs, resolve));
    }
  }
}

const RESUME = 'Run the same import again: what has arrived is recognized and not taken twice.';

const FORMATS: Readonly<Record<string, Exclude<ImportFormat, 'jaeger'>>> = {
  'otlp-json': 'otlp-json',
  'otlp-protobuf': 'otlp-protobuf',
  'zipkin-json': 'zipkin',
  'cloudevents-batch': 'cloudevents',
};

function waitMsOf(response: Response): number {
  const seconds = Number(response.headers.get('retry-after') ?? NaN);
  const asked = Number.isFinite(seconds) ? seconds * 1_000 : WAIT_MS_DEFAULT;
  return Math.min(WAIT_MS_MAX, Math.max(100, asked));
}

function tooLarge(bytes: number): Fault {
  const message = `${bytes} bytes are more than one request may have (${LIMITS.bodyBytesMax}).`;
  return new Fault('BODY_TOO_LARGE', message);
}

function bytesOf(body: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(body.buffer as ArrayBuffer, body.byteOffset, body.byteLength);
}
