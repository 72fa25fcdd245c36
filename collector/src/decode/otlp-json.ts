import type { AttributeValue } from '@throughline/model/step';
import { Fault } from '../errors.js';
import type { Decoded, Rejected, WireSpan } from '../wire.js';
import type { Problems } from './attribute-value.js';
import {
  field,
  isObject,
  listOf,
  parseJson,
  textField,
  type Json,
  type JsonObject,
} from './json-text.js';
import { malformed, readAttributes, readInteger } from './otlp-json-value.js';
import { KINDS, statusOf } from './otlp-protobuf.js';
import {
  isRejected,
  judge,
  newSpanDraft,
  shown,
  type EventDraft,
  type LinkDraft,
  type SpanDraft,
  type SpanSurroundings,
} from './span-draft.js';

/**
 * Reads an ExportTraceServiceRequest in OTLP/JSON: lowerCamelCase names, hex ids, integer enums, 64-bit integers as
 * text or number (OTLP 1.11, section "JSON Protobuf Encoding"). Unknown fields are ignored; what is spelled in
 * snake_case is refused span by span, since ignoring it would lose it in silence.
 *
 * @param keepsDoubles whole numbers that came as doubles are `WholeDouble`s.
 * @throws Fault BODY_UNREADABLE when the body is not JSON or its envelope is not the one of the protocol.
 */
export function decodeOtlpJson(body: Uint8Array, keepsDoubles = false): Decoded {
  const request = parseJson(body);
  if (!isObject(request)) {
    throw new Fault('BODY_UNREADABLE', 'The JSON body is not an object with resourceSpans.');
  }
  const result: Collected = { spans: [], rejected: [], keepsDoubles };
  for (const [index, entry] of listOf(request, 'resourceSpans', '').entries()) {
    readResourceSpans(
      envelope(entry, `resourceSpans[${index}]`),
      `resourceSpans[${index}]`,
      result,
    );
  }
  refuseSnakeCase(request, 'resource_spans', result);
  return { spans: result.spans, rejected: result.rejected };
}

interface Collected {
  readonly spans: WireSpan[];
  readonly rejected: Rejected[];
  readonly keepsDoubles: boolean;
}

export function envelope(entry: Json, place: string): JsonObject {
  if (isObject(entry)) return entry;
  throw new Fault('BODY_UNREADABLE', `${place} is not an object.`);
}

function readResourceSpans(entry: JsonObject, place: string, result: Collected): void {
  const problems: Problems = { problem: null, keepsDoubles: result.keepsDoubles };
  const raw = field(entry, 'resource');
  const resource: Map<string, AttributeValue> = isObject(raw)
    ? readAttributes(field(raw, 'attributes'), 'resource.attributes', problems)
    : new Map<string, AttributeValue>();
  for (const [index, scope] of listOf(entry, 'scopeSpans', `${place}.`).entries()) {
    const scopePlace = `${place}.scopeSpans[${index}]`;
    const object = envelope(scope, scopePlace);
    const surroundings: SpanSurroundings = {
      resource,
      ...readScope(field(object, 'scope'), result.keepsDoubles),
      problem: problems.problem,
    };
    for (const [spanIndex, span] of listOf(object, 'spans', `${scopePlace}.`).entries()) {
      const draft = readSpan(span, result.keepsDoubles);
      const judged = judge(draft, surroundings, () => `${scopePlace}.spans[${spanIndex}]`);
      if (isRejected(judged)) result.rejected.push(judged);
      else result.spans.push(judged);
    }
  }
  refuseSnakeCase(entry, 'scope_spans', result);
}

/** No span is refused for what is wrong with its scope: nothing but an export reads it. */
export function readScope(
  scope: Json | undefined,
  keepsDoubles: boolean,
): Omit<SpanSurroundings, 'resource' | 'problem'> {
  const given = isObject(scope) ? scope : {};
  const problems: Problems = { problem: null, keepsDoubles };
  return {
    scopeName: textField(given, 'name'),
    scopeVersion: textField(given, 'version'),
    scopeAttributes: readAttributes(field(given, 'attributes'), 'scope.attributes', problems),
  };
}

