import type { UnixNs } from '@throughline/model/time';
import { decodeExactly } from './decode/decode.js';
import { otlpRequest } from './export-otlp.js';
import type { ForwardRequest } from './forward/forward-request.js';
import type { Forwarder } from './forward/forwarder.js';
import type { ArrivedBody, Intake } from './receive/intake.js';

/**
 * A way in that passes on what was taken, once it is durable. What came as OTLP leaves byte for byte as it came,
 * including log records that are of no use here; Zipkin spans and CloudEvents leave as OTLP/JSON.
 */
export function passedOn(intake: Intake, forwarder: Forwarder, now: () => UnixNs): Intake {
  return {
    async accept(body) {
      const receivedAtNs = now();
      const keeping = forwarder.keep(body.raw.byteLength, () => requestMaker(body, receivedAtNs));
      try {
        const taken = await intake.accept(body);
        if (taken.accepted + taken.ignored > 0) keeping.pass();
        else keeping.forget();
        return taken;
      } catch (error) {
        keeping.forget();
        throw error;
      }
    },
  };
}

function requestMaker(body: ArrivedBody, receivedAtNs: UnixNs): () => ForwardRequest {
  // The buffers belong to the way in, which may give them away to another thread.
  switch (body.format) {
    case 'otlp-protobuf':
      return asReceived(body, '/v1/traces', 'application/x-protobuf');
    case 'otlp-json':
      return asReceived(body, '/v1/traces', 'application/json');
    case 'otlp-logs-protobuf':
      return asReceived(body, '/v1/logs', 'application/x-protobuf');
    case 'otlp-logs-json':
      return asReceived(body, '/v1/logs', 'application/json');
    case 'zipkin-json':
    case 'cloudevent':
    case 'cloudevents-batch':
      return asOtlp(body, receivedAtNs);
  }
}

function asReceived(
  { raw, contentEncoding }: ArrivedBody,
  path: ForwardRequest['path'],
  contentType: ForwardRequest['contentType'],
): () => ForwardRequest {
  const request = { path, contentType, contentEncoding, bytes: Uint8Array.from(raw) };
  return () => request;
}

function asOtlp({ format, inflated }: ArrivedBody, receivedAtNs: UnixNs): () => ForwardRequest {
  const body = Uint8Array.from(inflated);
  return () => {
    const { spans } = decodeExactly(format, body, receivedAtNs);
    const bytes = Buffer.from(JSON.stringify(otlpRequest(spans)));
    return {
      path: '/v1/traces',
      contentType: 'application/json',
      contentEncoding: 'identity',
      bytes,
    };
  };
}
