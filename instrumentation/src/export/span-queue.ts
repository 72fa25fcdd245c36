import { TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { ATTR } from '../attribute-names.js';
import { harmless, logOnce } from '../harmless.js';
import { LIMITS } from '../limits.js';
import { withAttributes } from './snapshot.js';
import type { Delivered, OtlpTransport } from './otlp-transport.js';

interface QueueSettings {
  readonly queueSpansMax: number;
  readonly batchSpansMax: number;
  readonly scheduleDelayMs: number;
  readonly encoding: 'json' | 'protobuf';
}

interface Waiting {
  readonly span: ReadableSpan;
  readonly bytes: number;
}

/**
 * Finished spans on their way to the collector. Bounded in count and bytes: beyond, the newest are dropped,
 * counted, and the count is reported on the next span that gets through (`throughline.dropped_spans`).
 * While the collector is away the oldest are kept and tried again, ever more slowly.
 */
export class SpanQueue implements SpanProcessor {
  readonly #settings: QueueSettings;
  readonly #transport: OtlpTransport;
  readonly #serializer: typeof JsonTraceSerializer;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #droppedCount = 0;
  #failureCount = 0;
  #timer: NodeJS.Timeout | null = null;
  #sending: Promise<boolean> | null = null;

  constructor(settings: QueueSettings, transport: OtlpTransport) {
    this.#settings = settings;
    this.#transport = transport;
    this.#serializer = settings.encoding === 'json' ? JsonTraceSerializer : ProtobufTraceSerializer;
  }

  onStart(): void {
    // Only finished spans and snapshots are queued.
  }

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
    this.add(span);
  }

  /** A snapshot gives way to finished spans: it is left out when little room is left. */
  addSnapshot(span: ReadableSpan): void {
    if (this.#waiting.length < this.#settings.queueSpansMax * 0.75) this.add(span);
  }

  add(span: ReadableSpan): void {
    harmless('queue span', () => {
      const bytes = estimateBytes(span);
      const isFull =
        this.#waiting.length >= this.#settings.queueSpansMax ||
        this.#waitingBytes + bytes > LIMITS.queueBytesMax;
      if (isFull) {
        this.#droppedCount += 1;
        logOnce('queue-full', 'more spans than the queue holds; the newest are dropped');
        return;
      }
      this.#waiting.push({ span, bytes });
      this.#waitingBytes += bytes;
      this.#schedule();
    });
  }

  /** True while nobody has refused us since the last success: another attempt may get through. */
  get isReachable(): boolean {
    return this.#failureCount === 0;
  }

  /** Everything unsent as one body for a sender in another process; null when there is nothing. */
  takeBody(): Uint8Array | null {
    const batch = this.#waiting;
    if (batch.length === 0) return null;
    this.#waiting = [];
    return this.#serializer.serializeRequest(batch.map(({ span }) => span)) ?? null;
  }

  /** Sends until nothing waits or the collector cannot be reached. Never rejects. */
  async drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (!(await this.#sendOnce())) return;
    }
    // A batch that was already under way when its spans left the line.
    if (this.#sending !== null) await this.#sending;
  }

  forceFlush(): Promise<void> {
    return this.drain();
  }

  async shutdown(): Promise<void> {
    await this.drain();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#transport.close();
  }

  #schedule(afterMs?: number): void {
    const isBatchFull = this.#waiting.length >= this.#settings.batchSpansMax;
    if (this.#sending !== null) return;
    if (this.#timer !== null) {
      if (!isBatchFull || this.#failureCount > 0) return;
      clearTimeout(this.#timer);
    }
    const waitMs = afterMs ?? (isBatchFull ? 0 : this.#settings.scheduleDelayMs);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#sendOnce();
    }, waitMs);
    this.#timer.unref();
  }

  /** One batch, one at a time. Resolves to whether the line moved. */
  #sendOnce(): Promise<boolean> {
    this.#sending ??= this.#sendBatch().finally(() => {
      this.#sending = null;
      if (this.#waiting.length > 0) this.#schedule(this.#pauseMs);
    });
    return this.#sending;
  }

  #pauseMs: number | undefined = undefined;

  async #sendBatch(): Promise<boolean> {
    const batch = this.#waiting.slice(0, this.#settings.batchSpansMax);
    if (batch.length === 0) return false;
    const reported = this.#droppedCount;
    const spans = batch.map(({ span }) => span);
    const [first] = spans;
    if (reported > 0 && first !== undefined) {
      spans[0] = withAttributes(first, { [ATTR.droppedSpans]: reported });
    }
    const body = harmless('serialize', () => this.#serializer.serializeRequest(spans));
    const delivered: Delivered =
      body === undefined
        ? { kind: 'refused', reason: 'the batch has no wire form' }
        : await this.#transport.post(body);
    return this.#settle(delivered, batch, reported);
  }

  #settle(delivered: Delivered, batch: readonly Waiting[], reported: number): boolean {
    if (delivered.kind === 'again') {
      this.#failureCount += 1;
      const backoffMs = Math.min(500 * 2 ** this.#failureCount, LIMITS.retryPauseMsMax);
      this.#pauseMs = delivered.afterMs ?? backoffMs;
      logOnce('collector-away', 'the collector cannot be reached; spans wait for it');
      return false;
    }
    this.#waiting = this.#waiting.slice(batch.length);
    for (const { bytes } of batch) this.#waitingBytes -= bytes;
    this.#failureCount = 0;
    this.#pauseMs = undefined;
    if (delivered.kind === 'refused') {
      this.#droppedCount += batch.length;
      logOnce('refused', `a batch was refused: ${delivered.reason}`);
      return true;
    }
    this.#droppedCount -= reported;
    harmless('read answer', () => this.#readPartialSuccess(delivered.answer));
    return true;
  }

  #readPartialSuccess(answer: Uint8Array): void {
    if (answer.byteLength === 0) return;
    const { partialSuccess } = this.#serializer.deserializeResponse(answer);
    const rejected = partialSuccess?.rejectedSpans ?? 0;
    if (rejected > 0) {
      logOnce('rejected', `the collector rejected spans: ${partialSuccess?.errorMessage ?? ''}`);
    }
  }
}

/** Rough and cheap: text is what makes spans large. */
function estimateBytes(span: ReadableSpan): number {
  let bytes = 256 + span.name.length + span.links.length * 64;
  for (const value of Object.values(span.attributes)) {
    bytes += 32 + (typeof value === 'string' ? value.length : 8);
  }
  for (const event of span.events) {
    bytes += 64;
    for (const value of Object.values(event.attributes ?? {})) {
      bytes += 32 + (typeof value === 'string' ? value.length : 8);
    }
  }
  return bytes;
}
