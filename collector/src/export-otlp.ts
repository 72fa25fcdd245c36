import { isBytesValue } from '@throughline/model/bytes-value';
import type { Run } from '@throughline/model/run';
import { stepId } from '@throughline/model/ids';
import type { AttributeValue, Attributes, Step } from '@throughline/model/step';
import { decodeExactly } from './decode/decode.js';
import { inflate } from './decode/inflate.js';
import { WholeDouble } from './decode/whole-double.js';
import type { FactStore } from './store/fact-store.js';
import { spanOfSignals } from './span-of-signals.js';
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
export function exportOtlp(run: Run, bodyIds: readonly number[], store: FactStore): object {
  const wanted = new Map<string, Step>(run.steps.map(({ step }) => [step.id, step]));
  const spans = new Map<string, WireSpan>();
  const signals = new Map<Step, WireSpan[]>();
  for (const bodyId of bodyIds) {
    for (const span of spansOfBody(bodyId, store)) {
      const id = stepId(span.traceId, span.spanId, span.isShared);
      const step = wanted.get(id);
      const known = spans.get(id);
      if (step?.signal !== undefined) signals.set(step, [...(signals.get(step) ?? []), span]);
      // A snapshot of unfinished work gives way to what came after it; a finished span to nothing.
      else if (step && (known === undefined || isPending(known))) spans.set(id, span);
    }
  }
  const ofSignals = [...signals].map(([step, parts]) => spanOfSignals(step, parts));
  return otlpRequest([...spans.values(), ...ofSignals]);
}

/** Spans as one ExportTraceServiceRequest in OTLP/JSON. */
export function otlpRequest(spans: readonly WireSpan[]): object {
  return { resourceSpans: grouped(spans) };
}

function spansOfBody(bodyId: number, store: FactStore): readonly WireSpan[] {
  return store.bodies([bodyId]).flatMap((stored) => {
    const body = inflate(stored.body, stored.contentEncoding);
    return decodeExactly(stored.format, body, stored.receivedAtNs).spans;
  });
}

function isPending({ signal, attributes }: WireSpan): boolean {
  return signal !== undefined || attributes.get('throughline.pending') === true;
}

/** Spans of one resource and scope together, as the protocol nests them. */
function grouped(spans: readonly WireSpan[]): object[] {
  type Scopes = Map<string, { scope: object; spans: object[] }>;
  const resources = new Map<string, { resource: object; scopes: Scopes }>();
  for (const span of spans) {
    const resource = { attributes: keyValues(span.resource) };
    const name = JSON.stringify(resource);
    const group = resources.get(name) ?? { resource, scopes: new Map() as Scopes };
    resources.set(name, group);
    const scope = scopeOf(span);
    const scopeText = JSON.stringify(scope);
    const ofScope = group.scopes.get(scopeText) ?? { scope, spans: [] };
    ofScope.spans.push(otlpSpan(span));
    group.scopes.set(scopeText, ofScope);
  }
  return [...resources.values()].map(({ resource, scopes }) => ({
    resource,
    scopeSpans: [...scopes.values()],
  }));
}

function scopeOf({ scopeName, scopeVersion, scopeAttributes }: WireSpan): object {
  return {
    name: scopeName,
    ...(scopeVersion === '' ? {} : { version: scopeVersion }),
    ...(scopeAttributes.size === 0 ? {} : { attributes: keyValues(scopeAttributes) }),
  };
}

/** Left out where they say nothing, as the protocol leaves out defaults. */
function contextOf({ traceState, flags }: Pick<WireSpan, 'traceState' | 'flags'>): object {
  return { ...(traceState === '' ? {} : { traceState }), ...(flags === 0 ? {} : { flags }) };
}

function otlpSpan(span: WireSpan): object {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...contextOf(span),
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
    links: span.links.map((link) => ({
      traceId: link.traceId,
      spanId: link.spanId,
      ...contextOf(link),
      attributes: keyValues(link.attributes),
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
  return Number.isSafeInteger(value) ? { intValue: String(value) } : doubleValue(value);
}

/** As text where a JSON number would not say it. */
function doubleValue(value: number): object {
  if (Object.is(value, -0)) return { doubleValue: '-0' };
  return { doubleValue: Number.isFinite(value) ? value : String(value) };
}

function nestedValue(value: AttributeValue & object): object {
  if (value instanceof WholeDouble) return doubleValue(value.doubleValue);
  if (isBytesValue(value)) return { bytesValue: value.bytesValue };
  if (isList(value)) return { arrayValue: { values: value.map(anyValue) } };
  const values = Object.entries(value).map(([key, inner]) => ({ key, value: anyValue(inner) }));
  return { kvlistValue: { values } };
}

function isList(value: AttributeValue): value is readonly AttributeValue[] {
  return Array.isArray(value);
}
