import { createHash } from 'node:crypto';
import { spanId, traceId, type SpanId, type TraceId } from '@throughline/model/ids';
import { invariant } from '@throughline/model/invariant';
import type { AttributeValue } from '@throughline/model/step';
import { parseInstant, type UnixNs } from '@throughline/model/time';
import { Fault } from '../errors.js';
import type { Decoded, Rejected, WireSpan } from '../wire.js';
import type { Problems } from './attribute-value.js';
import { dataFromBase64, dataFromJson, spreadData, type EventData } from './cloudevent-data.js';
import { field, isObject, parseJson, textField, type Json, type JsonObject } from './json-text.js';
import { NO_OTLP_DETAIL, quoted, timeProblem, type Problem } from './span-draft.js';
import { parseTraceparent } from './traceparent.js';

/** Marks spans that were made from CloudEvents. */
export const CLOUDEVENTS_SCOPE = 'cloudevents';

/** One event in structured mode. @throws Fault BODY_UNREADABLE when the body is not JSON. */
export function decodeCloudEvent(body: Uint8Array, receivedAtNs: UnixNs): Decoded {
  const read = readEvent(parseJson(body), receivedAtNs);
  if (!('reason' in read)) return { spans: [read], rejected: [] };
  return { spans: [], rejected: [{ reason: read.reason, detail: read.what }] };
}

/** A batch of events. @throws Fault BODY_UNREADABLE when the body is not a JSON list. */
export function decodeCloudEventsBatch(body: Uint8Array, receivedAtNs: UnixNs): Decoded {
  const list = parseJson(body);
  if (!Array.isArray(list)) {
    throw new Fault('BODY_UNREADABLE', 'A CloudEvents batch is a JSON list of events.');
  }
  const spans: WireSpan[] = [];
  const rejected: Rejected[] = [];
  for (const [index, event] of (list as readonly Json[]).entries()) {
    const read = readEvent(event, receivedAtNs);
    if ('reason' in read) {
      rejected.push({ reason: read.reason, detail: `[${index}]: ${read.what}`, index });
    } else {
      spans.push(read);
    }
  }
  return { spans, rejected };
}

/**
 * An event becomes one span: its service the source, its name the type, its identity (source, id), whatever
 * trace it came from. The `traceparent` extension names the trace in which the event's flow began; it is a link.
 */
function readEvent(event: Json, receivedAtNs: UnixNs): WireSpan | Problem {
  if (!isObject(event)) return bad('the event is not an object');
  const problem = contextProblem(event);
  if (problem) return problem;
  const at = timeOf(event, receivedAtNs);
  if (typeof at !== 'bigint') return at;
  const attributes = contextAttributes(event);
  const data = dataOf(event);
  if (data && 'reason' in data) return data;
  const problems: Problems = { problem: null, keepsDoubles: false };
  if (data) {
    spreadData(data, attributes, problems);
    attributes.set('messaging.message.body.size', data.bytes);
  }
  if (problems.problem) return problems.problem;
  const source = textField(event, 'source');
  const origin = parseTraceparent(textField(event, 'traceparent'));
  return {
    ...identity(source, textField(event, 'id')),
    parentSpanId: null,
    name: textField(event, 'type'),
    kind: 'producer',
    startedAtNs: at,
    endedAtNs: at,
    attributes,
    links: origin ? [{ ...origin, traceState: '', flags: 0, attributes: new Map() }] : [],
    events: [],
    status: 'unset',
    statusMessage: '',
    resource: new Map([['service.name', source]]),
    scopeName: CLOUDEVENTS_SCOPE,
    ...NO_OTLP_DETAIL,
    isShared: false,
    peer: null,
  };
}

/** Ids that everyone derives alike from (source, id), so that an event sent twice is one. */
function identity(source: string, id: string): { traceId: TraceId; spanId: SpanId } {
  const digest = createHash('sha256').update(`cloudevent\0${source}\0${id}`).digest('hex');
  const trace = traceId(digest.slice(0, 32));
  const span = spanId(digest.slice(32, 48));
  invariant(trace && span, 'a digest is not all zero');
  return { traceId: trace, spanId: span };
}

