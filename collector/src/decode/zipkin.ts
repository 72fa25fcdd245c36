import type { AttributeValue } from '@throughline/model/step';
import { spanId, traceId, type SpanId, type TraceId } from '@throughline/model/ids';
import type { UnixNs } from '@throughline/model/time';
import { Fault } from '../errors.js';
import { LIMITS } from '../limits.js';
import type { Decoded, Rejected, WireEvent, WireKind, WireSpan } from '../wire.js';
import { field, isObject, parseJson, type Json, type JsonObject } from './json-text.js';
import { listedAttributes } from './listed-attributes.js';
import { readInteger } from './otlp-json-value.js';
import { NO_OTLP_DETAIL, quoted, shown, timeProblem, type Problem } from './span-draft.js';

/**
 * Reads a list of Zipkin v2 spans (https://zipkin.io/zipkin-api/zipkin2-api.yaml).
 *
 * @throws Fault BODY_UNREADABLE when the body is not a JSON list.
 */
export function decodeZipkin(body: Uint8Array): Decoded {
  const list = parseJson(body);
  if (!Array.isArray(list)) {
    throw new Fault('BODY_UNREADABLE', 'A Zipkin v2 body is a JSON list of spans.');
  }
  const spans: WireSpan[] = [];
  const rejected: Rejected[] = [];
  const resources = new Map<string, WireSpan['resource']>();
  for (const [index, entry] of (list as readonly Json[]).entries()) {
    const read = isObject(entry) ? readSpan(entry, resources) : NOT_AN_OBJECT;
    if ('reason' in read) {
      rejected.push({ reason: read.reason, detail: `[${index}]: ${read.what}`, index });
    } else {
      spans.push(read);
    }
  }
  return { spans, rejected };
}

const NOT_AN_OBJECT: Problem = { reason: 'malformed_span', what: 'the span is not an object' };

const KINDS: Readonly<Record<string, WireKind>> = {
  CLIENT: 'client',
  SERVER: 'server',
  PRODUCER: 'producer',
  CONSUMER: 'consumer',
};

interface Ids {
  readonly trace: TraceId;
  readonly span: SpanId;
  readonly parent: SpanId | null;
}

function readSpan(
  span: JsonObject,
  resources: Map<string, WireSpan['resource']>,
): WireSpan | Problem {
  const ids = readIds(span);
  if ('reason' in ids) return ids;
  const events = readAnnotations(field(span, 'annotations'));
  if ('reason' in events) return events;
  const times = readTimes(span, events);
  if ('reason' in times) return times;
  const attributes = readTags(span);
  if ('reason' in attributes) return attributes;
  const error = attributes.get('error');
  const kind = field(span, 'kind');
  const name = field(span, 'name');
  const wireKind = (typeof kind === 'string' ? KINDS[kind.toUpperCase()] : undefined) ?? 'internal';
  return {
    traceId: ids.trace,
    spanId: ids.span,
    parentSpanId: ids.parent,
    name: typeof name === 'string' ? name : '',
    kind: wireKind,
    ...times,
    attributes: listedAttributes(attributes),
    links: [],
    events,
    // Presence of the tag is an error, its value the message, which may be empty.
    status: error === undefined || error === 'false' || error === false ? 'unset' : 'error',
    statusMessage: typeof error === 'string' && error !== 'true' ? error : '',
    resource: resourceOf(field(span, 'localEndpoint'), resources),
    scopeName: '',
    ...NO_OTLP_DETAIL,
    // A server may share its client's id and not say so: its half is one of its own in any case.
    isShared: field(span, 'shared') === true || wireKind === 'server',
    peer: serviceName(field(span, 'remoteEndpoint')),
  };
}

function readIds(span: JsonObject): Ids | Problem {
  const trace = paddedId(field(span, 'traceId'), 32);
  if (trace === undefined) return badId('invalid_trace_id', 'traceId', span);
  const own = paddedId(field(span, 'id'), 16);
  if (own === undefined) return badId('invalid_span_id', 'id', span);
  const rawParent = field(span, 'parentId') ?? '';
  const hasParent = rawParent !== '' && !(typeof rawParent === 'string' && /^0+$/.test(rawParent));
  const parent = hasParent ? paddedId(rawParent, 16) : '';
  if (parent === undefined) return badId('invalid_span_id', 'parentId', span);
  const parsed = { trace: traceId(trace), span: spanId(own) };
  if (!parsed.trace) return badId('invalid_trace_id', 'traceId', span);
  if (!parsed.span) return badId('invalid_span_id', 'id', span);
  // A span that names itself as its parent has none, as in Zipkin's own model.
  return {
    trace: parsed.trace,
    span: parsed.span,
    parent: parent === own ? null : (spanId(parent) ?? null),
  };
}

/** Ids of fewer digits are filled with zeros on the left: a 64-bit trace id is the lower half of a 128-bit one. */
function paddedId(id: Json | undefined, digits: number): string | undefined {
  if (typeof id !== 'string' || id.length > digits || !/^[0-9a-fA-F]+$/.test(id)) return undefined;
  return id.toLowerCase().padStart(digits, '0');
}

