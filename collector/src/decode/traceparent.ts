import { spanId, traceId, type SpanId, type TraceId } from '@throughline/model/ids';

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/;

/** Reads a W3C traceparent; undefined when it is not one. A higher version may have more fields. */
export function parseTraceparent(text: string): { traceId: TraceId; spanId: SpanId } | undefined {
  const match = TRACEPARENT.exec(text.trim());
  if (!match || match[1] === 'ff' || (match[1] === '00' && match[4] !== undefined))
    return undefined;
  const trace = traceId(match[2] ?? '');
  const span = spanId(match[3] ?? '');
  return trace && span && { traceId: trace, spanId: span };
}
