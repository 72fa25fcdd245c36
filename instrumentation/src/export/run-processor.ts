import { TraceFlags } from '@opentelemetry/api';
import type { Context } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { harmless } from '../harmless.js';
import { LIMITS } from '../limits.js';
import { keysOf } from '../run/run-context.js';
import { ATTR } from '../attribute-names.js';
import { pendingSnapshot } from './snapshot.js';

interface RunProcessorOptions {
  /** Age at which an open span is first reported, and the pause until it is reported again. */
  readonly pendingAfterMs: number;
  readonly pendingEveryMs: number;
  readonly report: (snapshot: ReadableSpan) => void;
}

interface Watched {
  readonly span: ReadableSpan;
  dueAtMs: number;
}

/**
 * What every span of the process goes through: it gets the keys of its run when it starts, whoever started
 * it, and is reported as pending while it stays open. A timer runs only while spans are open, and never keeps
 * the process alive.
 */
export class RunProcessor implements SpanProcessor {
  readonly #options: RunProcessorOptions;
  /** Two lines, each in order of its due times, so that a sweep ends at the first span that is not due. */
  readonly #young = new Map<string, Watched>();
  readonly #reported = new Map<string, Watched>();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: RunProcessorOptions) {
    this.#options = options;
  }

  onStart(span: Span, parent: Context): void {
    harmless('span start', () => {
      for (const [type, value] of keysOf(parent)) {
        const name = ATTR.keyPrefix + type;
        if (span.attributes[name] === undefined) span.setAttribute(name, value);
      }
      const { spanId, traceFlags } = span.spanContext();
      const isSampled = (traceFlags & TraceFlags.SAMPLED) !== 0;
      if (!isSampled || this.#openCount() >= LIMITS.openSpansMax) return;
      this.#young.set(spanId, { span, dueAtMs: performance.now() + this.#options.pendingAfterMs });
      this.#arm();
    });
  }

  onEnd(span: ReadableSpan): void {
    const { spanId } = span.spanContext();
    if (!this.#young.delete(spanId)) this.#reported.delete(spanId);
  }

  /** Reports every open span: the last that is heard of them when the process ends. */
  snapshotAll(): void {
    for (const line of [this.#young, this.#reported]) {
      for (const { span } of line.values()) this.#options.report(pendingSnapshot(span));
    }
  }

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#young.clear();
    this.#reported.clear();
    return Promise.resolve();
  }

  #arm(): void {
    if (this.#timer !== null) return;
    const everyMs = Math.max(10, Math.min(500, this.#options.pendingAfterMs / 2));
    this.#timer = setInterval(() => harmless('pending sweep', () => this.#sweep()), everyMs);
    this.#timer.unref();
  }

  #openCount(): number {
    return this.#young.size + this.#reported.size;
  }

  #sweep(): void {
    if (this.#openCount() === 0 && this.#timer !== null) {
      clearInterval(this.#timer);
      this.#timer = null;
      return;
    }
    const nowMs = performance.now();
    for (const line of [this.#young, this.#reported]) {
      for (const [spanId, watched] of dueOf(line, nowMs)) {
        this.#options.report(pendingSnapshot(watched.span));
        line.delete(spanId);
        watched.dueAtMs = nowMs + this.#options.pendingEveryMs;
        this.#reported.set(spanId, watched);
      }
    }
  }
}

function dueOf(line: ReadonlyMap<string, Watched>, nowMs: number): [string, Watched][] {
  const due: [string, Watched][] = [];
  for (const entry of line) {
    if (entry[1].dueAtMs > nowMs) break;
    due.push(entry);
  }
  return due;
}
