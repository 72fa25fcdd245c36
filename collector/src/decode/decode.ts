import type { UnixNs } from '@throughline/model/time';
import type { BodyFormat, Decoded } from '../wire.js';
import { decodeCloudEvent, decodeCloudEventsBatch } from './cloudevents.js';
import { decodeOtlpJson } from './otlp-json.js';
import { decodeOtlpLogsJson } from './otlp-log-json.js';
import { decodeOtlpLogsProtobuf } from './otlp-log-protobuf.js';
import { decodeOtlpProtobuf } from './otlp-protobuf.js';
import { decodeZipkin } from './zipkin.js';

/**
 * Reads an inflated request body.
 *
 * @param receivedAtNs when the body arrived: the time of a CloudEvent or log record that names none.
 * @throws Fault BODY_UNREADABLE when the body as a whole cannot be read. A bad span inside a readable body
 * never throws: it comes back in `rejected`.
 */
export function decode(
  format: BodyFormat,
  body: Uint8Array,
  receivedAtNs: UnixNs = 0n as UnixNs,
): Decoded {
  return decodeAs(format, { body, receivedAtNs, keepsDoubles: false });
}

/** Like `decode`, for those who write spans out again: a double that is a whole number is a `WholeDouble`. */
export function decodeExactly(format: BodyFormat, body: Uint8Array, receivedAtNs: UnixNs): Decoded {
  return decodeAs(format, { body, receivedAtNs, keepsDoubles: true });
}

interface Reading {
  readonly body: Uint8Array;
  readonly receivedAtNs: UnixNs;
  readonly keepsDoubles: boolean;
}

function decodeAs(format: BodyFormat, { body, receivedAtNs, keepsDoubles }: Reading): Decoded {
  switch (format) {
    case 'otlp-protobuf':
      return decodeOtlpProtobuf(body, keepsDoubles);
    case 'otlp-json':
      return decodeOtlpJson(body, keepsDoubles);
    case 'otlp-logs-protobuf':
      return decodeOtlpLogsProtobuf(body, { receivedAtNs, keepsDoubles });
    case 'otlp-logs-json':
      return decodeOtlpLogsJson(body, { receivedAtNs, keepsDoubles });
    case 'zipkin-json':
      return decodeZipkin(body);
    case 'cloudevent':
      return decodeCloudEvent(body, receivedAtNs);
    case 'cloudevents-batch':
      return decodeCloudEventsBatch(body, receivedAtNs);
  }
}
