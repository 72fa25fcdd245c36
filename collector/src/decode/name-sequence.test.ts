import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Decoded } from '../wire.js';
import { decode } from './decode.js';
import { encodeProtobuf, type OtlpJson } from './otlp-encoder.case.js';
import { plainSpans } from './plain-spans.case.js';

const good = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  name: 'pay',
  kind: 3,
  startTimeUnixNano: '1723456789123456789',
  endTimeUnixNano: '1723456789123456790',
};

function request(...spans: readonly unknown[]): OtlpJson {
  return { resourceSpans: [{ scopeSpans: [{ scope: { name: 'lib' }, spans }] }] };
}

const json = (body: unknown): Decoded => decode('otlp-json', Buffer.from(JSON.stringify(body)));
const protobuf = (body: OtlpJson): Decoded => decode('otlp-protobuf', encodeProtobuf(body));

test('says the same of spans with the same names, other names, names twice and very many names', () => {
  const usual = ['messaging.system', 'ünïcode', 'tenant.id', ''];
  const names = fc.oneof(
    fc.constant(usual),
    fc.subarray(usual),
    fc.array(fc.constantFrom(...usual), { maxLength: 6 }),
    fc.integer({ min: 60, max: 70 }).map((n) => Array.from({ length: n }, (_, at) => `n${at}`)),
  );
  const values = ['rabbitmq', 'rabbitmq', 'röd', '', 'x'.repeat(200)];
  const spans = fc.array(fc.tuple(names, fc.infiniteStream(fc.constantFrom(...values))), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(spans, (told) => {
      const body = request(
        ...told.map(([keys, texts]) => ({
          ...good,
          attributes: keys.map((key) => ({ key, value: { stringValue: texts.next().value } })),
        })),
      );
      expect(plainSpans(protobuf(body).spans)).toEqual(plainSpans(json(body).spans));
    }),
    { numRuns: 200 },
  );
});

test('a value that seldom comes twice is read like any other', () => {
  const ids = Array.from({ length: 100 }, (_, at) => `id ${at % 70} ${at % 7 === 0 ? 'é' : ''}`);
  const body = request(
    ...ids.map((id) => ({ ...good, attributes: [{ key: 'id', value: { stringValue: id } }] })),
  );
  expect(protobuf(body).spans.map(({ attributes }) => attributes.get('id'))).toEqual(ids);
});

test('spans with the same names share them, in either encoding, and what they say often is kept once', () => {
  const told = (id: string): OtlpJson => ({
    ...good,
    attributes: [
      { key: 'messaging.system', value: { stringValue: 'rabbitmq' } },
      { key: 'messaging.message.id', value: { stringValue: id } },
    ],
  });
  const body = request(told('m1'), told('m2'));
  const sequences = [protobuf(body), json(body)].flatMap(({ spans }) =>
    spans.map(({ attributes }) => ('sequence' in attributes ? attributes.sequence : null)),
  );
  expect(sequences).toHaveLength(4);
  expect(sequences[0]).not.toBeNull();
  expect(new Set(sequences).size).toBe(1);
});

test('nobody can fill the memory with names: what was learned is forgotten, and what was read stays right', () => {
  const spans = Array.from({ length: 9_000 }, (_, number) => ({
    ...good,
    attributes: [{ key: `name ${number}`, value: { intValue: String(number) } }],
  }));
  const before = protobuf(request(...spans)).spans;
  const after = protobuf(request(...spans.slice(0, 10))).spans;
  for (const [number, { attributes }] of [...before, ...after].entries()) {
    expect([...attributes]).toEqual([[`name ${number % 9_000}`, number % 9_000]]);
  }
});
