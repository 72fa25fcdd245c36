import type { Attribute, StreamSpan } from '../stream/span.js';
import type { Batch } from '../stream/span-stream.js';
import { requestType } from './otlp-schema.js';

const SCOPE = { name: '@opentelemetry/instrumentation-amqplib', version: '0.61.0' };
const TWO_32 = 1n << 32n;

/** What every batch of a service says about it: nine attributes. */
function resourceAttributes(service: string): readonly Attribute[] {
  return [
    ['service.name', service],
    ['service.version', '1.4.2'],
    ['service.instance.id', `${service}-7d9f-1`],
    ['host.name', `node-${service}`],
    ['os.type', 'linux'],
    ['process.pid', 4_711],
    ['telemetry.sdk.language', 'nodejs'],
    ['telemetry.sdk.name', 'opentelemetry'],
    ['telemetry.sdk.version', '2.12.0'],
  ];
}

export function encodeJson(batch: Batch): Buffer {
  const attribute = ([key, value]: Attribute) => ({
    key,
    value: typeof value === 'string' ? { stringValue: value } : { intValue: String(value) },
  });
  const span = (span: StreamSpan) => ({
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentId === null ? {} : { parentSpanId: span.parentId }),
    name: span.name,
    kind: span.kind,
    startTimeUnixNano: String(span.startNs),
    endTimeUnixNano: String(span.endNs),
    attributes: span.attributes.map(attribute),
    ...(span.link === null ? {} : { links: [span.link] }),
  });
  const resource = { attributes: resourceAttributes(batch.service).map(attribute) };
  const scopeSpans = [{ scope: SCOPE, spans: batch.spans.map(span) }];
  return Buffer.from(JSON.stringify({ resourceSpans: [{ resource, scopeSpans }] }));
}

export function encodeProtobuf(batch: Batch): Buffer {
  const attribute = ([key, value]: Attribute) => ({
    key,
    value: typeof value === 'string' ? { stringValue: value } : { intValue: value },
  });
  const span = (span: StreamSpan) => ({
    traceId: bytes(span.traceId),
    spanId: bytes(span.spanId),
    ...(span.parentId === null ? {} : { parentSpanId: bytes(span.parentId) }),
    name: span.name,
    kind: span.kind,
    startTimeUnixNano: long(span.startNs),
    endTimeUnixNano: long(span.endNs),
    attributes: span.attributes.map(attribute),
    links:
      span.link === null
        ? []
        : [{ traceId: bytes(span.link.traceId), spanId: bytes(span.link.spanId) }],
  });
  const resource = { attributes: resourceAttributes(batch.service).map(attribute) };
  const scopeSpans = [{ scope: SCOPE, spans: batch.spans.map(span) }];
  // The writer's own memory is handed back with every body, so the bytes are copied out of it.
  return Buffer.from(requestType.encode({ resourceSpans: [{ resource, scopeSpans }] }).finish());
}

function bytes(hex: string): Buffer {
  return Buffer.from(hex, 'hex');
}

function long(value: bigint): { low: number; high: number; unsigned: true } {
  return { low: Number(value % TWO_32) | 0, high: Number(value / TWO_32) | 0, unsigned: true };
}
