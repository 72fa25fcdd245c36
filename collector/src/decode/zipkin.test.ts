import { describe, expect, test } from 'vitest';
import type { Decoded } from '../wire.js';
import { decode } from './decode.js';

const zipkin = (...spans: readonly unknown[]): Decoded =>
  decode('zipkin-json', Buffer.from(JSON.stringify(spans)));
const good = {
  traceId: '48485a3953bb6124',
  id: '1',
  timestamp: 1_521_186_011_929_043,
  duration: 14,
};
const only = (span: object) => zipkin({ ...good, ...span }).spans[0];

describe('a Zipkin span', () => {
  test('keeps microseconds exactly, and ids of fewer digits are filled on the left', () => {
    const { spans, rejected } = zipkin({ ...good, parentId: 'a' });
    expect(rejected).toEqual([]);
    expect(spans).toMatchObject([
      {
        traceId: '000000000000000048485a3953bb6124',
        spanId: '0000000000000001',
        parentSpanId: '000000000000000a',
        startedAtNs: 1_521_186_011_929_043_000n,
        endedAtNs: 1_521_186_011_929_057_000n,
        kind: 'internal',
        isShared: false,
      },
    ]);
  });

  test.each(['CLIENT', 'SERVER', 'PRODUCER', 'CONSUMER'])('has the kind %s', (kind) => {
    expect(only({ kind })?.kind).toBe(kind.toLowerCase());
  });

  test('knows the other side by its name and address', () => {
    const remoteEndpoint = { serviceName: 'app_db', ipv4: '10.0.0.7', port: 3306 };
    const span = only({ kind: 'CLIENT', remoteEndpoint });
    expect(span?.peer).toBe('app_db');
    expect(span?.attributes.get('network.peer.address')).toBe('10.0.0.7');
    expect(span?.attributes.get('network.peer.port')).toBe(3306);
    expect(only({ remoteEndpoint: { ipv4: '10.0.0.7' } })?.peer).toBeNull();
  });

  test('is an error by the presence of the tag, whatever it says, unless it says false', () => {
    expect(only({ tags: { error: '' } })).toMatchObject({ status: 'error', statusMessage: '' });
    expect(only({ tags: { error: 'no stock' } })).toMatchObject({ statusMessage: 'no stock' });
    expect(only({ tags: { error: 'true' } })).toMatchObject({ status: 'error', statusMessage: '' });
    expect(only({ tags: { error: 'false' } })).toMatchObject({ status: 'unset' });
    const annotations = [{ timestamp: 5, value: 'error' }];
    expect(only({ annotations })).toMatchObject({ status: 'unset', events: [{ name: 'error' }] });
  });

  test('that both sides report is marked on the server side', () => {
    expect(only({ kind: 'SERVER', shared: true })?.isShared).toBe(true);
  });

  test('without a start begins with its first annotation, else at 0', () => {
    const annotations = [
      { timestamp: 9, value: 'b' },
      { timestamp: 7, value: 'a' },
    ];
    expect(only({ timestamp: undefined, annotations })?.startedAtNs).toBe(7_000n);
    expect(only({ timestamp: undefined })?.startedAtNs).toBe(0n);
  });

  test('that names itself as its parent has none, nor has one whose parent is zero', () => {
    expect(only({ parentId: '0000000000000001' })?.parentSpanId).toBeNull();
    expect(only({ parentId: '0' })?.parentSpanId).toBeNull();
  });

  test('of one endpoint shares the resource with the others', () => {
    const localEndpoint = { serviceName: 'frontend', ipv4: '10.0.0.1' };
    const { spans } = zipkin({ ...good, localEndpoint }, { ...good, id: '2', localEndpoint });
    expect(spans[0]?.resource).toBe(spans[1]?.resource);
    expect(spans[0]?.resource.get('service.name')).toBe('frontend');
  });

  test('that is bad is refused with its place, the others are kept', () => {
    const bad = [
      [{ ...good, traceId: '0' }, 'invalid_trace_id'],
      [{ ...good, traceId: 'xyz' }, 'invalid_trace_id'],
      [{ ...good, id: '0123456789abcdef0' }, 'invalid_span_id'],
      [{ ...good, parentId: 'no' }, 'invalid_span_id'],
      [{ ...good, timestamp: 'now' }, 'invalid_time'],
      [{ ...good, timestamp: -1 }, 'invalid_time'],
      [{ ...good, timestamp: '9223372036854776' }, 'invalid_time'],
      [{ ...good, tags: { a: {} } }, 'malformed_span'],
      [{ ...good, tags: [] }, 'malformed_span'],
      [{ ...good, annotations: [{}] }, 'malformed_span'],
      [7, 'malformed_span'],
    ] as const;
    const { spans, rejected } = zipkin(...bad.map(([span]) => span), good);
    expect(spans).toHaveLength(1);
    expect(rejected.map(({ reason, index }) => [reason, index])).toEqual(
      bad.map(([, reason], index) => [reason, index]),
    );
  });

  test('body is a list', () => {
    expect(() => decode('zipkin-json', Buffer.from('{}'))).toThrow(/list/);
    expect(zipkin()).toEqual({ spans: [], rejected: [] });
  });
});
