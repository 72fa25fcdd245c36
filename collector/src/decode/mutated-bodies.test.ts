import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recordedBody, recordedFile } from '@throughline/fixtures/recorded-input';
import { Fault } from '../errors.js';
import type { BodyFormat, WireSpan } from '../wire.js';
import { decode } from './decode.js';
import { encodeProtobufLogs } from './otlp-encoder.case.js';

const signals = {
  resourceLogs: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'mailer' } }] },
      scopeLogs: [
        {
          scope: { name: 'jobs' },
          logRecords: ['start', 'heartbeat', 'end'].map((signal, second) => ({
            traceId: '0af7651916cd43dd8448eb211c80319c',
            spanId: 'b7ad6b7169203331',
            timeUnixNano: `176760360${String(second)}000000000`,
            severityNumber: 9,
            eventName: `throughline.step.${signal}`,
            attributes: [{ key: 'throughline.step.started_at', value: { intValue: '1' } }],
          })),
        },
      ],
    },
  ],
};

describe('mutated bodies', () => {
  const samples: readonly (readonly [BodyFormat, Buffer])[] = [
    ['otlp-protobuf', recordedFile('live/rabbitmq/bodies/0004.pb')],
    ['otlp-json', recordedFile('live/rabbitmq/bodies/0009.json')],
    ['otlp-logs-protobuf', Buffer.from(encodeProtobufLogs(signals))],
    ['otlp-logs-json', Buffer.from(JSON.stringify(signals))],
    ['zipkin-json', recordedBody('zipkin/ascend.json')],
    ['cloudevents-batch', recordedBody('cloudevents/eiffel-build-avoidance.json')],
  ];

  test.each(samples)(
    '%s: flips, cuts and splices give spans, refusals or one fault',
    (format, sample) => {
      const mutation = fc.array(
        fc.tuple(fc.nat(sample.length - 1), fc.nat(255), fc.constantFrom('flip', 'cut', 'splice')),
        { minLength: 1, maxLength: 8 },
      );
      fc.assert(
        fc.property(mutation, (changes) => {
          let body = Buffer.from(sample);
          for (const [at, byte, how] of changes) {
            const place = Math.min(at, body.length - 1);
            if (how === 'flip') body[place] = byte;
            else if (how === 'cut') body = body.subarray(0, Math.max(1, place));
            else body = Buffer.concat([body.subarray(place), body.subarray(0, place)]);
          }
          const result = outcome(format, body);
          expect(result === 'BODY_UNREADABLE' || Array.isArray(result)).toBe(true);
        }),
        { numRuns: 400 },
      );
    },
  );

  function outcome(format: BodyFormat, body: Buffer): readonly WireSpan[] | string {
    try {
      return decode(format, body).spans;
    } catch (error) {
      return error instanceof Fault ? error.code : String(error);
    }
  }
});