function readSpan(span: Json, keepsDoubles: boolean): SpanDraft {
  const draft = newSpanDraft(keepsDoubles);
  if (!isObject(span)) {
    malformed(draft, 'the span is not an object');
    return draft;
  }
  draft.traceId = text(span, 'traceId', draft);
  draft.spanId = text(span, 'spanId', draft);
  draft.parentSpanId = text(span, 'parentSpanId', draft);
  draft.traceState = textField(span, 'traceState');
  draft.flags = flagsOf(span);
  draft.name = text(span, 'name', draft);
  draft.kind = KINDS[enumValue(span, 'kind', draft)] ?? 'unspecified';
  draft.startedAtNs = time(span, 'startTimeUnixNano', draft);
  draft.endedAtNs = time(span, 'endTimeUnixNano', draft);
  draft.attributes = readAttributes(field(span, 'attributes'), 'attributes', draft);
  draft.events = objects(span, 'events', draft).map((event) => readEvent(event, draft));
  draft.links = objects(span, 'links', draft).map((link) => readLink(link, draft));
  const status = field(span, 'status');
  if (isObject(status)) {
    draft.status = statusOf(enumValue(status, 'code', draft));
    draft.statusMessage = text(status, 'message', draft);
  }
  return draft;
}

function readEvent(event: JsonObject, draft: SpanDraft): EventDraft {
  return {
    name: text(event, 'name', draft),
    atNs: time(event, 'timeUnixNano', draft),
    attributes: readAttributes(field(event, 'attributes'), 'event attributes', draft),
  };
}

function readLink(link: JsonObject, draft: SpanDraft): LinkDraft {
  return {
    traceId: text(link, 'traceId', draft),
    spanId: text(link, 'spanId', draft),
    traceState: textField(link, 'traceState'),
    flags: flagsOf(link),
    attributes: readAttributes(field(link, 'attributes'), 'link attributes', draft),
  };
}

/** A fixed32; what is none says nothing, and no span is refused for it. */
export function flagsOf(object: JsonObject): number {
  const flags = field(object, 'flags');
  return typeof flags === 'number' && flags >>> 0 === flags ? flags : 0;
}

function text(object: JsonObject, name: string, problems: Problems): string {
  const value = field(object, name) ?? '';
  if (typeof value === 'string') return value;
  malformed(problems, `${name} is not text`);
  return '';
}

export function time(object: JsonObject, name: string, problems: Problems): bigint {
  const value = field(object, name) ?? null;
  if (value === null || value === '') return 0n;
  const nanoseconds = readInteger(value);
  if (nanoseconds !== undefined) return nanoseconds;
  problems.problem ??= {
    reason: 'invalid_time',
    what: `${name} ${shown(value)} is no whole number of nanoseconds`,
  };
  return 0n;
}

/** OTLP/JSON wants enums as integers; the names of the general protobuf mapping are refused with a hint. */
function enumValue(object: JsonObject, name: string, problems: Problems): number {
  const value = field(object, name) ?? 0;
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  malformed(problems, `${name} ${shown(value)}: OTLP/JSON wants enums as integers`);
  return 0;
}

function objects(object: JsonObject, name: string, problems: Problems): readonly JsonObject[] {
  const list = field(object, name);
  if (list === undefined || list === null) return [];
  if (Array.isArray(list) && (list as readonly Json[]).every(isObject)) {
    return list as readonly JsonObject[];
  }
  malformed(problems, `${name} is not an array of objects`);
  return [];
}

/** Counts the spans under a misspelled list, so that their sender learns about them. */
function refuseSnakeCase(object: JsonObject, name: string, result: Collected): void {
  const list = field(object, name);
  if (!Array.isArray(list)) return;
  const hint = `${name} is spelled in snake_case; OTLP/JSON wants lowerCamelCase`;
  let open = list as readonly Json[];
  for (let level = 0; level < 3 && open.length > 0; level++) {
    const below: Json[] = [];
    for (const entry of open) {
      if (!isObject(entry)) continue;
      for (const next of ['scope_spans', 'scopeSpans', 'spans']) {
        const inner = field(entry, next);
        if (!Array.isArray(inner)) continue;
        if (next !== 'spans') below.push(...(inner as readonly Json[]));
        else
          for (const _ of inner) result.rejected.push({ reason: 'malformed_span', detail: hint });
      }
    }
    open = below;
  }
}
