import { describe, expect, it } from 'vitest';
import { recordedBody, recordedJson } from '@throughline/fixtures/recorded-input';
import { decode } from '../../decode/decode.js';
import type { WireSpan } from '../../wire.js';
import { jaegerBatches } from './batch.js';

/** The spans of the traces of a Jaeger document, by way of OTLP/JSON. */
function spansOf(document: unknown): readonly WireSpan[] {
  const traces = (document as { data?: readonly unknown[] }).data ?? [document];
  return traces.flatMap((trace, index) => {
    const part = { bytes: Buffer.from(JSON.stringify(trace)), place: `file:1 data[${index}]` };
    return (jaegerBatches(part) ?? []).flatMap(({ format, body }) => {
      const { spans, rejected } = decode(format, body);
      expect(rejected).toEqual([]);
      return spans;
    });
  });
}

function sorted(spans: readonly WireSpan[]): readonly WireSpan[] {
  return [...spans].sort((a, b) => (a.spanId < b.spanId ? -1 : 1));
}

/** What both conversions agree about; where the scope's name lies, and whether flags are kept, is a matter of taste. */
function facts(span: WireSpan) {
  const kept = [...span.attributes].filter(([name]) => !name.startsWith('otel.library.'));
  return {
    ...span,
    attributes: Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1))),
    // The conversions of the edge cases made the trace ids distinct.
    traceId: null,
    flags: null,
    scopeName: null,
    scopeVersion: null,
  };
}

describe('a recorded export of Jaeger holds the same as the OTLP that others made of it', () => {
  it.each(['genai-agents', 'ride-sharing'])('%s', (name) => {
    const ours = sorted(spansOf(recordedJson(`jaeger-json/${name}.json`)));
    const theirs = sorted(decode('otlp-json', recordedBody(`jaeger-json/${name}.otlp.json`)).spans);
    const truth = recordedJson(`jaeger-json/${name}.truth.json`) as {
      spans: number;
      error_spans: number;
      service_names: readonly string[];
    };
    expect(ours.map(facts)).toEqual(theirs.map(facts));
    expect(ours).toHaveLength(truth.spans);
    expect(ours.filter(({ status }) => status === 'error')).toHaveLength(truth.error_spans);
    const services = new Set(ours.map(({ resource }) => resource.get('service.name')));
    expect([...services].sort()).toEqual(truth.service_names);
  });

  it.each(['hierarchy', 'multiple-roots', 'root-missing-reference'])('edge/%s', (name) => {
    const ours = sorted(spansOf(recordedJson(`jaeger-json/edge/${name}.json`)));
    const theirs = sorted(
      decode('otlp-json', recordedBody(`jaeger-json/edge/${name}.otlp.json`)).spans,
    );
    expect(ours.length).toBeGreaterThan(1);
    expect(ours.map(facts)).toEqual(theirs.map(facts));
  });
});

describe('a span of Jaeger becomes one of OTLP', () => {
  const span = (more: object): object => ({
    traceID: '1f',
    spanID: 'a',
    operationName: 'pay',
    startTime: 1_660_049_722_779_884,
    duration: 1500,
    processID: 'p1',
    ...more,
  });
  const only = (more: object, process: object = { serviceName: 'shop' }): WireSpan => {
    const [first] = spansOf({ traceID: '1f', spans: [span(more)], processes: { p1: process } });
    if (first === undefined) throw new Error('no span came out');
    return first;
  };

  it('short ids are filled with zeros, microseconds become nanoseconds', () => {
    expect(only({})).toMatchObject({
      traceId: '0000000000000000000000000000001f',
      spanId: '000000000000000a',
      startedAtNs: 1_660_049_722_779_884_000n,
      endedAtNs: 1_660_049_722_781_384_000n,
    });
  });

  it('tags keep their types, and those with a place of their own go there', () => {
    const tags = [
      { key: 'span.kind', type: 'string', value: 'producer' },
      { key: 'otel.status_code', type: 'string', value: 'ERROR' },
      { key: 'otel.status_description', type: 'string', value: 'card declined' },
      { key: 'otel.scope.name', type: 'string', value: 'amqp' },
      { key: 'n', type: 'int64', value: '9007199254740993' },
      { key: 'yes', type: 'bool', value: 'true' },
      { key: 'share', type: 'float64', value: '0.5' },
      { key: 'bytes', type: 'binary', value: 'AAEC' },
      { key: 'odd', type: 'int64', value: 'no number' },
    ];
    const { kind, status, statusMessage, scopeName, attributes } = only({ tags });
    expect({ kind, status, statusMessage, scopeName }).toEqual({
      kind: 'producer',
      status: 'error',
      statusMessage: 'card declined',
      scopeName: 'amqp',
    });
    expect([...attributes.keys()].sort()).toEqual(['bytes', 'n', 'odd', 'share', 'yes']);
    expect(attributes.get('n')).toBe(9_007_199_254_740_993n);
    expect(attributes.get('yes')).toBe(true);
    expect(attributes.get('share')).toBe(0.5);
    expect(attributes.get('odd')).toBe('no number');
  });

  it('the first CHILD_OF within the trace is the parent, everything else a link', () => {
    const { parentSpanId, links } = only({
      references: [
        { refType: 'FOLLOWS_FROM', traceID: '1f', spanID: '1' },
        { refType: 'CHILD_OF', traceID: '2', spanID: '2' },
        { refType: 'CHILD_OF', traceID: '1f', spanID: '3' },
      ],
    });
    expect(parentSpanId).toBe('0000000000000003');
    expect(links.map((link) => [link.spanId, link.attributes.get('opentracing.ref_type')])).toEqual(
      [
        ['0000000000000001', 'follows_from'],
        ['0000000000000002', 'child_of'],
      ],
    );
  });

  it('without a CHILD_OF the first FOLLOWS_FROM is the parent, and the span says so', () => {
    const followed = only({
      references: [{ refType: 'FOLLOWS_FROM', traceID: '1f', spanID: '1' }],
    });
    expect(followed.parentSpanId).toBe('0000000000000001');
    expect(followed.attributes.get('opentracing.ref_type')).toBe('follows_from');
    expect(only({ parentSpanID: '7' }).parentSpanId).toBe('0000000000000007');
  });

  it('logs are events, named by their field `event`', () => {
    const fields = [
      { key: 'event', type: 'string', value: 'retry' },
      { key: 'attempt', type: 'int64', value: 2 },
    ];
    const { events } = only({ logs: [{ timestamp: 1_660_049_722_779_900, fields }] });
    expect(events).toMatchObject([{ name: 'retry', atNs: 1_660_049_722_779_900_000n }]);
    expect([...(events[0]?.attributes ?? [])]).toEqual([['attempt', 2]]);
  });

  it('the process is the resource', () => {
    const tags = [{ key: 'hostname', type: 'string', value: 'node-7' }];
    const { resource } = only({}, { serviceName: 'shop', tags });
    expect(Object.fromEntries(resource)).toEqual({ 'service.name': 'shop', 'host.name': 'node-7' });
  });

  it('a document of Elasticsearch has its process and its tags inside', () => {
    const [found] = spansOf({
      _index: 'jaeger-span-2026-01-01',
      _source: {
        ...span({ tag: { 'order@id': '8123', error: true } }),
        process: { serviceName: 'shop', tag: { hostname: 'node-7' } },
      },
    });
    expect(found?.resource.get('service.name')).toBe('shop');
    expect(found?.resource.get('host.name')).toBe('node-7');
    expect(found?.attributes.get('order.id')).toBe('8123');
    expect(found?.status).toBe('error');
  });
});
