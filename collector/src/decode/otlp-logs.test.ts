import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recordedBody } from '@throughline/fixtures/recorded-input';
import type { UnixNs } from '@throughline/model/time';
import { Fault } from '../errors.js';
import type { BodyFormat, Decoded } from '../wire.js';
import { decode, decodeExactly } from './decode.js';
import { encodeProtobufLogs, type OtlpJson } from './otlp-encoder.case.js';
import { otlpLogsRequest } from './otlp-request.case.js';

const RECEIVED_AT = 99n as UnixNs;
const IDS = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };

const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } });
const requestOf = (...logRecords: readonly OtlpJson[]): OtlpJson => ({
  resourceLogs: [
    {
      resource: { attributes: [attribute('service.name', 'mailer')] },
      scopeLogs: [{ scope: { name: 'jobs' }, logRecords }],
    },
  ],
});

function read(format: BodyFormat, body: Uint8Array): Decoded {
  return decode(format, body, RECEIVED_AT);
}

/** Read in both encodings: whatever is said below holds for either. */
function readBoth(request: OtlpJson): Decoded {
  const json = read('otlp-logs-json', Buffer.from(JSON.stringify(request)));
  expect(read('otlp-logs-protobuf', encodeProtobufLogs(request))).toEqual(json);
  return json;
}

describe('OTLP logs', () => {
  test.each(['start', 'heartbeat', 'end'] as const)('a record named %s is a signal', (signal) => {
    const eventName = `throughline.step.${signal}`;
    const told = { ...IDS, timeUnixNano: '7', eventName };
    const [span] = readBoth(requestOf(told)).spans;
    expect(span).toMatchObject({ ...IDS, signal, startedAtNs: 7n, endedAtNs: 7n });
    expect(span?.resource.get('service.name')).toBe('mailer');
    expect(span?.scopeName).toBe('jobs');
    // As senders name events that know no field for it yet.
    const { eventName: _, ...older } = told;
    const attributes = [attribute('event.name', eventName)];
    expect(readBoth(requestOf({ ...older, attributes })).spans[0]).toMatchObject({ signal });
  });

  test('a signal says when its step began, what leads to it and how it ended', () => {
    const record = {
      ...IDS,
      timeUnixNano: '9000000000',
      eventName: 'throughline.step.end',
      attributes: [
        attribute('throughline.step.name', 'send invoice'),
        attribute('throughline.step.parent_span_id', '00f067aa0ba902b7'),
        attribute('error.type', 'SmtpError'),
      ],
    };
    for (const startedAt of ['2000000000', '1970-01-01T00:00:02Z']) {
      const said = attribute('throughline.step.started_at', startedAt);
      const request = requestOf({ ...record, attributes: [...record.attributes, said] });
      expect(readBoth(request).spans[0]).toMatchObject({
        name: 'send invoice',
        parentSpanId: '00f067aa0ba902b7',
        startedAtNs: 2_000_000_000n,
        endedAtNs: 9_000_000_000n,
        status: 'error',
      });
    }
  });

  test('an end of the severity ERROR is an error, and one below it is none', () => {
    const end = { ...IDS, eventName: 'throughline.step.end' };
    const statuses = [16, 17, 24].map(
      (severityNumber) => readBoth(requestOf({ ...end, severityNumber })).spans[0]?.status,
    );
    expect(statuses).toEqual(['unset', 'error', 'error']);
  });

  test('a record without a time counts from when it was seen, or else received', () => {
    const start = { ...IDS, eventName: 'throughline.step.start' };
    const seen = readBoth(requestOf({ ...start, observedTimeUnixNano: '8' })).spans[0];
    expect(seen?.startedAtNs).toBe(8n);
    expect(readBoth(requestOf(start)).spans[0]?.startedAtNs).toBe(RECEIVED_AT);
  });

  test('every other record is counted as ignored, whatever it holds', () => {
    const other = { eventName: 'user.clicked', traceId: 'ab', timeUnixNano: '1' };
    expect(readBoth(requestOf(other, {}))).toEqual({ spans: [], rejected: [], ignored: 2 });
    const recorded = read('otlp-logs-json', recordedBody('otlp/proto-example-logs.json'));
    expect(recorded).toEqual({ spans: [], rejected: [], ignored: 1 });
    expect(readBoth({})).toEqual({ spans: [], rejected: [], ignored: 0 });
  });

  test('a signal without ids, or with a start that is none, is refused with its place', () => {
    const start = { timeUnixNano: '7', eventName: 'throughline.step.start' };
    const badStart = [attribute('throughline.step.started_at', 'yesterday')];
    const request = requestOf(
      { ...start, spanId: IDS.spanId },
      { ...start, ...IDS, attributes: badStart },
      { ...start, ...IDS },
    );
    const { spans, rejected } = readBoth(request);
    expect(spans).toHaveLength(1);
    expect(rejected.map(({ reason }) => reason)).toEqual(['invalid_trace_id', 'invalid_time']);
    expect(rejected[1]?.detail).toContain(
      'resourceLogs[0].scopeLogs[0].logRecords[1]: throughline',
    );
  });

  test.each<[BodyFormat, Uint8Array]>([
    ['otlp-logs-protobuf', Buffer.from([0x0a, 0x09])],
    ['otlp-logs-json', Buffer.from('[]')],
    ['otlp-logs-json', Buffer.from('{"resourceLogs":[7]}')],
  ])('a body of %s that is none is refused as a whole', (format, body) => {
    expect(() => read(format, body)).toThrow(Fault);
  });

  test('both encodings of a request say the same, and no record is lost', () => {
    fc.assert(
      fc.property(otlpLogsRequest, (request) => {
        const json = decodeExactly(
          'otlp-logs-json',
          Buffer.from(JSON.stringify(request)),
          RECEIVED_AT,
        );
        const bytes = encodeProtobufLogs(request);
        expect(decodeExactly('otlp-logs-protobuf', bytes, RECEIVED_AT)).toEqual(json);
        const records = (request['resourceLogs'] as { scopeLogs: { logRecords: unknown[] }[] }[])
          .flatMap(({ scopeLogs }) => scopeLogs)
          .reduce((sum, { logRecords }) => sum + logRecords.length, 0);
        expect(json.spans.length + json.rejected.length + (json.ignored ?? 0)).toBe(records);
      }),
      { numRuns: 300 },
    );
  });
});
