import { bytesFromBase64 } from '@throughline/model/bytes-value';
import type { AttributeValue } from '@throughline/model/step';
import { LIMITS } from '../limits.js';
import type { Decoded, Rejected, WireKind, WireSpan } from '../wire.js';
import { emptyRecord, type Problems } from './attribute-value.js';
import { ProtobufReader, WIRE, type Slice } from './protobuf-reader.js';
import {
  isRejected,
  judge,
  newSpanDraft,
  type EventDraft,
  type LinkDraft,
  type SpanDraft,
  type SpanSurroundings,
} from './span-draft.js';
import { doubleOf } from './whole-double.js';

/** The enum SpanKind of opentelemetry/proto/trace/v1/trace.proto; other numbers are unspecified. */
export const KINDS: readonly WireKind[] = [
  'unspecified',
  'internal',
  'server',
  'client',
  'producer',
  'consumer',
];

/** Wire type in the lower three bits of a tag. */
const at = (field: number, wire: number): number => (field << 3) | wire;
const bytes = (field: number): number => at(field, WIRE.bytes);

/**
 * Reads an ExportTraceServiceRequest (opentelemetry-proto 1.x). Unknown fields are passed over.
 *
 * @param keepsDoubles whole numbers that came as doubles are `WholeDouble`s.
 * @throws Fault BODY_UNREADABLE when the bytes are no such message.
 */
export function decodeOtlpProtobuf(body: Uint8Array, keepsDoubles = false): Decoded {
  const bytesOfBody = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return new OtlpProtobuf(bytesOfBody, keepsDoubles).request();
}

type Scope = Omit<SpanSurroundings, 'resource' | 'problem'>;
const NO_SCOPE: Scope = { scopeName: '', scopeVersion: '', scopeAttributes: new Map() };

class OtlpProtobuf {
  readonly #body: Buffer;
  readonly #keepsDoubles: boolean;
  readonly #spans: WireSpan[] = [];
  readonly #rejected: Rejected[] = [];

  constructor(body: Buffer, keepsDoubles: boolean) {
    this.#body = body;
    this.#keepsDoubles = keepsDoubles;
  }