const REQUIRED = ['specversion', 'id', 'source', 'type'] as const;
const OPTIONAL_TEXT = ['datacontenttype', 'dataschema', 'subject', 'time'] as const;
const CORE: ReadonlySet<string> = new Set([...REQUIRED, ...OPTIONAL_TEXT]);
/** RFC 2045: type and subtype are tokens; parameters follow. */
const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+\s*(?:;.*)?$/;

/** The rules of CloudEvents 1.0.2 sections 2 and 3 and of its JSON format. */
function contextProblem(event: JsonObject): Problem | null {
  for (const name of REQUIRED) {
    const value = field(event, name);
    if (value === undefined || value === null) return bad(`the attribute ${name} is missing`);
    if (typeof value !== 'string' || value === '') return bad(`${name} must be a text, not empty`);
  }
  if (field(event, 'specversion') !== '1.0') {
    return bad(`specversion ${quoted(textField(event, 'specversion'))} is not known; send 1.0`);
  }
  for (const name of OPTIONAL_TEXT) {
    const value = field(event, name) ?? null;
    if (value === null) continue;
    if (typeof value !== 'string' || value === '') return bad(`${name} must be a text, not empty`);
  }
  const type = textField(event, 'datacontenttype');
  if (type !== '' && !MEDIA_TYPE.test(type)) {
    return bad(`datacontenttype ${quoted(type)} is not a media type`);
  }
  return extensionProblem(event);
}

function extensionProblem(event: JsonObject): Problem | null {
  for (const [name, value] of Object.entries(event)) {
    if (CORE.has(name) || name === 'data' || name === 'data_base64') continue;
    if (!/^[a-z0-9]+$/.test(name)) {
      return bad(`the attribute name ${quoted(name)} has other characters than a-z and 0-9`);
    }
    const isScalar = value === null || ['string', 'boolean', 'number'].includes(typeof value);
    if (!isScalar || (typeof value === 'number' && !Number.isInteger(value))) {
      return bad(`the attribute ${name} must be a text, a whole number or true/false`);
    }
  }
  return null;
}

/** An event without a time happened, as far as anyone knows, when it arrived. */
function timeOf(event: JsonObject, receivedAtNs: UnixNs): UnixNs | Problem {
  const text = textField(event, 'time');
  if (text === '') return receivedAtNs;
  const at = parseInstant(text);
  if (at === undefined) {
    return { reason: 'invalid_time', what: `time ${quoted(text)} is not RFC 3339` };
  }
  return timeProblem('time', at) ?? at;
}

/** Every attribute under its own name, and the five that OpenTelemetry names under those names too. */
function contextAttributes(event: JsonObject): Map<string, AttributeValue> {
  const attributes = new Map<string, AttributeValue>();
  for (const [name, value] of Object.entries(event)) {
    if (name === 'data' || name === 'data_base64') continue;
    if (value !== null && value !== undefined) attributes.set(name, value as AttributeValue);
  }
  for (const [name, semantic] of SEMANTIC_NAMES) {
    const value = field(event, name) ?? null;
    if (value !== null) attributes.set(semantic, value as AttributeValue);
  }
  return attributes;
}

const SEMANTIC_NAMES = [
  ['id', 'cloudevents.event_id'],
  ['source', 'cloudevents.event_source'],
  ['type', 'cloudevents.event_type'],
  ['subject', 'cloudevents.event_subject'],
  ['specversion', 'cloudevents.event_spec_version'],
] as const;

function dataOf(event: JsonObject): EventData | Problem | null {
  const data = field(event, 'data');
  const base64 = field(event, 'data_base64') ?? null;
  if (base64 === null) return data === undefined || data === null ? null : dataFromJson(data);
  if (data !== undefined) return bad('an event has either data or data_base64, not both');
  if (typeof base64 !== 'string' || !/^[A-Za-z0-9+/\s]*={0,2}$/.test(base64)) {
    return bad('data_base64 is not base64');
  }
  return dataFromBase64(base64, textField(event, 'datacontenttype'));
}

function bad(what: string): Problem {
  return { reason: 'malformed_event', what };
}
