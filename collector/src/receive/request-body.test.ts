import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../clock.js';
import { LIMITS } from '../limits.js';
import { goodJson, json, JSON_TYPE, ReceiveBench } from './receive-bench.case.js';

let bench: ReceiveBench;
beforeEach(async () => {
  bench = new ReceiveBench();
  await bench.listen();
});
afterEach(() => bench.close());

describe('a body that is too much', () => {
  const gzip = { ...JSON_TYPE, 'content-encoding': 'gzip' };
  const bomb = gzipSync(Buffer.alloc(LIMITS.bodyBytesMax + 1, ' '));

  test('by its announced length is refused before it is read', async () => {
    const answer = await bench.rawExchange([
      `POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${LIMITS.bodyBytesMax + 1}\r\n\r\n{`,
    ]);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toMatch(/Connection: close/i);
  });

  test('once inflated is refused, whether its trailer tells or lies', async () => {
    const members = Buffer.concat([bomb, gzipSync('{}')]);
    for (const body of [bomb, members]) {
      const answer = await bench.traces({ headers: gzip, body });
      expect(answer.status).toBe(413);
      expect(json(answer)['code']).toBe(8);
    }
    expect(bench.admission.inFlightBytes).toBe(0);
    expect(bench.taken).toHaveLength(0);
  });

  test('without a length is read up to the limit and no further', async () => {
    const piece = Buffer.alloc(1024 * 1024, ' ');
    const head =
      'POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), piece, Buffer.from('\r\n')]);
    const pieces = Array.from({ length: LIMITS.bodyBytesMax / piece.length + 8 }, () => chunk);
    expect(await bench.rawExchange([head, ...pieces])).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('together with others must wait', async () => {
    let settle = (): void => undefined;
    bench.durable = new Promise((resolve) => (settle = resolve));
    const large = JSON.stringify({ pad: 'x'.repeat(60 * 1024 * 1024) });
    const first = bench.traces({ headers: JSON_TYPE, body: large });
    while (bench.taken.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const second = await bench.traces({ headers: JSON_TYPE, body: large });
    expect([second.status, second.headers['retry-after']]).toEqual([429, '1']);
    settle();
    expect((await first).status).toBe(200);
    expect(bench.admission.inFlightBytes).toBe(0);
  });
});

describe('a sender', () => {
  const head =
    'POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n';

  test('that dawdles is let go', async () => {
    const acts: (() => void)[] = [];
    bench.clock = {
      ...systemClock,
      after: (_delay, act) => {
        acts.push(act);
        return () => undefined;
      },
    };
    const answer = bench.rawExchange([head, '{']);
    while (acts.length === 0) await new Promise((resolve) => setImmediate(resolve));
    acts.forEach((act) => act());
    expect(await answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(bench.refused).toEqual(['BODY_TOO_SLOW']);
  });

  test('that pauses too long is let go, one that keeps sending is not', async () => {
    const passing: ((ms: number) => void)[] = [];
    bench.clock = {
      ...systemClock,
      every: (periodMs, tick) => {
        passing.push((ms) => {
          for (let left = ms; left >= periodMs; left -= periodMs) tick();
        });
        return () => undefined;
      },
    };
    const pass = (ms: number): void => passing.forEach((act) => act(ms));
    const socket = connect(bench.port, '127.0.0.1');
    let text = '';
    socket.on('data', (piece: Buffer) => (text += piece.toString()));
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.write(`${head}{`);
    const held = bench.admission;
    while (held.inFlightBytes < 1) await new Promise((resolve) => setImmediate(resolve));
    pass(LIMITS.bodyPauseMsMax);
    socket.write(' ');
    while (held.inFlightBytes < 2) await new Promise((resolve) => setImmediate(resolve));
    pass(LIMITS.bodyPauseMsMax);
    expect(text).toBe('');
    // It is noticed within a quarter of the time more.
    pass(LIMITS.bodyPauseMsMax / 4);
    await closed;
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('that goes away leaves nothing behind', async () => {
    const socket = connect(bench.port, '127.0.0.1');
    socket.write(`${head}{"resourceSpans":`);
    while (bench.admission.inFlightBytes === 0)
      await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
    while (bench.admission.inFlightBytes > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(bench.taken).toHaveLength(0);
    expect((await bench.traces({ headers: JSON_TYPE, body: goodJson })).status).toBe(200);
  });
});
