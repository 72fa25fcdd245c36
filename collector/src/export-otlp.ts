import { isBytesValue } from '@throughline/model/bytes-value';
import type { Run } from '@throughline/model/run';
import { stepId } from '@throughline/model/ids';
import type { AttributeValue, Attributes } from '@throughline/model/step';
import { decode } from './decode/decode.js';
import { inflate } from './decode/inflate.js';
import type { FactStore } from './store/fact-store.js';
import type { WireKind, WireSpan } from './wire.js';

const KINDS: readonly WireKind[] = [
  'unspecified',
  'internal',
  'server',
  'client',
  'producer',
  'consumer',
];
const STATUS_CODES = { unset: 0, ok: 1, error: 2 } as const;

/**
 * The spans of a run as one ExportTraceServiceRequest in OTLP/JSON, read from the bodies as they were received:
 * 64-bit integers and times as text, bytes as base64 (OTLP 1.11, section "JSON Protobuf Encoding"). Sending it to
 * another collector gives the same run.
 */
export async function exportOtlp(
  run: Run,
  bodyIds: readonly number[],
  store: FactStore,
): Promise<object> {
  const wanted = new Set<string>(run.steps.map(({ step }) => step.id));
  const spans = new Map<string, WireSpan>();
  for (const bodyId of bodyIds) {
    for (const span of await spansOfBody(bodyId, store)) {
      const id = stepId(span.traceId, span.spanId, span.isShared);
      const known = spans.get(id);
      // A snapshot of unfinished work gives way to what came after it; a finished span to nothing.
      if (wanted.has(id) && (known === undefined || isPending(known))) spans.set(id, span);
    }
  }
  return { resourceSpans: grouped([...spans.values()]) };
}

async function spansOfBody(bodyId: number, store: FactStore): Promise<readonly WireSpan[]> {
  for await (const stored of store.read(bodyId - 1)) {
    if (stored.id !== bodyId) return [];
    return decode(stored.format, inflate(stored.body, stored.contentEncoding), stored.receivedAtNs)
      .spans;
  }
  return [];
}

function isPending(span: WireSpan): boolean {
  return span.attributes.get('throughline.pending') === true;
}

/** Spans of one resource and scope together, as the protocol nests them. */
function grouped(spans: readonly WireSpan[]): object[] {
  const resources = new Map<string, { resource: object; scopes: Map<string, object[]> }>();
  for (const span of spans) {
    const resource = { attributes: keyValues(span.resource) };
    const name = JSON.stringify(resource);
    const group = resources.get(name) ?? { resource, scopes: new Map<string, object[]>() };
    resources.set(name, group);
    const ofScope = group.scopes.get(span.scopeName) ?? [];
    ofScope.push(otlpSpan(span));
    group.scopes.set(span.scopeName, ofScope);
  }
  return [...resources.values()].map(({ resource, scopes }) => ({
    resource,
    scopeSpans: [...scopes].map(([name, ofScope]) => ({ scope: { name }, spans: ofScope })),
  }));
}

function otlpSpan(span: WireSpan): object {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId === null ? {} : { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: KINDS.indexOf(span.kind),
    startTimeUnixNano: String(span.startedAtNs),
    endTimeUnixNano: String(span.endedAtNs),
    attributes: keyValues(span.attributes),
    events: span.events.map(({ name, atNs, attributes }) => ({
      name,
      timeUnixNano: String(atNs),
      attributes: keyValues(attributes),
    })),
    links: span.links.map(({ traceId, spanId, attributes }) => ({
      traceId,
      spanId,
      attributes: keyValues(attributes),
    })),
    status: {
      ...(span.status === 'unset' ? {} : { code: STATUS_CODES[span.status] }),
      ...(span.statusMessage === '' ? {} : { message: span.statusMessage }),
    },
  };
}

function keyValues(attributes: Attributes): object[] {
  return [...attributes].map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: AttributeValue): object {
  if (value === null) return {};
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { boolValue: value };
    case 'bigint':
      return { intValue: String(value) };
    case 'number':
      return numberValue(value);
    default:
      return nestedValue(value);
  }
}

function numberValue(value: number): object {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return { intValue: String(value) };
  return { doubleValue: Number.isFinite(value) ? value : String(value) };
}

function nestedValue(value: AttributeValue & object): object {
  if (isBytesValue(value)) return { bytesValue: value.bytesValue };
  if (isList(value)) return { arrayValue: { values: value.map(anyValue) } };
  const values = Object.entries(value).map(([key, inner]) => ({ key, value: anyValue(inner) }));
  return { kvlistValue: { values } };
}

function isList(value: AttributeValue): value is readonly AttributeValue[] {
  return Array.isArray(value);
}
