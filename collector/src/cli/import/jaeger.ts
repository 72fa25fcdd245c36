import type { Json, JsonObject } from '../../decode/json-text.js';
import { field, isObject, textField } from '../../decode/json-text.js';
import { attributesOf, tagsOf, type Tag } from './jaeger-tags.js';

/** A span as OTLP/JSON, and the process that it ran in. */
export interface JaegerSpan {
  readonly span: object;
  readonly resource: object;
  readonly scope: object;
  /** Equal for spans that share resource and scope. */
  readonly group: string;
}

const KINDS: Readonly<Record<string, number>> = {
  internal: 1,
  server: 2,
  client: 3,
  producer: 4,
  consumer: 5,
};

/** Tags that have a field of their own in OTLP, in the spellings of Jaeger's and OpenTelemetry's exporters. */
const MOVED = new Set([
  'span.kind',
  'otel.status_code',
  'otel.status_description',
  'otel.scope.name',
  'otel.scope.version',
  'otel.library.name',
  'otel.library.version',
  'w3c.tracestate',
]);

/**
 * The spans of one value in a file of Jaeger's: a trace as the API and the UI write it, or a span of its own with
 * its process inside, as in the Elasticsearch indices.
 *
 * @returns null when the value is neither. What is wrong with a span is for the collector to judge and to name.
 */
export function jaegerSpans(value: Json): readonly JaegerSpan[] | null {
  const object = isObject(value) ? inside(value) : null;
  if (object === null) return null;
  const spans = field(object, 'spans');
  if (Array.isArray(spans)) {
    const processes = field(object, 'processes');
    return (spans as readonly Json[]).map((span) =>
      translated(isObject(span) ? span : {}, isObject(processes) ? processes : {}, object),
    );
  }
  return 'operationName' in object ? [translated(object, {}, object)] : null;
}

function inside(value: JsonObject): JsonObject {
  const source = field(value, '_source');
  return isObject(source) ? source : value;
}

function translated(span: JsonObject, processes: JsonObject, trace: JsonObject): JaegerSpan {
  const tags = tagsOf(span);
  const resource = resourceOf(processOf(span, processes));
  const scope = scopeOf(tags);
  return {
    span: otlpSpan(span, tags, textField(span, 'traceID') || textField(trace, 'traceID')),
    resource,
    scope,
    group: JSON.stringify([resource, scope]),
  };
}

/** Most exports share processes within a trace; the UI's model and Elasticsearch put them into each span. */
function processOf(span: JsonObject, processes: JsonObject): JsonObject {
  const shared = field(processes, textField(span, 'processID'));
  const own = field(span, 'process');
  return isObject(shared) ? shared : isObject(own) ? own : {};
}

function resourceOf(process: JsonObject): object {
  const service = textField(process, 'serviceName');
  const tags = tagsOf(process).map((tag) =>
    tag.key === 'hostname' ? { ...tag, key: 'host.name' } : tag,
  );
  const name = { key: 'service.name', value: { stringValue: service } };
  return { attributes: [...(service === '' ? [] : [name]), ...attributesOf(tags)] };
}

function scopeOf(tags: readonly Tag[]): object {
  const name = textOf(tags, 'otel.scope.name') ?? textOf(tags, 'otel.library.name');
  const version = textOf(tags, 'otel.scope.version') ?? textOf(tags, 'otel.library.version');
  return name === null ? {} : { name, ...(version === null ? {} : { version }) };
}

function otlpSpan(span: JsonObject, tags: readonly Tag[], trace: string): object {
  const traceId = padded(trace, 32);
  const startNs = nanoseconds(field(span, 'startTime'));
  const kind = KINDS[(textOf(tags, 'span.kind') ?? 'internal').toLowerCase()] ?? 1;
  const { parent, links } = referencesOf(span, traceId);
  const flags = field(span, 'flags');
  const state = textOf(tags, 'w3c.tracestate');
  return {
    traceId,
    spanId: padded(textField(span, 'spanID'), 16),
    ...(parent === null ? {} : { parentSpanId: parent.spanId }),
    name: textField(span, 'operationName'),
    kind,
    startTimeUnixNano: String(startNs),
    endTimeUnixNano: String(startNs + nanoseconds(field(span, 'duration'))),
    attributes: [
      ...attributesOf(tags.filter(({ key }) => !MOVED.has(key))),
      ...(parent?.isFollowed === true ? [FOLLOWS] : []),
      ...warningsOf(span),
    ],
    events: logsOf(span),
    links,
    status: statusOf(tags),
    ...(typeof flags === 'number' ? { flags } : {}),
    ...(state === null ? {} : { traceState: state }),
  };
}

