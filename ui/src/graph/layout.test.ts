import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Link, Place, SizedNode } from './graph.js';
import { layOut } from './layout.js';
import { linkKey, routeLinks } from './route.js';

const node = (id: string): SizedNode => ({ id, width: 168, height: 40 });

const graph = fc
  .integer({ min: 1, max: 14 })
  .chain((size) =>
    fc.record({
      ids: fc.constant(Array.from({ length: size }, (_, index) => `n${String(index)}`)),
      pairs: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 30 }),
    }),
  )
  .map(({ ids, pairs }) => ({
    nodes: ids.map(node),
    links: pairs.map(([from, to]): Link => ({ from: ids[from] ?? '', to: ids[to] ?? '' })),
  }));

function overlaps(places: ReadonlyMap<string, Place>): string[] {
  const all = [...places];
  return all.flatMap(([a, first], index) =>
    all
      .slice(index + 1)
      .filter(([, second]) => first.layer === second.layer && Math.abs(first.y - second.y) < 40)
      .map(([b]) => `${a} and ${b}`),
  );
}

describe('the layout of the map', () => {
  it('adds a node and moves no other', () => {
    fc.assert(
      fc.property(graph, fc.array(fc.nat(13), { maxLength: 4 }), ({ nodes, links }, beside) => {
        const before = layOut(nodes, links);
        const extra = beside.map((index, turn): Link => {
          const id = `n${String(index % nodes.length)}`;
          return turn % 2 === 0 ? { from: id, to: 'new' } : { from: 'new', to: id };
        });
        const after = layOut([...nodes, node('new')], [...links, ...extra], before);
        for (const [id, place] of before) expect(after.get(id)).toEqual(place);
        expect(after.has('new')).toBe(true);
        expect(overlaps(after)).toEqual([]);
      }),
    );
  });

  it('is the same whatever the order of the input', () => {
    fc.assert(
      fc.property(graph, ({ nodes, links }) => {
        const turned = layOut([...nodes].reverse(), [...links].reverse());
        expect([...turned].sort()).toEqual([...layOut(nodes, links)].sort());
      }),
    );
  });

  it('lets no two nodes of a column overlap', () => {
    fc.assert(
      fc.property(graph, ({ nodes, links }) => {
        expect(overlaps(layOut(nodes, links))).toEqual([]);
      }),
    );
  });

  it('keeps the gap of a node that is gone', () => {
    const links = [
      { from: 'a', to: 'b' },
      { from: 'a', to: 'c' },
    ];
    const before = layOut(['a', 'b', 'c'].map(node), links);
    const after = layOut(['a', 'b', 'd'].map(node), [{ from: 'a', to: 'd' }], before);
    expect(Math.abs((after.get('d')?.y ?? 0) - (before.get('c')?.y ?? 0))).toBeGreaterThanOrEqual(
      40,
    );
  });

  it('puts cause left of effect in a graph without cycles', () => {
    const links = [
      { from: 'web', to: 'orders' },
      { from: 'orders', to: 'stock' },
      { from: 'web', to: 'stock' },
    ];
    const places = layOut(['web', 'orders', 'stock'].map(node), links);
    for (const { from, to } of links) {
      expect(places.get(from)?.layer).toBeLessThan(places.get(to)?.layer ?? 0);
    }
  });

  it('lays out 2,000 nodes within four seconds', () => {
    const nodes = Array.from({ length: 2000 }, (_, index) => node(`n${String(index)}`));
    const links = nodes
      .slice(1)
      .map(({ id }, index) => ({ from: `n${String(index >> 1)}`, to: id }));
    const startedAt = performance.now();
    expect(layOut(nodes, links).size).toBe(2000);
    expect(performance.now() - startedAt).toBeLessThan(4000);
  });
});

describe('the lines of the map', () => {
  it('start and end at the sides of their nodes', () => {
    fc.assert(
      fc.property(graph, ({ nodes, links }) => {
        const places = layOut(nodes, links);
        const routes = routeLinks(nodes, links, places);
        for (const link of links) {
          if (link.from === link.to) continue;
          const route = routes.get(linkKey(link));
          expect(route?.start.x).toBe((places.get(link.from)?.x ?? 0) + 84);
          expect(route?.end.x).toBe((places.get(link.to)?.x ?? 0) - 84);
          expect(route?.d).not.toMatch(/NaN|Infinity/);
        }
      }),
    );
  });
});
