import { ROOT_CONTEXT, SpanStatusCode } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { beforeEach, describe, expect, it } from 'vitest';
import { runInSpan } from './open-span.js';
import type { OpenSpan } from './open-span.js';

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });

const open = (): OpenSpan => ({
  span: provider.getTracer('test').startSpan('work'),
  context: ROOT_CONTEXT,
});
const ended = (): [SpanStatusCode, unknown][] =>
  exporter
    .getFinishedSpans()
    .map(({ status, attributes }) => [status.code, attributes['error.type']]);

beforeEach(() => exporter.reset());

describe('work inside a span', () => {
  it('gives its answer and ends the span, at once or when its promise settles', async () => {
    expect(runInSpan(open(), () => 7)).toBe(7);
    const later = runInSpan(open(), () => Promise.resolve(8));
    expect(ended()).toHaveLength(1);
    expect(await later).toBe(8);
    expect(ended()).toEqual([
      [SpanStatusCode.UNSET, undefined],
      [SpanStatusCode.UNSET, undefined],
    ]);
  });

  it('throws and rejects with the very error of the work, which is recorded', async () => {
    const error = Object.assign(new TypeError('no'), { code: 'E_NO' });
    expect(() =>
      runInSpan(open(), () => {
        throw error;
      }),
    ).toThrow(error);
    await expect(runInSpan(open(), () => Promise.reject(error))).rejects.toBe(error);
    await expect(runInSpan(open(), () => Promise.reject(new RangeError()))).rejects.toThrow();
    expect(ended()).toEqual([
      [SpanStatusCode.ERROR, 'E_NO'],
      [SpanStatusCode.ERROR, 'E_NO'],
      [SpanStatusCode.ERROR, 'RangeError'],
    ]);
  });

  it('runs without a span when none could be opened', () => {
    expect(runInSpan(undefined, () => 'ran')).toBe('ran');
  });
});
