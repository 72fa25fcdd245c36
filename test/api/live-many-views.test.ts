import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { io, type Socket } from 'socket.io-client';
import { happyOrder } from '@throughline/fixtures/scenarios/happy-order';
import type { ClientToServer, ServerToClient } from '@throughline/model/socket-events';
import { LIMITS } from '../../collector/src/limits.js';
import { Publisher } from '../../collector/src/publish/publisher.js';
import { manualClock, type ManualClock } from '../support/manual-clock.js';
import { openCollector } from '../support/open-collector.js';
import { until } from '../support/until.js';

type Viewer = Socket<ServerToClient, ClientToServer>;
const EVERYTHING = { runs: [], gone: [], findings: true, stats: true };

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A viewer of several views on one websocket, and the numbers it was told, the snapshot's first. */
async function viewerOf(
  url: string,
  views: readonly string[],
): Promise<{ socket: Viewer; numbers: Map<string, number[]> }> {
  const socket: Viewer = io(url, { transports: ['websocket'], reconnection: false });
  closing.push(() => socket.close());
  const numbers = new Map<string, number[]>(views.map((view) => [view, []]));
  socket.on('snapshot', ({ subscription, seq }) => numbers.get(subscription)?.push(seq));
  socket.on('delta', ({ subscription, seq }) => numbers.get(subscription)?.push(seq));
  for (const view of views) socket.emit('subscribe', { subscription: view, view, params: {} });
  await until('the snapshots came', () => views.every((view) => numbers.get(view)?.length === 1));
  return { socket, numbers };
}

function countedFrom(first: number | undefined, length: number): number[] {
  return Array.from({ length }, (_, index) => (first ?? NaN) + index);
}

/** The socket below a viewer's websocket: paused, it reads nothing more, and the server's buffers fill. */
function stopReading({ io: manager }: Viewer): { resume(): void } {
  const { transport } = manager.engine as unknown as {
    transport: { ws: { _socket: { pause(): void; resume(): void } } };
  };
  const wire = transport.ws._socket;
  wire.pause();
  closing.push(() => wire.resume());
  return wire;
}

/** A publisher alone, whose views are a text of this many characters, another one at each reading. */
async function published(
  chars: number,
): Promise<{ url: string; clock: ManualClock; beat(): void }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const clock = manualClock();
  let reading = 0;
  const publisher = new Publisher({
    server,
    clock,
    read: () => ({ text: String((reading += 1)).padEnd(chars, '.') }),
    settle: () => undefined,
    refuse: () => undefined,
    report: (error) => expect.unreachable(String(error)),
  });
  closing.push(async () => {
    await publisher.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const beat = (): void => {
    publisher.changed(EVERYTHING);
    clock.advance(LIMITS.liveDeltaPeriodMs);
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, clock, beat };
}

it.each([
  { views: ['overview', 'runs'] },
  { views: ['runs', 'overview', 'map'] },
  { views: ['map', 'findings', 'runs', 'overview'] },
])('a viewer of $views misses nothing while spans arrive', async ({ views }) => {
  const collector = await openCollector();
  closing.push(() => collector.close());
  const { numbers } = await viewerOf(collector.url, views);
  const moving = views.filter((view) => view !== 'findings');
  for (let round = 2; round <= 6; round += 1) {
    await collector.send(happyOrder.tell(`order ${String(round)}`).spans.slice(0, 3));
    await until('every view moved', () =>
      moving.every((view) => (numbers.get(view)?.length ?? 0) >= round),
    );
  }
  for (const view of views) {
    const told = numbers.get(view) ?? [];
    expect(told, view).toEqual(countedFrom(told[0], told.length));
  }
});

it('several views that are each larger than what may wait come whole, too', async () => {
  const { url, beat } = await published(2 * LIMITS.liveWaitingCharsMax);
  const views = ['overview', 'map', 'dead-letters'];
  const { numbers } = await viewerOf(url, views);
  for (let round = 2; round <= 5; round += 1) {
    beat();
    await until('all came', () => views.every((view) => numbers.get(view)?.length === round));
  }
  for (const view of views) expect(numbers.get(view), view).toEqual([0, 1, 2, 3, 4]);
});

it('a viewer that does not read is skipped, the others miss nothing, and it starts anew', async () => {
  const { url, clock, beat } = await published(LIMITS.liveWaitingCharsMax);
  const slow = await viewerOf(url, ['overview', 'map']);
  const quick = await viewerOf(url, ['overview', 'map']);
  const wire = stopReading(slow.socket);
  const rounds = 40;
  for (let round = 1; round <= rounds; round += 1) {
    beat();
    const hasIt = (): boolean =>
      [...quick.numbers.values()].every((numbers) => numbers.length > round);
    await until('the quick one has it', hasIt, { everyMs: 2 });
  }
  clock.advance(LIMITS.liveBeatPeriodMs);
  const told = quick.numbers.get('map') ?? [];
  wire.resume();
  const last = await until('the slow one learns what it missed', () => {
    const seq = slow.numbers.get('map')?.at(-1) ?? 0;
    return seq > rounds && seq;
  });
  expect(told).toEqual(countedFrom(told[0], told.length));
  // What the system's own buffers took, one flush, and the beat: far from all of it.
  expect(slow.numbers.get('map')?.length).toBeLessThan(rounds / 2);
  slow.socket.emit('subscribe', { subscription: 'map', view: 'map', params: {} });
  await until('it has a snapshot', () => (slow.numbers.get('map')?.at(-1) ?? 0) >= last);
  const before = slow.numbers.get('map')?.length ?? 0;
  beat();
  await until('it is told again', () => (slow.numbers.get('map')?.length ?? 0) > before);
});

it('spans are taken while a viewer of everything reads nothing', async () => {
  const collector = await openCollector();
  closing.push(() => collector.close());
  const views = ['runs', 'overview', 'map'];
  const slow = await viewerOf(collector.url, views);
  const quick = await viewerOf(collector.url, views);
  stopReading(slow.socket);
  const told20 = Array.from({ length: 20 }, (_, n) => happyOrder.tell(`order ${String(n)}`).spans);
  for (const spans of told20) await collector.send(spans);
  const { body } = await collector.get('/stats');
  expect(body).toMatchObject({ stored: told20.flat().length });
  await until('the other is told', () => (quick.numbers.get('runs')?.length ?? 0) > 1);
  for (const told of quick.numbers.values())
    expect(told).toEqual(countedFrom(told[0], told.length));
});
