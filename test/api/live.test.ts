import { afterEach, expect, it } from 'vitest';
import { io, type Socket } from 'socket.io-client';
import { happyOrder } from '@throughline/fixtures/scenarios/happy-order';
import { stalledAfterPayment } from '@throughline/fixtures/scenarios/stalled-after-payment';
import type { RunDetail, RunItem } from '@throughline/model/api/runs';
import type {
  ClientToServer,
  LiveDelta,
  OverviewSnapshot,
  ServerToClient,
} from '@throughline/model/socket-events';
import { LIMITS } from '../../collector/src/limits.js';
import { openCollector, type OpenCollector } from '../support/open-collector.js';
import { until } from '../support/until.js';

type Viewer = Socket<ServerToClient, ClientToServer>;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function opened(): Promise<OpenCollector> {
  const collector = await openCollector({ policy: stalledAfterPayment.policy });
  closing.push(() => collector.close());
  return collector;
}

interface Told {
  readonly snapshots: { seq: number; body: unknown }[];
  readonly deltas: { seq: number; at: string; body: LiveDelta }[];
  readonly faults: { title: string; detail: string }[];
}

function viewer(url: string): { socket: Viewer; told: Map<string, Told> } {
  const socket: Viewer = io(url, { transports: ['websocket'], reconnection: false });
  closing.push(() => socket.close());
  const told = new Map<string, Told>();
  const of = (name: string): Told => {
    const known = told.get(name) ?? { snapshots: [], deltas: [], faults: [] };
    told.set(name, known);
    return known;
  };
  socket.on('snapshot', (message) => of(message.subscription).snapshots.push(message));
  socket.on('delta', (message) => of(message.subscription).deltas.push(message));
  socket.on('fault', (message) => of(message.subscription).faults.push(message));
  return { socket, told };
}

it('a viewer of the runs gets a snapshot, then what changes, numbered without a gap', async () => {
  const collector = await opened();
  await collector.send(happyOrder.tell('first').spans);
  const { socket, told } = viewer(collector.url);
  socket.emit('subscribe', { subscription: 'a', view: 'runs', params: { status: 'completed' } });
  const first = await until('the snapshot came', () => told.get('a')?.snapshots[0]);
  expect((first.body as { items: RunItem[] }).items).toHaveLength(1);

  await collector.send(happyOrder.tell('second').spans.slice(0, 3));
  await collector.send(stalledAfterPayment.tell('third').spans);
  const upserts = (): RunItem[] =>
    (told.get('a')?.deltas ?? []).flatMap(({ body }) => (body.upsert ?? []) as RunItem[]);
  await until('both completed peers came', () => new Set(upserts().map(({ id }) => id)).size >= 2);
  expect(upserts().every(({ status }) => status === 'completed')).toBe(true);
  const numbers = (told.get('a')?.deltas ?? []).map(({ seq }) => seq);
  expect(numbers).toEqual(numbers.map((_seq, index) => first.seq + index + 1));
});

it('what a viewer puts together from deltas is what a newcomer gets as snapshot', async () => {
  const collector = await opened();
  const { socket, told } = viewer(collector.url);
  socket.emit('subscribe', { subscription: 'early', view: 'runs', params: {} });
  const { spans } = stalledAfterPayment.tell();
  await until('the snapshot came', () => told.get('early')?.snapshots[0]);
  for (let at = 0; at < spans.length; at += 4) await collector.send(spans.slice(at, at + 4));
  const expected = ((await collector.get('/runs')).body as { items: RunItem[] }).items;
  const pieced = (): unknown[] => {
    const items = new Map<string, RunItem>();
    for (const { body } of told.get('early')?.deltas ?? []) {
      for (const item of (body.upsert ?? []) as RunItem[]) items.set(item.id, item);
      for (const id of body.remove ?? []) items.delete(id);
    }
    return [...items.values()].map(({ id, stepCount }) => `${id} ${String(stepCount)}`).sort();
  };
  const whole = expected.map(({ id, stepCount }) => `${id} ${String(stepCount)}`).sort();
  await until('the deltas add up', () => JSON.stringify(pieced()) === JSON.stringify(whole));
});

