import fc from 'fast-check';
import type { OtlpJson } from './otlp-encoder.case.js';

const hex = (digits: number) =>
  fc
    .string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: digits, maxLength: digits })
    .filter((id) => !/^0+$/.test(id));

const instant = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String);
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
/** Well-formed text: half a surrogate pair cannot be written in UTF-8. */
const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const name = fc.oneof(text, fc.constantFrom('__proto__', 'constructor', 'toString', '', 'a\0b'));

const anyValue = fc.letrec<{ value: OtlpJson }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ stringValue: text }),
    fc.record({ boolValue: fc.boolean() }),
    fc.record({ intValue: int64 }),
    fc.record({ doubleValue: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
    fc.record({ bytesValue: fc.base64String({ maxLength: 12 }) }),
    fc.record({ arrayValue: fc.record({ values: fc.array(tie('value'), { maxLength: 3 }) }) }),
    fc.record({
      kvlistValue: fc.record({
        values: fc.array(fc.record({ key: name, value: tie('value') }), { maxLength: 3 }),
      }),
    }),
  ),
})).value;

const flags = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const attributes = fc.array(fc.record({ key: name, value: anyValue }), { maxLength: 5 });

const span = fc.record({
  traceId: hex(32),
  spanId: hex(16),
  parentSpanId: fc.oneof(fc.constant(''), hex(16)),
  traceState: text,
  flags,
  name: text,
  kind: fc.integer({ min: 0, max: 7 }),
  startTimeUnixNano: instant,
  endTimeUnixNano: instant,
  attributes,
  events: fc.array(fc.record({ timeUnixNano: instant, name: text, attributes }), { maxLength: 2 }),
  links: fc.array(
    fc.record({ traceId: hex(32), spanId: hex(16), traceState: text, flags, attributes }),
    { maxLength: 2 },
  ),
  status: fc.record({ code: fc.integer({ min: 0, max: 3 }), message: text }),
});

/** Requests that the protocol allows. */
export const otlpRequest: fc.Arbitrary<OtlpJson> = fc.record({
  resourceSpans: fc.array(
    fc.record({
      resource: fc.record({ attributes }),
      scopeSpans: fc.array(
        fc.record({
          scope: fc.record({ name: text, version: text, attributes }),
          spans: fc.array(span, { maxLength: 3 }),
        }),
        { maxLength: 2 },
      ),
    }),
    { maxLength: 2 },
  ),
});

const log = fc.record({
  timeUnixNano: instant,
  observedTimeUnixNano: instant,
  severityNumber: fc.integer({ min: 0, max: 24 }),
  severityText: text,
  body: anyValue,
  attributes,
  flags,
  traceId: fc.oneof(fc.constant(''), hex(32)),
  spanId: hex(16),
  eventName: fc.oneof(
    text,
    fc.constantFrom('throughline.step.start', 'throughline.step.heartbeat', 'throughline.step.end'),
  ),
});

/** Requests for logs that the protocol allows. */
export const otlpLogsRequest: fc.Arbitrary<OtlpJson> = fc.record({
  resourceLogs: fc.array(
    fc.record({
      resource: fc.record({ attributes }),
      scopeLogs: fc.array(
        fc.record({
          scope: fc.record({ name: text, version: text, attributes }),
          logRecords: fc.array(log, { maxLength: 3 }),
        }),
        { maxLength: 2 },
      ),
    }),
    { maxLength: 2 },
  ),
});
