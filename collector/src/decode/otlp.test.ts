import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fault } from '../errors.js';
import { LIMITS } from '../limits.js';
import type { BodyFormat, Decoded } from '../wire.js';
import { decode } from './decode.js';
import { encodeProtobuf, type OtlpJson } from './otlp-encoder.case.js';
import { otlpRequest } from './otlp-request.case.js';
import { plainSpans } from './plain-spans.case.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

function request(...spans: readonly unknown[]): OtlpJson {
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'checkout' } }] };
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'lib' }, spans }] }] };
}

const good = {
  traceId: TRACE,
  spanId: SPAN,
  name: 'pay',
  kind: 3,
  startTimeUnixNano: '1723456789123456789',
  endTimeUnixNano: '1723456789123456790',
};

const json = (body: unknown): Decoded => decode('otlp-json', Buffer.from(JSON.stringify(body)));
const jsonText = (body: string): Decoded => decode('otlp-json', Buffer.from(body));
const protobuf = (body: OtlpJson): Decoded => decode('otlp-protobuf', encodeProtobuf(body));
const attribute = (value: unknown): unknown =>
  json(request({ ...good, attributes: [{ key: 'a', value }] })).spans[0]?.attributes.get('a');

function nested(depth: number): object {
  let value: object = { stringValue: 'deep' };
  for (let level = 1; level < depth; level++) value = { arrayValue: { values: [value] } };
  return value;
}

