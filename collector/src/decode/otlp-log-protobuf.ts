import type { Decoded } from '../wire.js';
import { LogSorter, newLogDraft, type LogDraft } from './otlp-log-signal.js';
import { at, bytes, OtlpProtobufEnvelope } from './otlp-protobuf-envelope.js';
import { WIRE } from './protobuf-reader.js';
import type { SpanSurroundings } from './span-draft.js';

const LEVELS = { ofResource: 'resourceLogs', ofScope: 'scopeLogs', records: 'logRecords' };

export interface LogReading {
  /** When the body arrived. */
  readonly receivedAtNs: bigint;
  readonly keepsDoubles: boolean;
}

/**
 * Reads an ExportLogsServiceRequest (opentelemetry-proto 1.x): step signals become spans, other records are counted.
 *
 * @throws Fault BODY_UNREADABLE when the bytes are no such message.
 */
export function decodeOtlpLogsProtobuf(body: Uint8Array, reading: LogReading): Decoded {
  return new OtlpProtobufLogs(body, reading).request();
}

class OtlpProtobufLogs extends OtlpProtobufEnvelope {
  readonly #sorter: LogSorter;

  constructor(body: Uint8Array, { receivedAtNs, keepsDoubles }: LogReading) {
    super(body, keepsDoubles, LEVELS);
    this.#sorter = new LogSorter(receivedAtNs);
  }

  request(): Decoded {
    this.walk();
    return this.#sorter.decoded;
  }

  protected record(surroundings: SpanSurroundings, place: () => string): void {
    this.#sorter.take(this.#log(), surroundings, place);
  }

  #log(): LogDraft {
    const { reader } = this;
    const draft = newLogDraft(this.keepsDoubles);
    while (reader.hasMore) {
      const tag = reader.tag();
      if (tag === at(1, WIRE.fixed64)) draft.atNs = reader.fixed64();
      else if (tag === at(2, WIRE.varint)) draft.severity = reader.int32();
      else if (tag === bytes(6)) this.attribute(draft.attributes, draft);
      else if (tag === at(8, WIRE.fixed32)) draft.flags = reader.fixed32();
      else if (tag === bytes(9)) draft.traceId = reader.hex();
      else if (tag === bytes(10)) draft.spanId = reader.hex();
      else if (tag === at(11, WIRE.fixed64)) draft.observedAtNs = reader.fixed64();
      else if (tag === bytes(12)) draft.eventName = reader.string();
      else reader.passOver(tag);
    }
    return draft;
  }
}