it('a viewer of one run sees it grow, by an alias or its id', async () => {
  const collector = await opened();
  const { spans } = happyOrder.tell();
  await collector.send(spans.slice(0, 2));
  const [item] = ((await collector.get('/runs')).body as { items: RunItem[] }).items;
  const { socket, told } = viewer(collector.url);
  socket.emit('subscribe', { subscription: 'run', view: 'run', params: { id: item?.id ?? '' } });
  await until('the snapshot came', () => told.get('run')?.snapshots[0]);
  await collector.send(spans.slice(2));
  const last = await until('the run is whole', () => {
    const run = told.get('run')?.deltas.at(-1)?.body.replace as RunDetail | undefined;
    return run?.status === 'completed' && run.stepCount === spans.length ? run : null;
  });
  expect(last.steps).toHaveLength(spans.length);
});

it('deltas come at most ten times a second, however often something changes', async () => {
  const collector = await opened();
  const { socket, told } = viewer(collector.url);
  socket.emit('subscribe', { subscription: 'a', view: 'overview', params: {} });
  await until('the snapshot came', () => told.get('a')?.snapshots[0]);
  const told30 = Array.from({ length: 30 }, (_, n) => happyOrder.tell(`order ${String(n)}`).spans);
  for (const spans of told30) await collector.send(spans);
  await until('all spans are told', () => {
    const body = told.get('a')?.deltas.at(-1)?.body.replace as OverviewSnapshot | undefined;
    return body?.stats.stored === told30.flat().length;
  });
  // The empty ones tell nothing: they let a viewer see that it missed one.
  const full = (told.get('a')?.deltas ?? []).filter(({ body }) => body.replace !== undefined);
  const times = full.map(({ at }) => Date.parse(at));
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
  expect(gaps.length).toBeGreaterThan(0);
  // The timer of the system may come a few milliseconds early.
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(LIMITS.liveDeltaPeriodMs - 10);
});

it('a wrong subscription is answered with what is wrong, and the connection stays', async () => {
  const collector = await opened();
  const { socket, told } = viewer(collector.url);
  const wrong: [string, string, Record<string, string>][] = [
    ['view', 'weather', {}],
    ['query', 'runs', { q: 'status:nope' }],
    ['limit', 'runs', { limit: '9999' }],
    ['gone', 'run', { id: 'r_nobody' }],
    ['map', 'map', { level: 'galaxy' }],
  ];
  for (const [subscription, view, params] of wrong) {
    socket.emit('subscribe', { subscription, view, params });
  }
  await until('all are refused', () =>
    wrong.every(([name]) => told.get(name)?.faults.length === 1),
  );
  expect(told.get('query')?.faults[0]?.detail).toContain('nope');
  socket.emit('subscribe', { subscription: 'good', view: 'findings', params: {} });
  await until('a right one is served', () => told.get('good')?.snapshots[0]);
});

it('a page of another origin gets no socket, though browsers ask no permission for one', async () => {
  const collector = await opened();
  for (const transport of ['websocket', 'polling']) {
    const socket: Viewer = io(collector.url, {
      transports: [transport],
      reconnection: false,
      extraHeaders: { origin: 'https://evil.example' },
    });
    closing.push(() => socket.close());
    const refused = await new Promise((resolve) => {
      socket.on('connect', () => resolve(false));
      socket.on('connect_error', () => resolve(true));
    });
    expect(refused, transport).toBe(true);
  }
});

it('an unsubscribed view is quiet, and one that is subscribed again starts anew', async () => {
  const collector = await opened();
  const { socket, told } = viewer(collector.url);
  socket.emit('subscribe', { subscription: 'a', view: 'runs', params: {} });
  await until('the snapshot came', () => told.get('a')?.snapshots[0]);
  socket.emit('unsubscribe', { subscription: 'a' });
  socket.emit('subscribe', { subscription: 'b', view: 'runs', params: {} });
  await until('the other snapshot came', () => told.get('b')?.snapshots[0]);
  await collector.send(happyOrder.tell().spans);
  await until('the other one is told', () => (told.get('b')?.deltas.length ?? 0) > 0);
  expect(told.get('a')?.deltas).toEqual([]);
  socket.emit('subscribe', { subscription: 'a', view: 'runs', params: {} });
  const again = await until('a new snapshot came', () => told.get('a')?.snapshots[1]);
  expect((again.body as { items: RunItem[] }).items).toHaveLength(1);
});
