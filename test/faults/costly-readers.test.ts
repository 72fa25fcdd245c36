import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClientToServer, ServerToClient } from '@throughline/model/socket-events';
import { openFactStore } from '../../collector/src/store/sqlite/open.js';
import { until } from '../support/until.js';
import { manualClock } from '../support/manual-clock.js';
import { expectNothingLost } from './check-history.js';
import { bodyOf, order } from './orders.js';
import { quantile, scaled, tell } from './scale.js';
import { Sender } from './sender.js';
import { residentMiB, Scene, type WatchedCollector } from './watched-collector.js';
import { getJson, witnessAccounts, witnessFolder } from './witness.js';

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.leave());

describe('a reader that costs much', () => {
  it('B8 and reads for long does not keep the journal from being emptied', async () => {
    const folder = scene.dataFolder;
    const onWarning = (text: string): never => expect.fail(text);
    const store = await openFactStore({ folder, clock: manualClock(), onWarning });
    const append = (number: number): Promise<number> => {
      const body = Buffer.from(bodyOf(order(number, { spanCount: 4, ballastBytes: 100_000 })));
      const like = { format: 'otlp-json', contentEncoding: 'identity', spanCount: 4 } as const;
      return store.append({
        ...like,
        receivedAtNs: 1n as Parameters<typeof store.append>[0]['receivedAtNs'],
        body,
      });
    };
    let number = 0;
    while (number < 40) await append(number++);
    let journalBytes = 0;
    let read = 0;
    const bodies = scaled({ quick: 150, full: 5_000 });
    const reading = (async (): Promise<void> => {
      for await (const { id } of store.read(0)) {
        read = id;
        // A cursor that somebody forgot: it holds what it was given and asks for more late.
        await pause(20);
        if (number >= bodies) break;
      }
    })();
    while (number < bodies) {
      await append(number++);
      journalBytes = Math.max(journalBytes, statSync(join(folder, 'facts.db-wal')).size);
    }
    await reading;
    await store.close();
    expect(read).toBeGreaterThan(5);
    const mebibytes = journalBytes / 1_048_576;
    tell(
      'B8',
      `${String(Math.round(bodies * 0.53))} MiB written beside a slow reader: the journal took ${mebibytes.toFixed(0)} MiB at most`,
    );
    expect(mebibytes).toBeLessThan(256);
  }, 600_000);

  it('C3 of a run without measure gets pages, and senders hardly wait', async () => {
    const collector = await scene.start();
    const sender = new Sender(scene.history);
    const steps = scaled({ quick: 3_000, full: 100_000 });
    const all = order(7, { spanCount: steps });
    for (let at = 0; at < steps; at += 500)
      await sender.send(collector.url, all.slice(at, at + 500));
    const quiet = await ackTimes(sender, collector, { from: 100, count: 40 });
    const asking = { isOver: false };
    const asked = askAgainAndAgain(collector, asking);
    const busy = await ackTimes(sender, collector, {
      from: 1_000,
      count: scaled({ quick: 40, full: 1_000 }),
    });
    asking.isOver = true;
    const { slowestMs, largestBytes, answers } = await asked;
    sender.close();
    await witnessAccounts(scene.history, collector.url);
    await collector.stop();
    await witnessFolder(scene.history, scene.dataFolder);
    expectNothingLost(scene.history.operations());
    tell(
      'C3',
      `a run of ${String(steps)} steps asked for again and again, among costly questions (${String(answers)} answers): ${slowestMs.toFixed(0)} ms at most, ${(largestBytes / 1_048_576).toFixed(1)} MiB a page at most; acknowledgement p99 ${quantile(quiet, 0.99).toFixed(1)} → ${quantile(busy, 0.99).toFixed(1)} ms`,
    );
    expect(slowestMs).toBeLessThan(10_000);
    expect(largestBytes).toBeLessThan(scaled({ quick: 8, full: 8 }) * 1_048_576);
  }, 600_000);

  it('C4 that watches and stops reading is left behind, and holds up nobody', async () => {
    const collector = await scene.start();
    const sender = new Sender(scene.history);
    for (let number = 0; number < 300; number += 1)
      await sender.send(collector.url, order(number, { spanCount: 2 }));
    const count = scaled({ quick: 30, full: 450 });
    const viewers = await Promise.all(Array.from({ length: count }, () => viewer(collector.url)));
    const before = residentMiB(collector.process.pid ?? 0);
    const stalled = viewers.slice(0, count / 5);
    for (const { socket } of stalled) wireOf(socket).pause();
    const untilMs = performance.now() + scaled({ quick: 2_500, full: 60_000 });
    let number = 1_000;
    while (performance.now() < untilMs)
      await sender.send(collector.url, order(number++, { spanCount: 2 }));
    const grownMiB = residentMiB(collector.process.pid ?? 0) - before;
    const reading = viewers.slice(count / 5);
    await until('those who read were told of the last', () =>
      reading.every(({ deltas }) => deltas() > 3),
    );
    for (const { socket } of stalled) wireOf(socket).resume();
    await until('who stopped sees the present again', () => stalled.every(({ sees }) => sees()));
    for (const { socket } of viewers) socket.close();
    const refused = [...sender.statuses.keys()].filter((status) => status !== 200);
    sender.close();
    tell(
      'C4',
      `${String(count)} live viewers, of whom ${String(stalled.length)} stopped reading: 0 of ${String(number)} requests refused, acknowledgement p99 ${quantile(sender.ackMs, 0.99).toFixed(0)} ms, memory +${grownMiB.toFixed(0)} MiB`,
    );
    expect(refused).toEqual([]);
    // A MiB at most waits for each viewer.
    expect(grownMiB).toBeLessThan(150 + count);
  }, 180_000);
});