const REF_TYPE = 'opentracing.ref_type';
const FOLLOWS = { key: REF_TYPE, value: { stringValue: 'follows_from' } };

interface References {
  readonly parent: { readonly spanId: string; readonly isFollowed: boolean } | null;
  readonly links: readonly object[];
}

/**
 * The parent is the first CHILD_OF within the trace, else the first FOLLOWS_FROM within it: Jaeger's own model says
 * so. All others are links, which keep their kind. Old exports have `parentSpanID` in their place.
 */
function referencesOf(span: JsonObject, traceId: string): References {
  const list = field(span, 'references');
  const all = (Array.isArray(list) ? (list as readonly Json[]) : [])
    .filter(isObject)
    .map((one) => ({
      traceId: padded(textField(one, 'traceID'), 32),
      spanId: padded(textField(one, 'spanID'), 16),
      isFollowed: textField(one, 'refType') === 'FOLLOWS_FROM',
    }));
  const within = all.filter((one) => one.traceId === traceId);
  const parent = within.find(({ isFollowed }) => !isFollowed) ?? within[0] ?? null;
  const old = textField(span, 'parentSpanID');
  if (parent === null && old !== '') {
    return { parent: { spanId: padded(old, 16), isFollowed: false }, links: [] };
  }
  const links = all
    .filter((one) => one !== parent)
    .map((one) => ({
      traceId: one.traceId,
      spanId: one.spanId,
      attributes: [
        { key: REF_TYPE, value: { stringValue: one.isFollowed ? 'follows_from' : 'child_of' } },
      ],
    }));
  return { parent, links };
}

/** A log's field `event` names it, as OpenTracing and OpenTelemetry's exporters have it. */
function logsOf(span: JsonObject): readonly object[] {
  const logs = field(span, 'logs');
  return (Array.isArray(logs) ? (logs as readonly Json[]) : []).filter(isObject).map((log) => {
    const fields = tagsOf(log);
    return {
      timeUnixNano: String(nanoseconds(field(log, 'timestamp'))),
      name: textOf(fields, 'event') ?? '',
      attributes: attributesOf(fields.filter(({ key }) => key !== 'event')),
    };
  });
}

/** What Jaeger itself remarked when the span was stored or read, such as a clock that it corrected. */
function warningsOf(span: JsonObject): readonly object[] {
  const list = field(span, 'warnings');
  const warnings = (Array.isArray(list) ? (list as readonly Json[]) : []).flatMap((warning) =>
    typeof warning === 'string' ? { stringValue: warning } : [],
  );
  return warnings.length === 0
    ? []
    : [{ key: 'jaeger.warnings', value: { arrayValue: { values: warnings } } }];
}

const STATUS_CODES: Readonly<Record<string, number>> = { OK: 1, ERROR: 2 };

function statusOf(tags: readonly Tag[]): object {
  const named = STATUS_CODES[(textOf(tags, 'otel.status_code') ?? '').toUpperCase()];
  const isError = textOf(tags, 'error') === 'true';
  const code = named ?? (isError ? 2 : undefined);
  const message = textOf(tags, 'otel.status_description');
  return { ...(code === undefined ? {} : { code }), ...(message === null ? {} : { message }) };
}

function textOf(tags: readonly Tag[], key: string): string | null {
  const value = tags.find((tag) => tag.key === key)?.value;
  return value === undefined || value === null || typeof value === 'object' ? null : String(value);
}

/** Jaeger leaves the zeros of short ids out. What is no id stays, and is refused with its own text. */
function padded(id: string, digits: number): string {
  return /^[0-9a-fA-F]+$/.test(id) ? id.toLowerCase().padStart(digits, '0') : id;
}

/** From microseconds, which may have come with a fraction or as text. */
function nanoseconds(microseconds: Json | undefined): bigint {
  if (typeof microseconds === 'string' && /^-?\d+$/.test(microseconds)) {
    return BigInt(microseconds) * 1000n;
  }
  if (typeof microseconds !== 'number' || !Number.isFinite(microseconds)) return 0n;
  const whole = Math.trunc(microseconds);
  return BigInt(whole) * 1000n + BigInt(Math.round((microseconds - whole) * 1000));
}
