import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { StatsView } from '@throughline/model/api/catalog';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../support/until.js';
import { startProgram } from '../support/start-program.js';
import { expectNothingLost, judge } from './check-history.js';
import { bodyOf, order, witnessedOf } from './orders.js';
import { quantile, scaled, tell } from './scale.js';
import { post, Sender } from './sender.js';
import { Scene, watchMemory, type WatchedCollector } from './watched-collector.js';
import { getJson, spansInFolder, witnessAccounts, witnessApi, witnessFolder } from './witness.js';

const flooder = fileURLToPath(new URL('./flooding-child.mjs', import.meta.url));

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.leave());

const JSON_GZIP = { 'content-type': 'application/json', 'content-encoding': 'gzip' };

/** Zeros that grow a thousandfold. */
function bomb(mebibytes: number): Buffer {
  const zeros = gzipSync(Buffer.alloc(16 * 1024 * 1024));
  // Members one after the other are one body (RFC 1952 section 2.2).
  return Buffer.concat(Array.from({ length: mebibytes / 16 }, () => zeros));
}

describe('a collector under attack', () => {
  it('A6 reads no body beyond its limit, whatever its gzip grows to', async () => {
    const collector = await scene.start();
    const warm = new Sender(scene.history);
    for (let number = 0; number < 20; number += 1) await warm.send(collector.url, order(number));
    const single = gzipSync(Buffer.alloc(512 * 1024 * 1024), { level: 1 });
    // The trailer says how long the body is, and may lie: here it claims ten bytes.
    const lying = Buffer.from(single);
    lying.writeUInt32LE(10, lying.length - 4);
    const memory = watchMemory(collector.process.pid ?? 0);
    const startedMs = performance.now();
    const count = scaled({ quick: 4, full: 17 });
    const bombs = [single, lying, bomb(512)].flatMap((body) =>
      Array.from({ length: count }, () => body),
    );
    const answers = await Promise.all(
      bombs.map((body) => post(`${collector.url}/v1/traces`, { body, headers: JSON_GZIP })),
    );
    const ms = performance.now() - startedMs;
    const { beforeMiB, peakMiB } = await memory.stop();
    expect(answers.map((answer) => answer?.status)).toEqual(bombs.map(() => 413));
    const inParts = Buffer.from(bodyOf(order(50)));
    const parts = Buffer.concat([
      gzipSync(inParts.subarray(0, 300)),
      gzipSync(inParts.subarray(300)),
    ]);
    scene.history.append({ op: 'sent', request: 1, spans: order(50).map(witnessedOf) });
    expect(
      await post(`${collector.url}/v1/traces`, { body: parts, headers: JSON_GZIP }),
    ).toMatchObject({ status: 200 });
    const inGzip = gzipSync(single.subarray(0, 100_000));
    expect(
      await post(`${collector.url}/v1/traces`, { body: inGzip, headers: JSON_GZIP }),
    ).toMatchObject({ status: 400 });
    await warm.send(collector.url, order(99));
    await witnessApi(scene.history, collector.url);
    expectNothingLost(scene.history.operations());
    warm.close();
    tell(
      'A6',
      `${String(bombs.length)} bombs of 512 MiB at once: all 413 in ${ms.toFixed(0)} ms, memory +${(peakMiB - beforeMiB).toFixed(0)} MiB at the peak`,
    );
    expect(peakMiB - beforeMiB).toBeLessThan(scaled({ quick: 96, full: 32 }));
  }, 120_000);

  it('A11 closes whoever only holds a connection, and others hardly notice', async () => {
    const collector = await scene.start();
    const sender = new Sender(scene.history);
    const quiet = await acksOf(sender, collector, { from: 0, count: 100 });
    const idle = scaled({ quick: 300, full: 3_500 });
    const attackers = Array.from({ length: idle }, () => attacker(collector, ''));
    const head = 'POST /v1/traces HTTP/1.1\r\nHost: localhost\r\n';
    const loris = Array.from({ length: 20 }, () => attacker(collector, head));
    const drips = loris.map((one) => setInterval(() => one.socket.write('X-a: b\r\n'), 1_000));
    const busy = await acksOf(sender, collector, { from: 1_000, count: 100 });
    expect(await lyingLength(collector)).toBe(408);
    const closedAfterMs = await Promise.all(
      [...attackers, ...loris].map((one) => one.closedAfterMs),
    );
    for (const drip of drips) clearInterval(drip);
    const ratio = quantile(busy, 0.99) / quantile(quiet, 0.99);
    const latest = Math.max(...closedAfterMs);
    tell(
      'A11',
      `${String(idle)} idle connections and 20 that send their head slowly: closed after ${(latest / 1_000).toFixed(1)} s at most; p99 of others × ${ratio.toFixed(2)} (${quantile(quiet, 0.99).toFixed(1)} → ${quantile(busy, 0.99).toFixed(1)} ms)`,
    );
    expect(latest).toBeLessThan(13_000);
    expect(quantile(busy, 0.99)).toBeLessThan(Math.max(quantile(quiet, 0.99) * 3, 100));
    await witnessApi(scene.history, collector.url);
    expectNothingLost(scene.history.operations());
    sender.close();
  }, 60_000);

  it('C1 refuses what it cannot take with a time to come again, stays in its memory, and recovers', async () => {
    const collector = await scene.start({ nodeFlags: ['--max-old-space-size=256'] });
    const memory = watchMemory(collector.process.pid ?? 0);
    const seconds = scaled({ quick: 4, full: 600 });
    const senders = Array.from({ length: 60 }, () => new Sender(scene.history));
    const untilMs = performance.now() + seconds * 1_000;
    let number = 0;
    await Promise.all(
      senders.map(async (sender) => {
        while (performance.now() < untilMs) {
          const spans = order(number++, { spanCount: 50, ballastBytes: 2_000 });
          const answer = await sender.send(collector.url, spans);
          if (answer === null) await pause(20);
        }
      }),
    );
    const { beforeMiB, peakMiB } = await memory.stop();
    const startedMs = performance.now();
    const [first] = senders;
    await until('it takes spans again at once', async () => {
      const answer = await first?.send(collector.url, order(9_000_000));
      return answer?.status === 200;
    });
    const recoveredMs = performance.now() - startedMs;
    for (const sender of senders) sender.close();
    await witnessAccounts(scene.history, collector.url);
    expect(await collector.stop()).toBe(0);
    await witnessFolder(scene.history, scene.dataFolder);
    const figures = expectNothingLost(scene.history.operations());
    tell(
      'C1',
      `${String(figures.spansSent)} spans in ${String(seconds)} s from 60 senders, heap 256 MiB: ${String(figures.refusals)} requests refused, ${String(figures.unanswered)} unanswered, 0 acknowledged lost, 0 unaccounted; memory ${beforeMiB.toFixed(0)} → ${peakMiB.toFixed(0)} MiB; well again after ${recoveredMs.toFixed(0)} ms`,
    );
    expect(figures.unanswered).toBe(0);
    expect(recoveredMs).toBeLessThan(5_000);
    expect(peakMiB).toBeLessThan(900);
  }, 1_200_000);

  it('C2 refuses nothing of a normal sender beside one that floods', async () => {
    const collector = await scene.start();
    const normal = new Sender(scene.history);
    const quiet = await acksOf(normal, collector, { from: 0, count: 60 });
    const flood = startProgram([process.execPath, flooder, collector.url, '127.0.0.2', '30']);
    scene.atEnd(() => flood.stop('SIGKILL'));
    await until('the flood is in', async () => (await received(collector)) > 5_000);
    const count = scaled({ quick: 30, full: 3_000 });
    const busy = await acksOf(normal, collector, { from: 1_000, count });
    await flood.stop('SIGTERM');
    const [, told = '{}'] = /^(\{.*\})$/m.exec(flood.said()) ?? [];
    const statuses = JSON.parse(told) as Readonly<Record<string, number>>;
    const refusedNormal = [...normal.statuses].filter(([status]) => status !== 200);
    const [before, after] = [quantile(quiet, 0.99), quantile(busy, 0.99)];
    tell(
      'C2',
      `beside 30 connections of one flooding sender (${String(statuses['200'] ?? 0)} requests of 200 spans taken, ${String(statuses['429'] ?? 0)} × 429): 0 of ${String(normal.ackMs.length)} of the normal sender refused; its p50 ${quantile(quiet, 0.5).toFixed(1)} → ${quantile(busy, 0.5).toFixed(1)} ms, p99 ${before.toFixed(1)} → ${after.toFixed(1)} ms`,
    );
    expect(refusedNormal).toEqual([]);
    expect(await received(collector)).toBe((statuses['200'] ?? 0) * 200 + normal.ackMs.length * 5);
    normal.close();
    await collector.stop();
    const found = await spansInFolder(scene.dataFolder);
    const { lost, altered } = judge([
      ...scene.history.operations(),
      { op: 'stored', spans: found },
    ]).verdict;
    expect({ lost, altered }).toEqual({ lost: [], altered: [] });
  }, 300_000);
});