async function ackTimes(
  sender: Sender,
  collector: WatchedCollector,
  { from, count }: { readonly from: number; readonly count: number },
): Promise<number[]> {
  const before = sender.ackMs.length;
  for (let at = 0; at < count; at += 1) await sender.send(collector.url, order(from + at));
  return sender.ackMs.slice(before);
}

async function askAgainAndAgain(collector: WatchedCollector, asking: { readonly isOver: boolean }) {
  const { items } = await getJson<{ items: { id: string }[] }>(
    `${collector.url}/api/v1/runs?key=order-7`,
  );
  const questions = [
    `/api/v1/runs/${items[0]?.id ?? ''}`,
    '/api/v1/runs?from=1970-01-01T00:00:00Z&limit=500',
    `/api/v1/runs?q=${encodeURIComponent('name:*a*b*c*d* OR '.repeat(100))}x`,
    `/api/v1/runs?q=${'x'.repeat(5_000)}`,
    '/api/v1/map',
  ];
  let slowestMs = 0;
  let largestBytes = 0;
  let answers = 0;
  while (!asking.isOver) {
    for (const question of questions) {
      const startedMs = performance.now();
      const response = await fetch(collector.url + question);
      const bytes = (await response.arrayBuffer()).byteLength;
      slowestMs = Math.max(slowestMs, performance.now() - startedMs);
      largestBytes = Math.max(largestBytes, bytes);
      answers += 1;
      expect([200, 400, 404]).toContain(response.status);
    }
  }
  return { slowestMs, largestBytes, answers };
}

type Viewing = Socket<ServerToClient, ClientToServer>;

async function viewer(url: string) {
  const socket: Viewing = io(url, { transports: ['websocket'], reconnection: true });
  scene.atEnd(() => socket.close());
  let deltas = 0;
  let snapshots = 0;
  const subscribe = (): void =>
    void socket.emit('subscribe', { subscription: 'runs', view: 'runs', params: {} });
  socket.on('snapshot', () => (snapshots += 1));
  socket.on('delta', () => (deltas += 1));
  socket.on('connect', subscribe);
  await until('a viewer has its snapshot', () => snapshots > 0);
  return { socket, deltas: () => deltas, sees: () => deltas > 0 || snapshots > 1 };
}

/** The socket below a viewer's websocket: paused, it reads nothing more, and the server's buffers fill. */
function wireOf({ io: manager }: Viewing): { pause(): void; resume(): void } {
  const { transport } = manager.engine as unknown as {
    transport: { ws: { _socket: { pause(): void; resume(): void } } };
  };
  return transport.ws._socket;
}
