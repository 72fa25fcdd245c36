import { createHook } from 'node:async_hooks';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seeded, type Seeded } from '@throughline/fixtures/build/seeded';
import type { StatsView } from '@throughline/model/api/catalog';
import { decode } from '../../collector/src/decode/decode.js';
import { encodeProtobuf } from '../../collector/src/decode/otlp-encoder.case.js';
import { Fault } from '../../collector/src/errors.js';
import type { BodyFormat } from '../../collector/src/wire.js';
import { exportedSpans } from './exported-spans.js';
import { bodyOf, order } from './orders.js';
import { scaled, seed, tell } from './scale.js';
import { post, type Answer } from './sender.js';
import { Scene, type WatchedCollector } from './watched-collector.js';
import { getJson } from './witness.js';

const scene = new Scene();
let collector: WatchedCollector;
beforeAll(async () => {
  collector = await scene.start();
});
afterAll(() => scene.leave());

const JSON_TYPE = 'application/json';
const PROTOBUF_TYPE = 'application/x-protobuf';

function send(body: string | Uint8Array, type: string, encoding = ''): Promise<Answer | null> {
  const headers = { 'content-type': type, ...(encoding ? { 'content-encoding': encoding } : {}) };
  return post(`${collector.url}/v1/traces`, { body, headers });
}

function stats(): Promise<StatsView> {
  return getJson<StatsView>(`${collector.url}/api/v1/stats`);
}

/** What came of a body, in process: `5xx` for whatever is not a plain refusal. */
function outcomeOf(format: BodyFormat, body: Uint8Array): number | string {
  try {
    decode(format, body, 1n as Parameters<typeof decode>[2]);
    return 200;
  } catch (error) {
    return error instanceof Fault ? error.status : String(error);
  }
}

/** Flips, cuts, splices, and lengths that lie. */
function mutated(sample: Buffer, chance: Seeded): Buffer {
  let body = Buffer.from(sample);
  for (let left = 1 + chance.below(4); left > 0; left -= 1) {
    const at = chance.below(body.length);
    const how = chance.below(4);
    if (how === 0) body[at] = chance.below(256);
    else if (how === 1) body = body.subarray(0, Math.max(1, at));
    else if (how === 2) body = Buffer.concat([body.subarray(at), body.subarray(0, at)]);
    else body[at] = (body[at] ?? 0) | 0x80;
  }
  return body;
}

const json = Buffer.from(bodyOf(order(1, { ballastBytes: 60 })));
const protobuf = Buffer.from(encodeProtobuf(JSON.parse(json.toString()) as object as never));

