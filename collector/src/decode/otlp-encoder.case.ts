import protobuf from 'protobufjs';

// The encoder's own bound lies below the depths that the reader must be shown.
(protobuf.util as { recursionLimit: number }).recursionLimit = 10_000;

/** The parts of opentelemetry/proto that carry spans and log records, written down for an independent encoder. */
const schema = protobuf.parse(
  `syntax = "proto3";
  message Request { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; string schema_url = 3; }
  message Logs { repeated ResourceLogs resource_logs = 1; }
  message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; string schema_url = 3; }
  message ScopeLogs { Scope scope = 1; repeated LogRecord log_records = 2; string schema_url = 3; }
  message LogRecord {
    fixed64 time_unix_nano = 1; int32 severity_number = 2; string severity_text = 3; AnyValue body = 5;
    repeated KeyValue attributes = 6; uint32 dropped_attributes_count = 7; fixed32 flags = 8;
    bytes trace_id = 9; bytes span_id = 10; fixed64 observed_time_unix_nano = 11; string event_name = 12;
  }
  message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; }
  message ScopeSpans { Scope scope = 1; repeated Span spans = 2; string schema_url = 3; }
  message Scope { string name = 1; string version = 2; repeated KeyValue attributes = 3; }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5;
    int32 kind = 6; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
    repeated KeyValue attributes = 9; uint32 dropped_attributes_count = 10;
    repeated Event events = 11; uint32 dropped_events_count = 12;
    repeated Link links = 13; uint32 dropped_links_count = 14; Status status = 15; fixed32 flags = 16;
  }
  message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; }
  message Link {
    bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; repeated KeyValue attributes = 4; fixed32 flags = 6;
  }
  message Status { string message = 2; int32 code = 3; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue {
    oneof value {
      string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4;
      ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7;
    }
  }
  message ArrayValue { repeated AnyValue values = 1; }
  message KeyValueList { repeated KeyValue values = 1; }`,
).root;

/** OTLP/JSON as an object: lowerCamelCase, ids in hex, 64-bit integers as text. */
export type OtlpJson = Readonly<Record<string, unknown>>;

const HEX_FIELDS: ReadonlySet<string> = new Set(['traceId', 'spanId', 'parentSpanId']);
const LONG_FIELDS: ReadonlySet<string> = new Set([
  'startTimeUnixNano',
  'endTimeUnixNano',
  'timeUnixNano',
  'observedTimeUnixNano',
  'intValue',
]);

/** Encodes the same request that the JSON says, with somebody else's encoder. */
export function encodeProtobuf(request: OtlpJson): Uint8Array {
  return encodeAs('Request', request);
}

/** The same for an ExportLogsServiceRequest. */
export function encodeProtobufLogs(request: OtlpJson): Uint8Array {
  return encodeAs('Logs', request);
}

function encodeAs(name: string, request: OtlpJson): Uint8Array {
  const type = schema.lookupType(name);
  return type.encode(type.fromObject(binary(request) as Record<string, unknown>)).finish();
}

function binary(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(binary);
  if (typeof value !== 'object' || value === null) return value;
  const made: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) {
    if (HEX_FIELDS.has(name)) made[name] = Buffer.from(String(inner), 'hex');
    else if (name === 'bytesValue') made[name] = Buffer.from(String(inner), 'base64');
    else if (LONG_FIELDS.has(name)) made[name] = long(String(inner), name !== 'intValue');
    else made[name] = binary(inner);
  }
  return made;
}

function long(digits: string, isUnsigned: boolean): unknown {
  const Long = protobuf.util.Long as unknown as {
    fromString(digits: string, isUnsigned: boolean): unknown;
  };
  return Long.fromString(digits, isUnsigned);
}