function badId(
  reason: 'invalid_trace_id' | 'invalid_span_id',
  name: string,
  span: JsonObject,
): Problem {
  const value = shown(field(span, name) ?? null);
  return { reason, what: `${name} ${value} is not an id of hex digits other than zero` };
}

/** Zipkin counts microseconds. A span without a start takes the first annotation's time, else 0. */
function readTimes(
  span: JsonObject,
  events: readonly WireEvent[],
): { startedAtNs: UnixNs; endedAtNs: UnixNs } | Problem {
  const start = microseconds(field(span, 'timestamp'));
  const duration = microseconds(field(span, 'duration'));
  if (start === undefined) return badTime('timestamp', span);
  if (duration === undefined) return badTime('duration', span);
  const first = events.reduce(
    (least, { atNs }) => (least === 0n || atNs < least ? atNs : least),
    0n,
  );
  const startedAtNs = start === 0n ? first : start * 1000n;
  const endedAtNs = startedAtNs + duration * 1000n;
  return (
    timeProblem('timestamp', startedAtNs) ??
    timeProblem('timestamp + duration', endedAtNs) ?? {
      startedAtNs: startedAtNs as UnixNs,
      endedAtNs: endedAtNs as UnixNs,
    }
  );
}

function microseconds(value: Json | undefined): bigint | undefined {
  if (value === undefined || value === null) return 0n;
  if (typeof value === 'number' && Number.isFinite(value)) return BigInt(Math.trunc(value));
  return readInteger(value);
}

function badTime(name: string, span: JsonObject): Problem {
  const value = shown(field(span, name) ?? null);
  return { reason: 'invalid_time', what: `${name} ${value} is no number of microseconds` };
}

function readAnnotations(list: Json | undefined): WireEvent[] | Problem {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) return { reason: 'malformed_span', what: 'annotations is not a list' };
  const events: WireEvent[] = [];
  for (const entry of list as readonly Json[]) {
    const at = isObject(entry) ? microseconds(field(entry, 'timestamp')) : undefined;
    const value = isObject(entry) ? field(entry, 'value') : undefined;
    if (at === undefined || at < 0n || typeof value !== 'string') {
      return { reason: 'malformed_span', what: 'an annotation lacks its timestamp or value' };
    }
    events.push({ name: value, atNs: (at * 1000n) as UnixNs, attributes: new Map() });
  }
  return events;
}

/** Tags are text by definition; a number or truth value, which some reporters send, is kept as it is. */
function readTags(span: JsonObject): Map<string, AttributeValue> | Problem {
  const attributes = new Map<string, AttributeValue>();
  const tags = field(span, 'tags');
  if (isObject(tags)) {
    for (const [name, value] of Object.entries(tags)) {
      if (typeof value === 'object' && value !== null) {
        return { reason: 'malformed_span', what: `tag ${quoted(name)} is not text` };
      }
      attributes.set(name, value ?? null);
    }
  } else if (tags !== undefined && tags !== null) {
    return { reason: 'malformed_span', what: 'tags is not an object' };
  }
  if (attributes.size > LIMITS.attributesMax) {
    return { reason: 'too_many_attributes', what: `more than ${LIMITS.attributesMax} tags` };
  }
  addAddress(attributes, field(span, 'remoteEndpoint'));
  return attributes;
}

function addAddress(attributes: Map<string, AttributeValue>, endpoint: Json | undefined): void {
  if (!isObject(endpoint)) return;
  const address = field(endpoint, 'ipv4') ?? field(endpoint, 'ipv6');
  const port = field(endpoint, 'port');
  if (typeof address === 'string') setIfNew(attributes, 'network.peer.address', address);
  if (typeof port === 'number') setIfNew(attributes, 'network.peer.port', port);
}

function setIfNew(into: Map<string, AttributeValue>, name: string, value: AttributeValue): void {
  if (!into.has(name)) into.set(name, value);
}

function serviceName(endpoint: Json | undefined): string | null {
  const name = isObject(endpoint) ? field(endpoint, 'serviceName') : undefined;
  return typeof name === 'string' && name !== '' ? name : null;
}

/** Spans of one endpoint share one resource. */
function resourceOf(
  endpoint: Json | undefined,
  known: Map<string, WireSpan['resource']>,
): WireSpan['resource'] {
  const name = serviceName(endpoint);
  const address = isObject(endpoint)
    ? (field(endpoint, 'ipv4') ?? field(endpoint, 'ipv6'))
    : undefined;
  const id = JSON.stringify([name, address]);
  const found = known.get(id);
  if (found) return found;
  const resource = new Map<string, AttributeValue>();
  if (name !== null) resource.set('service.name', name);
  if (typeof address === 'string') resource.set('host.ip', address);
  known.set(id, resource);
  return resource;
}
