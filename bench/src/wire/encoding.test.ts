import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decode } from '../../../collector/src/decode/decode.js';
import { decodeNaively } from '../servers/naive-decode.js';
import { profileNamed } from '../stream/profiles.js';
import { SpanStream, type Batch } from '../stream/span-stream.js';
import { encode } from './encoding.js';

function someBatch(): Batch {
  const spec = {
    ...{ profile: 'choreography', seed: 'encoding', spans: 400, batch: 64, openRuns: 9 },
    ...{ disorderS: 0, duplicates: 0, missingConsumers: 0, leavesOpen: false, pace: 20_000 },
    startNs: 1_800_000_000_123_456_789n,
  };
  const stream = new SpanStream(spec, profileNamed('choreography'));
  // The fourth batch holds takes with links, not requests alone.
  const batch = [...stream.batches()][3];
  if (batch === undefined) throw new Error('there are more batches');
  return batch;
}

const batch = someBatch();

describe('a batch', () => {
  it('says the same in JSON and in protobuf, to the naive reference', () => {
    const json = decodeNaively(encode(batch, 'json'), true);
    expect(decodeNaively(encode(batch, 'protobuf'), false)).toEqual(json);
    expect(json).toHaveLength(batch.spans.length);
    expect(json.map(({ traceId }) => traceId)).toEqual(batch.spans.map(({ traceId }) => traceId));
    expect(json.map(({ startNs }) => startNs)).toEqual(batch.spans.map(({ startNs }) => startNs));
    expect(json.map(({ attributes }) => attributes)).toEqual(
      batch.spans.map(({ attributes }) => Object.fromEntries(attributes)),
    );
    expect(json.flatMap(({ links }) => links)).toEqual(
      batch.spans.flatMap(({ link }) => (link === null ? [] : [link])),
    );
  });

  it('is read by the collector without a rejected span', () => {
    for (const format of ['otlp-json', 'otlp-protobuf'] as const) {
      const body = encode(batch, format === 'otlp-json' ? 'json' : 'protobuf');
      const { spans, rejected } = decode(format, body);
      expect(rejected).toEqual([]);
      expect(spans.map(({ spanId }) => spanId)).toEqual(batch.spans.map(({ spanId }) => spanId));
    }
  });

  it('is compressed as a whole', () => {
    const inflated = gunzipSync(encode(batch, 'json+gzip'));
    expect(inflated.equals(encode(batch, 'json'))).toBe(true);
  });
});