  request(): Decoded {
    let index = 0;
    this.#each({ from: 0, to: this.#body.length }, (tag, reader) => {
      if (tag !== bytes(1)) return false;
      this.#resourceSpans(reader.slice(), `resourceSpans[${index++}]`);
      return true;
    });
    return { spans: this.#spans, rejected: this.#rejected };
  }

  /** Fields may come in any order: the resource is read before the spans that share it. */
  #resourceSpans(slice: Slice, place: string): void {
    const resource = new Map<string, AttributeValue>();
    const problems: Problems = { problem: null, keepsDoubles: this.#keepsDoubles };
    const scopes: Slice[] = [];
    this.#each(slice, (tag, reader) => {
      if (tag === bytes(1)) this.#resource(reader.slice(), resource, problems);
      else if (tag === bytes(2)) scopes.push(reader.slice());
      else return false;
      return true;
    });
    for (const [index, scope] of scopes.entries()) {
      this.#scopeSpans(scope, `${place}.scopeSpans[${index}]`, { resource, problems });
    }
  }

  #resource(slice: Slice, into: Map<string, AttributeValue>, problems: Problems): void {
    this.#each(slice, (tag, reader) => {
      if (tag !== bytes(1)) return false;
      this.#attribute(reader.slice(), into, problems);
      return true;
    });
  }

  #scopeSpans(
    slice: Slice,
    place: string,
    above: { resource: Map<string, AttributeValue>; problems: Problems },
  ): void {
    let scope: Scope = NO_SCOPE;
    const spans: Slice[] = [];
    this.#each(slice, (tag, reader) => {
      if (tag === bytes(1)) scope = this.#scope(reader.slice());
      else if (tag === bytes(2)) spans.push(reader.slice());
      else return false;
      return true;
    });
    const { resource, problems } = above;
    const surroundings: SpanSurroundings = { resource, ...scope, problem: problems.problem };
    for (const [index, span] of spans.entries()) {
      const judged = judge(this.#span(span), surroundings, () => `${place}.spans[${index}]`);
      if (isRejected(judged)) this.#rejected.push(judged);
      else this.#spans.push(judged);
    }
  }

  /** No span is refused for what is wrong with its scope: nothing but an export reads it. */
  #scope(slice: Slice): Scope {
    const problems: Problems = { problem: null, keepsDoubles: this.#keepsDoubles };
    const attributes = new Map<string, AttributeValue>();
    let scopeName = '';
    let scopeVersion = '';
    this.#each(slice, (tag, reader) => {
      if (tag === bytes(1)) scopeName = reader.string();
      else if (tag === bytes(2)) scopeVersion = reader.string();
      else if (tag === bytes(3)) this.#attribute(reader.slice(), attributes, problems);
      else return false;
      return true;
    });
    return { scopeName, scopeVersion, scopeAttributes: attributes };
  }

  #span(slice: Slice): SpanDraft {
    const draft = newSpanDraft(this.#keepsDoubles);
    this.#each(slice, (tag, reader) => {
      if (tag === bytes(1)) draft.traceId = reader.hex();
      else if (tag === bytes(2)) draft.spanId = reader.hex();
      else if (tag === bytes(3)) draft.traceState = reader.string();
      else if (tag === bytes(4)) draft.parentSpanId = reader.hex();
      else if (tag === bytes(5)) draft.name = reader.string();
      else if (tag === at(6, WIRE.varint)) draft.kind = KINDS[reader.int32()] ?? 'unspecified';
      else if (tag === at(7, WIRE.fixed64)) draft.startedAtNs = reader.fixed64();
      else if (tag === at(8, WIRE.fixed64)) draft.endedAtNs = reader.fixed64();
      else if (tag === bytes(9)) this.#attribute(reader.slice(), draft.attributes, draft);
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
    this.#each(slice, (tag, reader) => {
      if (tag === at(1, WIRE.fixed64)) event.atNs = reader.fixed64();
      else if (tag === bytes(2)) event.name = reader.string();
      else if (tag === bytes(3)) this.#attribute(reader.slice(), event.attributes, problems);
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
    this.#each(slice, (tag, reader) => {
      if (tag === bytes(1)) link.traceId = reader.hex();
      else if (tag === bytes(2)) link.spanId = reader.hex();
      else if (tag === bytes(3)) link.traceState = reader.string();
      else if (tag === bytes(4)) this.#attribute(reader.slice(), link.attributes, problems);
      else if (tag === at(6, WIRE.fixed32)) link.flags = reader.fixed32();
      else return false;
      return true;
    });
    return link;
  }

  #status(slice: Slice, draft: SpanDraft): void {
    this.#each(slice, (tag, reader) => {
      if (tag === bytes(2)) draft.statusMessage = reader.string();
      else if (tag === at(3, WIRE.varint)) draft.status = statusOf(reader.int32());
      else return false;
      return true;
    });
  }

  #attribute(slice: Slice, into: Map<string, AttributeValue>, problems: Problems): void {
    let key = '';
    let value: AttributeValue = null;
    this.#each(slice, (tag, reader) => {
      if (tag === bytes(1)) key = reader.string();
      else if (tag === bytes(2)) value = this.#value(reader.slice(), 1, problems);
      else return false;
      return true;
    });
    into.set(key, value);
    if (into.size > LIMITS.attributesMax) {
      problems.problem ??= {
        reason: 'too_many_attributes',
        what: `more than ${LIMITS.attributesMax} attributes`,
      };
    }
  }

  /** The only recursion of this reader; `depth` bounds it. */
  #value(slice: Slice, depth: number, problems: Problems): AttributeValue {
    if (depth > LIMITS.attributeDepthMax) {
      problems.problem ??= {
        reason: 'too_deep',
        what: `an attribute is nested deeper than ${LIMITS.attributeDepthMax}`,
      };
      return null;
    }
    let value: AttributeValue = null;
    this.#each(slice, (tag, reader) => {
      if (tag === bytes(1)) value = reader.string();
      else if (tag === at(2, WIRE.varint)) value = reader.bool();
      else if (tag === at(3, WIRE.varint)) value = reader.int64();
      else if (tag === at(4, WIRE.fixed64))
        value = doubleOf(reader.double(), problems.keepsDoubles);
      else if (tag === bytes(5)) value = this.#array(reader.slice(), depth, problems);
      else if (tag === bytes(6)) value = this.#record(reader.slice(), depth, problems);
      else if (tag === bytes(7)) value = bytesFromBase64(reader.base64());
      else return false;
      return true;
    });
    return value;
  }

  #array(slice: Slice, depth: number, problems: Problems): AttributeValue {
    const values: AttributeValue[] = [];
    this.#each(slice, (tag, reader) => {
      if (tag !== bytes(1)) return false;
      values.push(this.#value(reader.slice(), depth + 1, problems));
      return true;
    });
    return values;
  }

  #record(slice: Slice, depth: number, problems: Problems): AttributeValue {
    const record = emptyRecord();
    this.#each(slice, (tag, reader) => {
      if (tag !== bytes(1)) return false;
      let key = '';
      let value: AttributeValue = null;
      this.#each(reader.slice(), (inner, pair) => {
        if (inner === bytes(1)) key = pair.string();
        else if (inner === bytes(2)) value = this.#value(pair.slice(), depth + 1, problems);
        else return false;
        return true;
      });
      record[key] = value;
      return true;
    });
    return record;
  }

  /** Calls `take` with the tag of each field; what it does not take is passed over. */
  #each(slice: Slice, take: (tag: number, reader: ProtobufReader) => boolean): void {
    const reader = new ProtobufReader(this.#body, slice);
    while (reader.hasMore) {
      const tag = reader.tag();
      if (!take(tag, reader)) reader.skip(tag & 7);
    }
  }
}

/** The enum StatusCode; other numbers are unset. */
export function statusOf(code: number): WireSpan['status'] {
  if (code === 1) return 'ok';
  return code === 2 ? 'error' : 'unset';
}
