import type { Decoded, Rejected, WireKind, WireSpan } from '../wire.js';
import type { Problems } from './attribute-value.js';
import { at, bytes, OtlpProtobufEnvelope } from './otlp-protobuf-envelope.js';
import { WIRE, type Slice } from './protobuf-reader.js';
import {
  isRejected,
  judge,
  newSpanDraft,
  type EventDraft,
  type LinkDraft,
  type SpanDraft,
  type SpanSurroundings,
} from './span-draft.js';

/** The enum SpanKind of opentelemetry/proto/trace/v1/trace.proto; other numbers are unspecified. */
export const KINDS: readonly WireKind[] = [
  'unspecified',
  'internal',
  'server',
  'client',
  'producer',
  'consumer',
];

/**
 * Reads an ExportTraceServiceRequest (opentelemetry-proto 1.x). Unknown fields are passed over.
 *
 * @param keepsDoubles whole numbers that came as doubles are `WholeDouble`s.
 * @throws Fault BODY_UNREADABLE when the bytes are no such message.
 */
export function decodeOtlpProtobuf(body: Uint8Array, keepsDoubles = false): Decoded {
  return new OtlpProtobufSpans(body, keepsDoubles).request();
}

const LEVELS = { ofResource: 'resourceSpans', ofScope: 'scopeSpans', records: 'spans' };

class OtlpProtobufSpans extends OtlpProtobufEnvelope {
  readonly #spans: WireSpan[] = [];
  readonly #rejected: Rejected[] = [];

  constructor(body: Uint8Array, keepsDoubles: boolean) {
    super(body, keepsDoubles, LEVELS);
  }

  request(): Decoded {
    this.walk();
    return { spans: this.#spans, rejected: this.#rejected };
  }

  protected record(slice: Slice, surroundings: SpanSurroundings, place: () => string): void {
    const judged = judge(this.#span(slice), surroundings, place);
    if (isRejected(judged)) this.#rejected.push(judged);
    else this.#spans.push(judged);
  }

  #span(slice: Slice): SpanDraft {
    const draft = newSpanDraft(this.keepsDoubles);
    this.each(slice, (tag, reader) => {
      if (tag === bytes(1)) draft.traceId = reader.hex();
      else if (tag === bytes(2)) draft.spanId = reader.hex();
      else if (tag === bytes(3)) draft.traceState = reader.string();
      else if (tag === bytes(4)) draft.parentSpanId = reader.hex();
      else if (tag === bytes(5)) draft.name = reader.string();
      else if (tag === at(6, WIRE.varint)) draft.kind = KINDS[reader.int32()] ?? 'unspecified';
      else if (tag === at(7, WIRE.fixed64)) draft.startedAtNs = reader.fixed64();
      else if (tag === at(8, WIRE.fixed64)) draft.endedAtNs = reader.fixed64();
      else if (tag === bytes(9)) this.attribute(reader.slice(), draft.attributes, draft);
      else if (tag === bytes(11)) draft.events.push(this.#event(reader.slice(), draft));
      else if (tag === bytes(13)) draft.links.push(this.#link(reader.slice(), draft));
      else if (tag === bytes(15)) this.#status(reader.slice(), draft);
      else if (tag === at(16, WIRE.fixed32)) draft.flags = reader.fixed32();
      else return false;
      return true;
    });
    return draft;
  }

  #event(slice: Slice, problems: Problems): EventDraft {
    const event: EventDraft = { name: '', atNs: 0n, attributes: new Map() };
    this.each(slice, (tag, reader) => {
      if (tag === at(1, WIRE.fixed64)) event.atNs = reader.fixed64();
      else if (tag === bytes(2)) event.name = reader.string();
      else if (tag === bytes(3)) this.attribute(reader.slice(), event.attributes, problems);
      else return false;
      return true;
    });
    return event;
  }

  #link(slice: Slice, problems: Problems): LinkDraft {
    const link: LinkDraft = {
      traceId: '',
      spanId: '',
      traceState: '',
      flags: 0,
      attributes: new Map(),
    };
    this.each(slice, (tag, reader) => {
      if (tag === bytes(1)) link.traceId = reader.hex();
      else if (tag === bytes(2)) link.spanId = reader.hex();
      else if (tag === bytes(3)) link.traceState = reader.string();
      else if (tag === bytes(4)) this.attribute(reader.slice(), link.attributes, problems);
      else if (tag === at(6, WIRE.fixed32)) link.flags = reader.fixed32();
      else return false;
      return true;
    });
    return link;
  }

  #status(slice: Slice, draft: SpanDraft): void {
    this.each(slice, (tag, reader) => {
      if (tag === bytes(2)) draft.statusMessage = reader.string();
      else if (tag === at(3, WIRE.varint)) draft.status = statusOf(reader.int32());
      else return false;
      return true;
    });
  }
}

/** The enum StatusCode; other numbers are unset. */
export function statusOf(code: number): WireSpan['status'] {
  if (code === 1) return 'ok';
  return code === 2 ? 'error' : 'unset';
}