describe('OTLP in both encodings', () => {
  test('says the same, whatever the spans', () => {
    fc.assert(
      fc.property(otlpRequest, (body) => {
        const [binary, text] = [protobuf(body), json(body)];
        expect({ ...binary, spans: plainSpans(binary.spans) }).toEqual({
          ...text,
          spans: plainSpans(text.spans),
        });
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['protobuf', protobuf],
    ['json', json],
  ] as const)('%s keeps times and whole numbers to the last digit', (_, read) => {
    const values = ['9223372036854775807', '-9223372036854775808', '9007199254740993', '-1', '0'];
    const attributes = values.map((intValue) => ({ key: intValue, value: { intValue } }));
    const [span] = read(request({ ...good, attributes })).spans;
    expect(span?.startedAtNs).toBe(1_723_456_789_123_456_789n);
    for (const value of values) expect(String(span?.attributes.get(value))).toBe(value);
  });

  test.each([
    ['protobuf', protobuf],
    ['json', json],
  ] as const)('%s refuses bad spans one by one and keeps the good ones', (_, read) => {
    const bad = [
      [{ ...good, traceId: '0'.repeat(32) }, 'invalid_trace_id', /traceId is all zero/],
      [{ ...good, traceId: TRACE.slice(2) }, 'invalid_trace_id', /traceId has 30 hex digits/],
      [{ ...good, traceId: '' }, 'invalid_trace_id', /traceId is missing/],
      [{ ...good, spanId: '00'.repeat(8) }, 'invalid_span_id', /spanId is all zero/],
      [{ ...good, parentSpanId: 'abcd' }, 'invalid_span_id', /parentSpanId/],
      [{ ...good, startTimeUnixNano: '9223372036854775808' }, 'invalid_time', /startTimeUnixNano/],
      [{ ...good, links: [{ traceId: 'ab', spanId: SPAN }] }, 'invalid_trace_id', /links\[0\]/],
      [
        { ...good, attributes: [{ key: 'a', value: nested(LIMITS.attributeDepthMax + 1) }] },
        'too_deep',
        /deeper than 64/,
      ],
      [
        {
          ...good,
          attributes: Array.from({ length: LIMITS.attributesMax + 1 }, (_each, index) => ({
            key: String(index),
            value: { boolValue: true },
          })),
        },
        'too_many_attributes',
        /more than 4096/,
      ],
    ] as const;
    const mixed = bad.flatMap(([span]) => [good, span]);
    const { spans, rejected } = read(request(...mixed));
    expect(spans).toHaveLength(bad.length);
    expect(rejected.map(({ reason }) => reason)).toEqual(bad.map(([, reason]) => reason));
    for (const [index, [, , text]] of bad.entries()) {
      const place = `resourceSpans[0].scopeSpans[0].spans[${index * 2 + 1}]: `;
      expect(rejected[index]?.detail.startsWith(place)).toBe(true);
      expect(rejected[index]?.detail).toMatch(text);
    }
  });

  test('the deepest allowed value is taken', () => {
    const attributes = [{ key: 'a', value: nested(LIMITS.attributeDepthMax) }];
    expect(json(request({ ...good, attributes })).spans).toHaveLength(1);
    expect(protobuf(request({ ...good, attributes })).spans).toHaveLength(1);
  });

  test('of attributes with one name the last wins, and names are never more than names', () => {
    const frozen = JSON.stringify(Object.getOwnPropertyNames(Object.prototype));
    const attributes = ['x', 'y'].flatMap((stringValue) =>
      ['__proto__', 'constructor', ''].map((key) => ({ key, value: { stringValue } })),
    );
    const inner = { kvlistValue: { values: attributes } };
    for (const read of [json, protobuf]) {
      const all = [...attributes, { key: 'inner', value: inner }];
      const [span] = read(request({ ...good, attributes: all })).spans;
      expect(span?.attributes.get('__proto__')).toBe('y');
      expect(span?.attributes.get('')).toBe('y');
      const record = span?.attributes.get('inner') as Record<string, unknown>;
      expect(Object.keys(record).sort()).toEqual(['', '__proto__', 'constructor']);
      expect(record['__proto__']).toBe('y');
    }
    expect(JSON.stringify(Object.getOwnPropertyNames(Object.prototype))).toBe(frozen);
  });

  test('a resource that cannot be read refuses its spans and no others', () => {
    const deep = { attributes: [{ key: 'a', value: nested(LIMITS.attributeDepthMax + 1) }] };
    const body = {
      resourceSpans: [
        { resource: deep, scopeSpans: [{ spans: [good, good] }] },
        { scopeSpans: [{ spans: [good] }] },
      ],
    };
    for (const read of [json, protobuf]) {
      const { spans, rejected } = read(body);
      expect([spans.length, rejected.length]).toEqual([1, 2]);
    }
  });

  test('empty requests and empty envelopes are no spans', () => {
    for (const body of [{}, { resourceSpans: [] }, { resourceSpans: [{ scopeSpans: [{}] }] }]) {
      expect(json(body)).toEqual({ spans: [], rejected: [] });
      expect(protobuf(body)).toEqual({ spans: [], rejected: [] });
    }
    expect(decode('otlp-protobuf', new Uint8Array())).toEqual({ spans: [], rejected: [] });
  });

  test('a link that leads nowhere is left out, its span kept', () => {
    const links = [
      { traceId: '', spanId: '' },
      { traceId: TRACE, spanId: SPAN },
    ];
    for (const read of [json, protobuf]) {
      expect(read(request({ ...good, links })).spans[0]?.links).toHaveLength(1);
    }
  });
});

describe('OTLP/JSON', () => {
  test('takes 64-bit integers as bare numbers without rounding them', () => {
    const text = JSON.stringify(
      request({ ...good, attributes: [{ key: 'a', value: { intValue: 'X' } }] }),
    )
      .replace('"1723456789123456789"', '1723456789123456789')
      .replace('"X"', '-9007199254740993');
    const [span] = jsonText(text).spans;
    expect(span?.startedAtNs).toBe(1_723_456_789_123_456_789n);
    expect(span?.attributes.get('a')).toBe(-9_007_199_254_740_993n);
  });

  test('leaves digits inside texts alone', () => {
    const note = 'say "order": 12345678901234567890, \\" and 98765432109876543210';
    const text = JSON.stringify(request({ ...good, name: note, startTimeUnixNano: 'N' })).replace(
      '"N"',
      '1723456789123456789',
    );
    expect(jsonText(text).spans[0]?.name).toBe(note);
  });

  test('reads ids in any case, numbers as text, and special doubles', () => {
    const [span] = json(request({ ...good, traceId: TRACE.toUpperCase() })).spans;
    expect(span?.traceId).toBe(TRACE);
    expect(attribute({ doubleValue: 'NaN' })).toBeNaN();
    expect(attribute({ doubleValue: '-Infinity' })).toBe(-Infinity);
    expect(attribute({ doubleValue: 0.1 })).toBe(0.1);
    expect(attribute({ intValue: 7 })).toBe(7);
    expect(attribute({})).toBeNull();
    expect(attribute({ bytesValue: 'AAAwOQ==' })).toEqual({ bytesValue: 'AAAwOQ==' });
  });

  test('ignores fields that it does not know', () => {
    const odd = { ...good, weight: 5, flags: 257, attributes: [], extra: { deep: [1] } };
    const body = { ...request(odd), resource_metrics: [], sender: null };
    expect(json(body)).toMatchObject({ spans: [{ name: 'pay' }], rejected: [] });
  });

  test.each([
    ['base64 ids', { ...good, traceId: '/6V20yEXOsbO82Acj0vedQ==' }, 'invalid_trace_id', /not hex/],
    ['enum names', { ...good, kind: 'SPAN_KIND_SERVER' }, 'malformed_span', /integers/],
    ['snake_case ids', { trace_id: TRACE, span_id: SPAN }, 'invalid_trace_id', /missing/],
    ['a text for a time', { ...good, endTimeUnixNano: 'soon' }, 'invalid_time', /soon/],
    ['a negative time', { ...good, startTimeUnixNano: '-5' }, 'invalid_time', /-5/],
    ['a number for a name', { ...good, name: 7 }, 'malformed_span', /name/],
    ['an integer that is too long', withInt('9223372036854775808'), 'malformed_span', /intValue/],
    ['attributes that are no list', { ...good, attributes: {} }, 'malformed_span', /attributes/],
    ['a span that is no object', 'span', 'malformed_span', /not an object/],
  ])('refuses %s with the reason', (_, span, reason, text) => {
    const { spans, rejected } = json(request(good, span));
    expect(spans).toHaveLength(1);
    expect(rejected).toEqual([{ reason, detail: expect.stringMatching(text) as string }]);
  });

  function withInt(intValue: string): object {
    return { ...good, attributes: [{ key: 'a', value: { intValue } }] };
  }

  test('tells the sender of envelopes in snake_case how many spans they would have lost', () => {
    const inSnakeCase = { resource_spans: [{ scope_spans: [{ spans: [good, good] }] }] };
    const { spans, rejected } = json(inSnakeCase);
    expect(spans).toEqual([]);
    expect(rejected).toHaveLength(2);
    expect(rejected[0]?.detail).toContain('lowerCamelCase');
  });

  test.each([
    ['text', 'hello'],
    ['a cut object', '{"resourceSpans":['],
    ['a list', '[]'],
    ['null', 'null'],
    ['an envelope that is no list', '{"resourceSpans":{}}'],
    ['an envelope of numbers', '{"resourceSpans":[1]}'],
    ['spans that are no list', '{"resourceSpans":[{"scopeSpans":[{"spans":"many"}]}]}'],
  ])('cannot read %s', (_, text) => {
    expectUnreadable('otlp-json', Buffer.from(text));
  });

  test('cannot read invalid UTF-8', () => {
    const bytes = Buffer.from(JSON.stringify(request({ ...good, name: 'ABCD' })));
    bytes[bytes.indexOf('ABCD')] = 0xff;
    expectUnreadable('otlp-json', bytes);
  });

  test('survives two million brackets', () => {
    const deep = `{"resourceSpans":${'['.repeat(2_000_000)}${']'.repeat(2_000_000)}}`;
    expectUnreadable('otlp-json', Buffer.from(deep));
    const value = '{"arrayValue":{"values":['.repeat(200_000) + ']}}'.repeat(200_000);
    const span = JSON.stringify({ ...good, attributes: [{ key: 'a', value: 'V' }] });
    const body = JSON.stringify(request('S')).replace('"S"', span.replace('"V"', value));
    expect(jsonText(body).rejected).toMatchObject([{ reason: 'too_deep' }]);
  });
});

describe('OTLP/protobuf', () => {
  test('passes over fields and groups that it does not know', () => {
    const known = encodeProtobuf(request(good));
    // Field 1000 as a varint, 1001 as bytes, 1002 as a group holding a group, 1003 fixed32, 1004 fixed64.
    const unknown = Buffer.from([
      ...[0xc0, 0x3e, 0x07, 0xca, 0x3e, 0x02, 0x61, 0x62],
      ...[0xd3, 0x3e, 0xdb, 0x3e, 0x08, 0x01, 0xdc, 0x3e, 0xd4, 0x3e],
      ...[0xdd, 0x3e, 1, 2, 3, 4, 0xe1, 0x3e, 1, 2, 3, 4, 5, 6, 7, 8],
    ]);
    const body = Buffer.concat([unknown, known, unknown]);
    expect(decode('otlp-protobuf', body).spans).toHaveLength(1);
  });

  test('every cut of a body is refused, except where a whole request ends', () => {
    const body = encodeProtobuf(request({ ...good, attributes: [{ key: 'a', value: nested(3) }] }));
    for (let length = 1; length < body.length; length++) {
      expectUnreadable('otlp-protobuf', body.subarray(0, length));
    }
  });

  test('cannot read invalid UTF-8, and takes a replacement character that was really sent', () => {
    const body = Buffer.from(encodeProtobuf(request({ ...good, name: 'ABCD' })));
    body[body.indexOf('ABCD')] = 0xff;
    expectUnreadable('otlp-protobuf', body);
    const replaced = encodeProtobuf(request({ ...good, name: 'a\ufffdb' }));
    expect(decode('otlp-protobuf', replaced).spans[0]?.name).toBe('a\ufffdb');
  });

  test('ten thousand levels are refused, not climbed', () => {
    let value: Uint8Array = Buffer.from([0x0a, 0x01, 0x61]);
    for (let level = 0; level < 10_000; level++) value = wrap(5, wrap(1, value));
    const span = Buffer.concat([
      spanBytes(),
      wrap(9, Buffer.concat([wrap(1, Buffer.from('k')), wrap(2, value)])),
    ]);
    const { spans, rejected } = decode('otlp-protobuf', wrap(1, wrap(2, wrap(2, span))));
    expect(spans).toEqual([]);
    expect(rejected).toMatchObject([{ reason: 'too_deep' }]);
  });

  function wrap(field: number, inner: Uint8Array): Buffer {
    const length: number[] = [];
    let rest = inner.length;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) length.push((rest % 0x80) | 0x80);
    return Buffer.concat([Buffer.from([(field << 3) | 2, ...length, rest]), inner]);
  }

  function spanBytes(): Buffer {
    return Buffer.concat([wrap(1, Buffer.from(TRACE, 'hex')), wrap(2, Buffer.from(SPAN, 'hex'))]);
  }
});

function expectUnreadable(format: BodyFormat, body: Uint8Array): void {
  let error: unknown;
  try {
    decode(format, body);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(Fault);
  expect((error as Fault).code).toBe('BODY_UNREADABLE');
}
