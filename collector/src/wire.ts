import type { AttributeValue, Attributes, StepSignal } from '@throughline/model/step';
import type { SpanId, TraceId } from '@throughline/model/ids';
import type { UnixNs } from '@throughline/model/time';

/**
 * A span as it came over the wire, whatever the protocol. Only `decode` makes these and only `normalize`
 * reads them: below normalize no wire name exists.
 */
export interface WireSpan {
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  readonly parentSpanId: SpanId | null;
  readonly name: string;
  readonly kind: WireKind;
  readonly startedAtNs: UnixNs;
  readonly endedAtNs: UnixNs;
  readonly attributes: Attributes;
  readonly links: readonly WireLink[];
  readonly events: readonly WireEvent[];
  readonly status: 'unset' | 'ok' | 'error';
  readonly statusMessage: string;
  /** One object per resource of the request: spans of one service share it. */
  readonly resource: Attributes;
  readonly scopeName: string;
  readonly scopeVersion: string;
  /** One object per scope of the request. */
  readonly scopeAttributes: Attributes;
  /** W3C trace state as it came; empty where there was none. */
  readonly traceState: string;
  /** The 32 bits of OTLP's flags: the lowest byte is the W3C trace flags. */
  readonly flags: number;
  /** Zipkin: the server's half of a span, under an id that the client's half may have too. */
  readonly isShared: boolean;
  /** The protocol knew the other side's name (Zipkin remote endpoint). */
  readonly peer: string | null;
  /** Made of a log record that says no more than that a step starts, lives or ends. Absent: a span. */
  readonly signal?: StepSignal;
}

/**
 * Attributes whose names many spans share: `sequence` is the same object for all that have the same names in the same
 * order, and the values stand in `listed`, each at the place of its name.
 */
export interface SequencedAttributes extends Attributes {
  readonly sequence: NamePlaces;
  readonly listed: readonly AttributeValue[];
}

export interface NamePlaces {
  readonly names: readonly string[];
  placeOf(name: string): number | undefined;
}

export type WireKind = 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';

export interface WireLink {
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  readonly traceState: string;
  readonly flags: number;
  readonly attributes: Attributes;
}

export interface WireEvent {
  readonly name: string;
  readonly atNs: UnixNs;
  readonly attributes: Attributes;
}

/** Why a span was not taken: counted under `rejected{reason}`, told to the sender. */
export type RejectReason =
  | 'invalid_trace_id'
  | 'invalid_span_id'
  | 'invalid_time'
  | 'too_many_attributes'
  | 'too_many_links'
  | 'too_many_events'
  | 'too_deep'
  | 'malformed_span'
  | 'malformed_event';

export interface Rejected {
  readonly reason: RejectReason;
  /** One sentence with the place in the body: `resourceSpans[0].scopeSpans[0].spans[3]: traceId has 30 digits`. */
  readonly detail: string;
  /** Place of the refused element in a batch of events or spans, where the body is a plain list. */
  readonly index?: number;
}

/** Decoding never throws on a span: the good ones and the refused ones, both. */
export interface Decoded {
  readonly spans: readonly WireSpan[];
  readonly rejected: readonly Rejected[];
  /** Log records that are no step signals. Absent: the protocol has none. */
  readonly ignored?: number;
}

/** How a stored body is to be read. */
export type BodyFormat =
  | 'otlp-protobuf'
  | 'otlp-json'
  | 'otlp-logs-protobuf'
  | 'otlp-logs-json'
  | 'zipkin-json'
  | 'cloudevent'
  | 'cloudevents-batch';

/** A request body as it arrived, content encoding untouched. What is stored is this and nothing derived from it. */
export interface ReceivedBody {
  readonly format: BodyFormat;
  readonly contentEncoding: 'identity' | 'gzip';
  readonly body: Uint8Array;
  readonly receivedAtNs: UnixNs;
  /** Spans in the body, good and refused. */
  readonly spanCount: number;
}
