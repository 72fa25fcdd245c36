import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeProtobuf, type OtlpJson } from '../../collector/src/decode/otlp-encoder.case.js';
import { otlpRequest } from '../../collector/src/decode/otlp-request.case.js';
import { plainSpansOf, type PlainSpan } from './plain-span.js';
import { scaled, seed, tell } from './scale.js';
import { post, type Answer } from './sender.js';
import { Scene, type WatchedCollector } from './watched-collector.js';
import { exportedSpans } from './exported-spans.js';

const BODIES = scaled({ quick: 40, full: 1_000 });

const scene = new Scene();
let collector: WatchedCollector;
beforeAll(async () => {
  collector = await scene.start();
});
afterAll(() => scene.leave());

type Encoding = 'json' | 'protobuf';

function send(
  body: string | Uint8Array,
  encoding: Encoding,
  isGzip = false,
): Promise<Answer | null> {
  const type = encoding === 'json' ? 'application/json' : 'application/x-protobuf';
  return post(`${collector.url}/v1/traces`, {
    body: isGzip ? gzipSync(body) : body,
    headers: { 'content-type': type, ...(isGzip ? { 'content-encoding': 'gzip' } : {}) },
  });
}

function fullSuccess(encoding: Encoding): object {
  const type = encoding === 'json' ? 'application/json' : 'application/x-protobuf';
  return {
    status: 200,
    text: encoding === 'json' ? '{}' : '',
    headers: expect.objectContaining({ 'content-type': type }) as unknown,
  };
}

/** Requests that the protocol allows, with the times of today: what is told of long ago is another row. */
function corpus(count: number): OtlpJson[] {
  const fcSeed = [...seed].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, 7);
  return fc.sample(otlpRequest, { numRuns: count, seed: fcSeed }).map((request, index) => {
    let at = BigInt(Date.now() - 60_000) * 1_000_000n + BigInt(index) * 7n;
    const times = (): string => String((at += 1_234_567n));
    return JSON.parse(JSON.stringify(request), (name, value: unknown) =>
      /^(startT|endT|t)imeUnixNano$/.test(name) ? times() : value,
    ) as OtlpJson;
  });
}

describe('a request that OTLP allows', () => {
  it(`A1 is read back as it was sent, in every encoding, to the nanosecond`, async () => {
    const sent = new Map<string, PlainSpan>();
    for (const [index, request] of corpus(BODIES).entries()) {
      const encoding = index % 2 === 0 ? 'json' : 'protobuf';
      const body = encoding === 'json' ? JSON.stringify(request) : encodeProtobuf(request);
      expect(await send(body, encoding, index % 4 > 1)).toMatchObject(fullSuccess(encoding));
      // The first to come under an identity keeps it.
      for (const span of plainSpansOf(request)) if (!sent.has(span.id)) sent.set(span.id, span);
    }
    const found = await exportedSpans(
      collector.url,
      new Set([...sent.keys()].map((id) => id.slice(0, 32))),
    );
    for (const [id, span] of sent) expect(found.get(id)).toEqual(span);
    expect(sent.size).toBeGreaterThan(BODIES / 2);
    tell(
      'A1',
      `${String(BODIES)} bodies, ${String(sent.size)} spans: 100 % equal, time error 0 ns`,
    );
  }, 600_000);

  it('A2 is taken however it is spelled, and is the same in every spelling', async () => {
    const span = {
      traceId: 'ABCDEF00000000000000000000000001',
      spanId: 'abcdef0000000001',
      name: 'spelled',
      kind: 1,
      startTimeUnixNano: '1767225600000000001',
      endTimeUnixNano: '1767225600000000002',
      attributes: [{ key: 'count', value: { intValue: '42' } }],
    };
    const bodyOf = (change: object): string =>
      JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ ...span, ...change }] }] }] });
    const withNumbers = bodyOf({}).replaceAll(/"(\d{19}|42)"/g, '$1');
    const spellings: readonly [string, string][] = [
      ['as the protocol writes it', bodyOf({})],
      ['integers as numbers', withNumbers],
      ['ids in lower case', bodyOf({ traceId: span.traceId.toLowerCase() })],
      ['ids in upper case', bodyOf({ spanId: span.spanId.toUpperCase() })],
      ['fields of a later version', bodyOf({ later: { than: ['now'] }, flags: 256 })],
      ['null for what is absent', bodyOf({ events: null, links: null, parentSpanId: '' })],
    ];
    let number = 1;
    const ids = new Set<string>();
    for (const [, body] of spellings) {
      // An identity of its own for each, in the same spelling.
      const last = (number++).toString(16);
      const own = body.replace(/0{3}1"/, `000${last}"`);
      expect(await send(own, 'json')).toMatchObject(fullSuccess('json'));
      ids.add(`abcdef000000000000000000000000${last.padStart(2, '0')}`);
    }
    const found = [...(await exportedSpans(collector.url, ids)).values()];
    const contents = found.map(({ id: _, ...rest }) => JSON.stringify(rest));
    expect(found).toHaveLength(spellings.length);
    expect(new Set(contents).size).toBe(1);
    for (const empty of ['{}', '{"resourceSpans":[]}', '{"resourceSpans":[{"scopeSpans":[]}]}']) {
      expect(await send(empty, 'json')).toMatchObject(fullSuccess('json'));
    }
    expect(await send(new Uint8Array(), 'protobuf')).toMatchObject(fullSuccess('protobuf'));
    tell('A2', `${String(spellings.length + 4)} spellings: 0 mismatches`);
  });

  it('A3 loses no good span for the bad ones beside it, which are counted exactly', async () => {
    const good = (index: number) => ({
      traceId: `c${index.toString(16).padStart(31, '0')}`,
      spanId: `c${index.toString(16).padStart(15, '0')}`,
      name: 'good',
      kind: 1,
      startTimeUnixNano: String(1_767_225_600_000_000_000n + BigInt(index)),
      endTimeUnixNano: String(1_767_225_600_000_001_000n + BigInt(index)),
    });
    const bad: readonly object[] = [
      { ...good(1), traceId: '0'.repeat(32) },
      { ...good(2), spanId: '0'.repeat(16) },
      { ...good(3), traceId: 'abc' },
      { ...good(4), traceId: 'not-hex-not-hex-not-hex-not-hex-' },
      { ...good(5), spanId: 'q83vAAAAAAE=' },
      { ...good(6), startTimeUnixNano: '9223372036854775808' },
      { ...good(7), traceId: undefined, trace_id: good(7).traceId },
      { ...good(8), spanId: undefined },
    ];
    let lost = 0;
    for (let round = 0; round < scaled({ quick: 8, full: 1_000 }); round += 1) {
      const count = (round % bad.length) + 1;
      const goods = [100, 101, 102].map((at) => good(round * 1_000 + at));
      const spans = [...goods.slice(0, 2), ...bad.slice(0, count), ...goods.slice(2)];
      const answer = await send(
        JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
        'json',
      );
      expect(answer?.status).toBe(200);
      expect(JSON.parse(answer?.text ?? '')).toMatchObject({
        partialSuccess: {
          rejectedSpans: String(count),
          errorMessage: expect.any(String) as unknown,
        },
      });
      const found = await exportedSpans(
        collector.url,
        new Set(goods.map(({ traceId }) => traceId)),
      );
      lost += goods.length - found.size;
    }
    expect(lost).toBe(0);
    tell(
      'A3',
      `${String(bad.length)} kinds of bad spans beside good ones: 0 good ones lost, counts exact`,
    );
  }, 300_000);
});