describe('a hostile body', () => {
  it('A4 is refused as unreadable in its own encoding, and leaves nothing behind', async () => {
    const before = await stats();
    const broken: readonly [string | Uint8Array, string, string][] = [
      ['{"resourceSpans":', JSON_TYPE, ''],
      ['[]', JSON_TYPE, ''],
      [Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), JSON_TYPE, ''],
      [protobuf.subarray(0, protobuf.length - 3), PROTOBUF_TYPE, ''],
      ['not gzip', JSON_TYPE, 'gzip'],
      [gzipSync(json).subarray(0, 60), JSON_TYPE, 'gzip'],
    ];
    for (const [body, type, encoding] of broken) {
      const answer = await send(body, type, encoding);
      expect(answer).toMatchObject({ status: 400, headers: { 'content-type': type } });
      if (type === JSON_TYPE) expect(JSON.parse(answer?.text ?? '')).toMatchObject({ code: 3 });
      else expect(Buffer.from(answer?.text ?? '').subarray(0, 2)).toEqual(Buffer.from([8, 3]));
    }
    const after = await stats();
    expect(after.total.stored).toBe(before.total.stored);
    const chance = seeded(seed);
    const overHttp = scaled({ quick: 400, full: 100_000 });
    const statuses = new Map<number, number>();
    for (let left = overHttp; left > 0; left -= 1) {
      const isJson = left % 2 === 0;
      const answer = await send(
        mutated(isJson ? json : protobuf, chance),
        isJson ? JSON_TYPE : PROTOBUF_TYPE,
      );
      const status = answer?.status ?? 0;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect([...statuses.keys()].filter((status) => status !== 200 && status !== 400)).toEqual([]);
    const inProcess = scaled({ quick: 40_000, full: 10_000_000 });
    let slowestMs = 0;
    for (let left = inProcess; left > 0; left -= 1) {
      const isJson = left % 2 === 0;
      const body = mutated(isJson ? json : protobuf, chance);
      const startedMs = performance.now();
      const outcome = outcomeOf(isJson ? 'otlp-json' : 'otlp-protobuf', body);
      slowestMs = Math.max(slowestMs, performance.now() - startedMs);
      if (outcome !== 200 && outcome !== 400)
        expect.fail(`${String(outcome)} for ${body.toString('base64')}`);
    }
    expect(slowestMs).toBeLessThan(1_000);
    tell(
      'A4',
      `${String(inProcess)} mutated bodies decoded, ${String(overHttp)} sent: 0 crashes, 0 hangs (longest ${slowestMs.toFixed(0)} ms), 0 answers of 5xx`,
    );
  }, 7_200_000);

  it('A5 of the wrong type, encoding, method or framing is never taken', async () => {
    const body = json.toString();
    const post413 = { 'content-type': JSON_TYPE };
    for (const type of [
      '',
      'text/plain',
      'application/json; charset=utf-16',
      'multipart/form-data',
    ]) {
      const answer = await send(body, type);
      expect([type, answer?.status, answer?.headers['accept-encoding']]).toEqual([
        type,
        415,
        'gzip, identity',
      ]);
    }
    for (const encoding of ['br', 'deflate', 'gzip, gzip', 'zstd']) {
      const answer = await send(body, JSON_TYPE, encoding);
      expect([encoding, answer?.status]).toEqual([encoding, 415]);
    }
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
      const answer = await post(`${collector.url}/v1/traces`, {
        body: '',
        headers: post413,
        method,
      });
      expect([method, answer?.status, answer?.headers.allow]).toEqual([method, 405, 'POST']);
    }
    const head = `POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${JSON_TYPE}\r\n`;
    const framings = [
      `${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      `${head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
      `${head}Content-Length: -1\r\n\r\n{}`,
      `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`,
      'POST /v1/traces HTTP/1.1\nHost: localhost\nContent-Length: 2\n\n{}',
    ];
    for (const text of framings) expect(await rawStatus(text)).toBe(400);
    tell('A5', `${String(12 + framings.length)} wrong requests: 0 taken`);
  });

  it('A7 that is deep, wide or long costs its own spans only', async () => {
    let deep: object = { stringValue: 'bottom' };
    for (let depth = 0; depth < 65; depth += 1) deep = { arrayValue: { values: [deep] } };
    const spanWith = (change: object): string => {
      const [span] = parsed(bodyOf(order(7_001)));
      return JSON.stringify({
        resourceSpans: [{ scopeSpans: [{ spans: [{ ...span, ...change }] }] }],
      });
    };
    const many = Array.from({ length: scaled({ quick: 100_000, full: 1_000_000 }) }, (_, at) => ({
      key: `k${at.toString(36)}`,
      value: { boolValue: true },
    }));
    const nested = `${'{"arrayValue":{"values":['.repeat(100_000)}`;
    const cases: readonly [string, string | Uint8Array, string, number[]][] = [
      ['65 levels', spanWith({ attributes: [{ key: 'deep', value: deep }] }), JSON_TYPE, [200]],
      ['many attributes', spanWith({ attributes: many }), JSON_TYPE, [200, 413]],
      ['2 million brackets', '['.repeat(2_000_000), JSON_TYPE, [400]],
      [
        '100,000 levels',
        spanWith({}).replace('"attributes":[', `"attributes":[{"key":"k","value":${nested}`),
        JSON_TYPE,
        [400],
      ],
      ['10,000 levels of protobuf', nestedProtobuf(10_000), PROTOBUF_TYPE, [200, 400]],
      ['a string of 100 MB', spanWith({ name: 'x'.repeat(100_000_000) }), JSON_TYPE, [413]],
    ];
    for (const [what, body, type, statuses] of cases) {
      const answer = await send(body, type);
      // A refusal may close the connection under a sender that is still sending.
      if (answer !== null)
        expect([what, statuses]).toEqual([what, expect.arrayContaining([answer.status])]);
      else expect(statuses).toContain(413);
      if (answer?.status === 200)
        expect([what, answer.text]).toEqual([what, expect.stringContaining('refused')]);
    }
    expect((await send(json, JSON_TYPE))?.status).toBe(200);
    const hook = createHook({ init: () => undefined }).enable();
    try {
      for (const [, body, type] of cases.filter(([, text]) => text.length < 20_000_000)) {
        const format = type === JSON_TYPE ? 'otlp-json' : 'otlp-protobuf';
        expect([200, 400]).toContain(outcomeOf(format, Buffer.from(body)));
      }
    } finally {
      hook.disable();
    }
    expect(collector.process.exitCode).toBeNull();
    tell(
      'A7',
      `${String(cases.length)} shapes, with async hooks, Node ${process.version}: 0 exits`,
    );
  }, 120_000);

  it('A8 with the names of JavaScript’s own is plain data', async () => {
    const names = [
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      '',
      'a\0b',
      '\u001b[2J',
      '\u202e',
    ];
    const attributes = names.map((key) => ({ key, value: { stringValue: `value of ${key}` } }));
    const nested = { kvlistValue: { values: attributes } };
    const twice = [1, 2].map((value) => ({ key: 'twice', value: { intValue: String(value) } }));
    const [span] = parsed(bodyOf(order(8_001)));
    const sent = {
      ...span,
      attributes: [...attributes, { key: 'nested', value: nested }, ...twice],
    };
    const body = JSON.stringify({
      resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans: [sent] }] }],
    });
    const plain = Object.getOwnPropertyNames(Object.prototype).sort();
    expect((await send(body, JSON_TYPE))?.status).toBe(200);
    const [found] = [
      ...(await exportedSpans(collector.url, new Set([String(span?.['traceId'])]))).values(),
    ];
    const kept = new Map(found?.['attributes'] as [string, unknown][]);
    for (const name of names)
      expect([name, kept.get(name)]).toEqual([name, ['stringValue', `value of ${name}`]]);
    expect(kept.get('twice')).toEqual(['int', '2']);
    expect(new Map((kept.get('nested') as [string, [string, unknown][]])[1]).size).toBe(
      names.length,
    );
    expect(new Map(found?.['resource'] as [string, unknown][]).size).toBe(names.length);
    expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(plain);
    const lone = Buffer.concat([
      Buffer.from('{"resourceSpans":[{"schemaUrl":"'),
      Buffer.from([0xed, 0xa0, 0x80]),
      Buffer.from('"}]}'),
    ]);
    expect((await send(lone, JSON_TYPE))?.status).toBe(400);
    tell(
      'A8',
      `${String(names.length)} names in 3 places: all kept as data, 0 prototypes changed; of two equal keys the last counts`,
    );
  });
});

