import type { Fault } from '../errors.js';
import { ProtobufMessage } from './protobuf-message.js';
import type { Reply } from './reply.js';

export type OtlpEncoding = 'json' | 'protobuf';

/** An answer comes in the encoding of its request. */
export const OTLP_TYPES: Readonly<Record<OtlpEncoding, string>> = {
  json: 'application/json',
  protobuf: 'application/x-protobuf',
};

/** Characters of an error message to a sender. */
const MESSAGE_CHARS_MAX = 2_048;

/** Fewer than all taken, or a warning (`refused` 0). The field's name is the only thing that signals differ in. */
export interface PartialSuccess {
  readonly refused: number;
  readonly message: string;
  readonly jsonField: 'rejectedSpans' | 'rejectedLogRecords';
}

/** Full success is an empty message: `{}` or no bytes (OTLP 1.11, "Full Success"). */
export function exportReply(encoding: OtlpEncoding, partial: PartialSuccess | null): Reply {
  const contentType = OTLP_TYPES[encoding];
  if (partial === null) return { status: 200, contentType, body: encoding === 'json' ? '{}' : '' };
  const message = cut(partial.message);
  if (encoding === 'json') {
    // A 64-bit integer is text in OTLP/JSON.
    const partialSuccess = { [partial.jsonField]: String(partial.refused), errorMessage: message };
    return { status: 200, contentType, body: JSON.stringify({ partialSuccess }) };
  }
  const partialSuccess = new ProtobufMessage().varint(1, partial.refused).string(2, message);
  const body = new ProtobufMessage().message(1, partialSuccess).finish();
  return { status: 200, contentType, body };
}

/** google.rpc.Code for the HTTP statuses that are answered. */
const CODES: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  405: 12,
  408: 4,
  413: 8,
  415: 3,
  429: 8,
  500: 13,
  503: 14,
};

export function statusCodeOf({ status }: Fault): number {
  return CODES[status] ?? 2;
}

/**
 * A google.rpc.Status; a bad request carries a google.rpc.BadRequest in its details, as OTLP asks, and in protobuf,
 * which gRPC passes on without any header beside it, what is to be sent again a google.rpc.RetryInfo.
 */
export function statusReply(encoding: OtlpEncoding, fault: Fault): Reply {
  const code = statusCodeOf(fault);
  const message = cut(`${fault.message} ${fault.remedy}`);
  const isBadRequest = fault.status === 400;
  const contentType = OTLP_TYPES[encoding];
  if (encoding === 'json') {
    const fieldViolations = [{ field: 'body', description: cut(fault.message) }];
    const details = isBadRequest ? { details: [{ '@type': BAD_REQUEST, fieldViolations }] } : {};
    return {
      status: fault.status,
      contentType,
      body: JSON.stringify({ code, message, ...details }),
    };
  }
  const status = new ProtobufMessage().varint(1, code).string(2, message);
  if (isBadRequest) {
    const violation = new ProtobufMessage().string(1, 'body').string(2, cut(fault.message));
    const detail = new ProtobufMessage().string(1, BAD_REQUEST);
    detail.message(2, new ProtobufMessage().message(1, violation));
    status.message(3, detail);
  }
  if (fault.retryAfterS !== null) {
    const delay = new ProtobufMessage().varint(1, fault.retryAfterS);
    const detail = new ProtobufMessage().string(1, RETRY_INFO);
    status.message(3, detail.message(2, new ProtobufMessage().message(1, delay)));
  }
  return { status: fault.status, contentType, body: status.finish() };
}

const BAD_REQUEST = 'type.googleapis.com/google.rpc.BadRequest';
const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';

function cut(text: string): string {
  const whole = text.trim();
  return whole.length <= MESSAGE_CHARS_MAX ? whole : `${whole.slice(0, MESSAGE_CHARS_MAX - 1)}…`;
}
