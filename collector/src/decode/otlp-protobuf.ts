import type { AttributeValue } from '@throughline/model/step';
import type { Decoded, Rejected, WireKind, WireSpan } from '../wire.js';
import type { Problems } from './attribute-value.js';
import { GatheredAttributes } from './gathered-attributes.js';
import { at, bytes, OtlpProtobufEnvelope } from './otlp-protobuf-envelope.js';
import { WIRE } from './protobuf-reader.js';
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

const NO_ATTRIBUTES = new Map<string, AttributeValue>();

const LEVELS = { ofResource: 'resourceSpans', ofScope: 'scopeSpans', records: 'spans' };

class OtlpProtobufSpans extends OtlpProtobufEnvelope {
  readonly #spans: WireSpan[] = [];
  readonly #rejected: Rejected[] = [];
  readonly #attributes = new GatheredAttributes();

  constructor(body: Uint8Array, keepsDoubles: boolean) {
    super(body, keepsDoubles, LEVELS);
  }

  request(): Decoded {
    this.walk();
    return { spans: this.#spans, rejected: this.#rejected };
  }

  protected record(surroundings: SpanSurroundings, place: () => string): void {
    const judged = judge(this.#span(), surroundings, place);
    if (isRejected(judged)) this.#rejected.push(judged);
    else this.#spans.push(judged);
  }

  #span(): SpanDraft {
    const { reader } = this;
    const draft = newSpanDraft(this.keepsDoubles);
    while (reader.hasMore) {
      const tag = reader.tag();
      if (tag === bytes(9)) this.gather(this.#attributes, draft);
      else if (tag === bytes(1)) draft.traceId = reader.hex();
      else if (tag === bytes(2)) draft.spanId = reader.hex();
      else if (tag === bytes(3)) draft.traceState = reader.string();
      else if (tag === bytes(4)) draft.parentSpanId = reader.hex();
      else if (tag === bytes(5)) draft.name = reader.string();
      else if (tag === at(6, WIRE.varint)) draft.kind = KINDS[reader.int32()] ?? 'unspecified';
      else if (tag === at(7, WIRE.fixed64)) draft.startedAtNs = reader.fixed64();
      else if (tag === at(8, WIRE.fixed64)) draft.endedAtNs = reader.fixed64();
      else if (tag === bytes(11)) draft.events.push(this.#event(draft));
      else if (tag === bytes(13)) draft.links.push(this.#link(draft));
      else if (tag === bytes(15)) this.#status(draft);
      else if (tag === at(16, WIRE.fixed32)) draft.flags = reader.fixed32();
      else reader.passOver(tag);
    }
    draft.attributes = this.#attributes.take();
    return draft;
  }

  #event(problems: Problems): EventDraft {
    const { reader } = this;
    const event: EventDraft = { name: '', atNs: 0n, attributes: new Map() };
    const outer = reader.enter();
    while (reader.hasMore) {
      const tag = reader.tag();
      if (tag === at(1, WIRE.fixed64)) event.atNs = reader.fixed64();
      else if (tag === bytes(2)) event.name = reader.string();
      else if (tag === bytes(3)) this.attribute(event.attributes, problems);
      else reader.passOver(tag);
    }
    reader.leave(outer);
    return event;
  }

  #link(problems: Problems): LinkDraft {
    const { reader } = this;
    const link: LinkDraft = {
      traceId: '',
      spanId: '',
      traceState: '',
      flags: 0,
      attributes: NO_ATTRIBUTES,
    };
    const outer = reader.enter();
    while (reader.hasMore) {
      const tag = reader.tag();
      if (tag === bytes(1)) link.traceId = reader.hex();
      else if (tag === bytes(2)) link.spanId = reader.hex();
      else if (tag === bytes(3)) link.traceState = reader.string();
      else if (tag === bytes(4)) {
        // Hardly any link has one.
        if (link.attributes === NO_ATTRIBUTES) link.attributes = new Map();
        this.attribute(link.attributes, problems);
      } else if (tag === at(6, WIRE.fixed32)) link.flags = reader.fixed32();
      else reader.passOver(tag);
    }
    reader.leave(outer);
    return link;
  }

  #status(draft: SpanDraft): void {
    const { reader } = this;
    const outer = reader.enter();
    while (reader.hasMore) {
      const tag = reader.tag();
      if (tag === bytes(2)) draft.statusMessage = reader.string();
      else if (tag === at(3, WIRE.varint)) draft.status = statusOf(reader.int32());
      else reader.passOver(tag);
    }
    reader.leave(outer);
  }
}

/** The enum StatusCode; other numbers are unset. */
export function statusOf(code: number): WireSpan['status'] {
  if (code === 1) return 'ok';
  return code === 2 ? 'error' : 'unset';
}