async function received({ url }: WatchedCollector): Promise<number> {
  return (await getJson<StatsView>(`${url}/api/v1/stats`)).total.received;
}

async function acksOf(
  sender: Sender,
  collector: WatchedCollector,
  { from, count }: { readonly from: number; readonly count: number },
): Promise<number[]> {
  const before = sender.ackMs.length;
  for (let number = from; number < from + count; number += 1) {
    await sender.send(collector.url, order(number));
  }
  return sender.ackMs.slice(before);
}

interface Attacker {
  readonly socket: Socket;
  readonly closedAfterMs: Promise<number>;
}

function attacker(collector: WatchedCollector, text: string): Attacker {
  const { hostname, port } = new URL(collector.url);
  const startedMs = performance.now();
  const socket = connect(Number(port), hostname, () => void (text !== '' && socket.write(text)));
  scene.atEnd(() => socket.destroy());
  socket.on('error', () => undefined).resume();
  const closedAfterMs = new Promise<number>((resolve) =>
    socket.on('close', () => resolve(performance.now() - startedMs)),
  );
  return { socket, closedAfterMs };
}

/** Announces more than it sends. @returns the status that it hears. */
function lyingLength(collector: WatchedCollector): Promise<number> {
  const { socket } = attacker(
    collector,
    'POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{}',
  );
  return new Promise((resolve) =>
    socket.on('data', (piece: Buffer) =>
      resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(piece.toString('latin1'))?.[1])),
    ),
  );
}
