import type { UnixNs } from '@throughline/model/time';
import type { BodyFormat, Decoded } from '../wire.js';
import { decodeCloudEvent, decodeCloudEventsBatch } from './cloudevents.js';
import { decodeOtlpJson } from './otlp-json.js';
import { decodeOtlpProtobuf } from './otlp-protobuf.js';
import { decodeZipkin } from './zipkin.js';

/**
 * Reads an inflated request body.
 *
 * @param receivedAtNs when the body arrived: the time of a CloudEvent that names none.
 * @throws Fault BODY_UNREADABLE when the body as a whole cannot be read. A bad span inside a readable body
 * never throws: it comes back in `rejected`.
 */
export function decode(
  format: BodyFormat,
  body: Uint8Array,
  receivedAtNs: UnixNs = 0n as UnixNs,
): Decoded {
  switch (format) {
    case 'otlp-protobuf':
      return decodeOtlpProtobuf(body);
    case 'otlp-json':
      return decodeOtlpJson(body);
    case 'zipkin-json':
      return decodeZipkin(body);
    case 'cloudevent':
      return decodeCloudEvent(body, receivedAtNs);
    case 'cloudevents-batch':
      return decodeCloudEventsBatch(body, receivedAtNs);
  }
}