function parsed(body: string): Record<string, unknown>[] {
  const request = JSON.parse(body) as {
    resourceSpans: { scopeSpans: { spans: Record<string, unknown>[] }[] }[];
  };
  return request.resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans),
  );
}

/** An attribute value in an attribute value, and so on: lengths and all, written from the inside out. */
function nestedProtobuf(depth: number): Uint8Array {
  const wrap = (field: number, inner: Uint8Array): Uint8Array => {
    const length: number[] = [];
    for (let rest = inner.length; ; rest >>>= 7) {
      length.push(rest > 127 ? (rest & 127) | 128 : rest);
      if (rest <= 127) break;
    }
    return Buffer.concat([Buffer.from([(field << 3) | 2, ...length]), inner]);
  };
  let value: Uint8Array = Buffer.from([0x10, 1]);
  for (let level = 0; level < depth; level += 1) value = wrap(5, wrap(1, value));
  const attribute = wrap(9, Buffer.concat([wrap(1, Buffer.from('deep')), wrap(2, value)]));
  const ids = Buffer.concat([wrap(1, Buffer.alloc(16, 7)), wrap(2, Buffer.alloc(8, 7))]);
  return wrap(1, wrap(2, wrap(2, Buffer.concat([ids, attribute]))));
}

function rawStatus(text: string): Promise<number> {
  const { hostname, port } = new URL(collector.url);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.end(text));
    socket.on('data', (piece: Buffer) => (answer += piece.toString('latin1')));
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0)));
    socket.on('error', reject);
  });
}
