import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FindingView } from '@throughline/model/api/findings';
import type { MapEdge, MapView } from '@throughline/model/api/map';
import type { Page } from '@throughline/model/api/primitives';
import { toldCollector, type ToldCollector } from './told-collector.js';

let collector: ToldCollector;
beforeAll(async () => {
  collector = await toldCollector();
});
afterAll(() => collector.close());

describe('the map', () => {
  it('puts the destination between the one who sends and the one who takes', async () => {
    const map = await collector.ask<MapView>('/map');
    const id = (kind: string, name: string): string =>
      map.nodes.find((node) => node.kind === kind && node.name === name)?.id ?? `no ${name}`;
    const edge = (from: string, to: string): MapEdge | undefined =>
      map.edges.find((one) => one.from === from && one.to === to);
    expect(edge(id('service', 'payment'), id('destination', 'payments'))?.kind).toBe('send');
    expect(edge(id('destination', 'payments'), id('service', 'inventory'))?.kind).toBe('take');
    const ids = new Set(map.nodes.map((node) => node.id));
    expect(map.edges.filter(({ from, to }) => !ids.has(from) || !ids.has(to))).toEqual([]);
  });

  it('shows a service that talks to nobody, at the time it was at work', async () => {
    const map = await collector.ask<MapView>('/map');
    const alone = map.nodes.filter(
      ({ id }) => !map.edges.some(({ from, to }) => from === id || to === id),
    );
    expect(alone.map(({ kind, name, ghost, health }) => [kind, name, ghost, health])).toEqual([
      ['service', 'numbers', false, 'ok'],
    ]);
    const names = async (query: string): Promise<string[]> =>
      (await collector.ask<MapView>(`/map?${query}`)).nodes.map(({ name }) => name);
    expect(await names('to=2026-01-05T08:00:00Z')).not.toContain('numbers');
    expect(await names('workflow=returns')).not.toContain('numbers');
  });

  it('draws what is declared and was never seen as ghosts', async () => {
    const map = await collector.ask<MapView>('/map?workflow=returns');
    expect(map.nodes.every(({ ghost }) => ghost)).toBe(true);
    expect(map.nodes.map(({ name }) => name).sort()).toEqual([
      'return.approved',
      'return.asked',
      'returns-desk',
    ]);
    expect(map.edges.map(({ kind, ghost }) => [kind, ghost])).toEqual([
      ['take', true],
      ['send', true],
    ]);
  });

  it('draws the reader that a destination lacks as a ghost', async () => {
    const { items } = await collector.ask<Page<FindingView>>('/findings?rule=missing-consumer');
    const map = await collector.ask<MapView>('/map');
    expect(items.length).toBeGreaterThan(0);
    for (const { subject } of items) {
      const readers = map.edges.filter(({ from, kind }) => from === subject.id && kind === 'take');
      expect(readers.some(({ ghost }) => ghost)).toBe(true);
    }
  });

  it('of a past hour shows what moved then', async () => {
    const map = await collector.ask<MapView>('/map?at=2026-01-05T09:05:00Z');
    expect(map.to).toBe('2026-01-05T09:05:00.000Z');
    expect(map.edges.filter(({ ghost }) => !ghost).length).toBeGreaterThan(0);
    const before = await collector.ask<MapView>('/map?to=2026-01-05T08:00:00Z');
    expect(before.edges.filter(({ ghost }) => !ghost)).toEqual([]);
  });

  it('at the level of events has a tube per message type', async () => {
    const map = await collector.ask<MapView>('/map?level=event');
    const tubes = map.nodes.filter(({ kind }) => kind === 'destination');
    expect(tubes.some(({ name }) => name.includes('payment.captured'))).toBe(true);
  });
});
