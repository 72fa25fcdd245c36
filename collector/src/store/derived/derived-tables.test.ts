import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunId } from '@throughline/model/ids';
import type { UnixNs } from '@throughline/model/time';
import { placeId } from '@throughline/model/traffic';
import type { DerivedTables, TrafficWindow } from '../read-store.js';
import { anyActs, built, OPEN, perform, sorted, text } from './act-on-tables.case.js';
import { createDerivedTables } from './derived-tables.js';
import { bucketMs, latencyBucket } from './latency-histogram.js';
import { anyInstant, START_NS, traceIds } from './some-runs.case.js';

const window = fc.record({
  fromNs: fc.option(anyInstant),
  toNs: fc.option(anyInstant),
  workflow: fc.constantFrom(null, 'checkout'),
  level: fc.constantFrom('destination' as const, 'event' as const),
});

/** Everything that the tables say, in an order of its own. */
function dump({ runs, traffic }: DerivedTables, at: TrafficWindow): unknown {
  const window = { fromNs: null, toNs: null, workflow: null, level: 'event' as const };
  return {
    pages: (['lastActivityAt', 'startedAt', 'duration'] as const).map((sort) =>
      runs.list({ filter: OPEN, sort, descending: true, limit: 500, cursor: null }),
    ),
    aliases: ['r_a', 'r_b', 'r_c', 'r_d', 'r_e', 'r_f'].map((id) => runs.get(id)?.id),
    byKey: ['1', '2', '3'].map((value) => sorted(runs.byKey({ type: 'order', value }))),
    byTrace: traceIds.map((id) => sorted(runs.byTrace(id))),
    facets: text(runs.facets(OPEN)),
    workflows: sorted(runs.workflows()),
    starts: runs.starts('checkout', {
      toNs: (START_NS + 8_000_000_000_000n) as UnixNs,
      bucketMs: 600_000,
      count: 14,
    }),
    attributes: ['r_a', 'r_b'].map((id) => runs.mayHaveAttribute(id as RunId, 'tenant', 'acme')),
    edges: sorted(traffic.edges(window)),
    edgesAt: sorted(traffic.edges(at)),
    services: sorted(traffic.services()),
    deadLetters: sorted(traffic.deadLetters()).map(withoutIndex),
    destinations: sorted(
      traffic.destinations().map((each) => ({
        name: each.destination,
        type: each.messageType,
        isDead: each.isDeadLetterDestination,
        counts: [each.sentCount, each.takenCount, each.undeliverableCount, each.waitingCount],
        producers: [...each.producers],
        consumers: [...each.consumers],
        times: [each.lastSentAtNs, each.lastTakenAtNs, each.oldestWaitingSinceNs],
        deadLetterOf: each.deadLetterOf,
        within: [
          each.sentWithin(at.fromNs ?? (0n as UnixNs), at.toNs ?? (START_NS as UnixNs)),
          each.takenWithin(at.fromNs ?? (0n as UnixNs), at.toNs ?? (START_NS as UnixNs)),
        ],
        trails: sorted(each.trails()),
        waiting: [...each.waiting()].map(text),
      })),
    ),
  };
}

function withoutIndex(line: string): string {
  return line.replace(/,"index":\d+/, '');
}

describe('the derived tables', () => {
  it('after any puts and removals equal tables built from the runs that are left, in any order', () => {
    fc.assert(
      fc.property(anyActs, window, fc.gen(), (acts, at, gen) => {
        const tables = createDerivedTables();
        const left = [...perform(tables, acts).values()];
        const shuffled = gen(fc.shuffledSubarray, left, { minLength: left.length });
        expect(dump(tables, at)).toEqual(dump(built(shuffled), at));
      }),
      { numRuns: 300 },
    );
  });

  it('keep nothing once every run is removed', () => {
    fc.assert(
      fc.property(anyActs, window, (acts, at) => {
        const tables = createDerivedTables();
        for (const id of perform(tables, acts).keys()) tables.remove(id);
        expect(dump(tables, at)).toEqual(dump(createDerivedTables(), at));
      }),
    );
  });
});

describe('the traffic of edges', () => {
  it('within any window is what the hops within it add up to', () => {
    fc.assert(
      fc.property(anyActs, window, (acts, at) => {
        const tables = createDerivedTables();
        const left = [...perform(tables, acts).values()];
        const hops = left.flatMap(({ contribution }) =>
          contribution.hops.filter(
            (hop) =>
              (at.workflow === null || contribution.workflow === at.workflow) &&
              (at.fromNs === null || hop.atNs >= at.fromNs) &&
              (at.toNs === null || hop.atNs <= at.toNs),
          ),
        );
        const edges = tables.traffic.edges(at);
        expect(edges.reduce((sum, { count }) => sum + count, 0)).toBe(hops.length);
        for (const edge of edges) {
          const mine = hops.filter(
            (hop) =>
              hop.kind === edge.kind &&
              placeId(hop.from) === placeId(edge.from) &&
              placeId(hop.to) === placeId(edge.to) &&
              (at.level === 'destination' || hop.messageType === edge.messageType),
          );
          const lengths = mine.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
          const median = lengths[Math.ceil(lengths.length / 2) - 1]!;
          expect(edge).toMatchObject({
            count: mine.length,
            errorCount: mine.filter(({ isError }) => isError).length,
            lastSeenAtNs: mine.reduce((last, { atNs }) => (atNs > last ? atNs : last), 0n),
          });
          expect(Math.abs(edge.p50Ms - median)).toBeLessThanOrEqual(median * 0.011);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('has buckets whose middle is within 1.1 % of what falls into them', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e10, noNaN: true }), (ms) => {
        expect(Math.abs(bucketMs(latencyBucket(ms)) - ms)).toBeLessThanOrEqual(ms * 0.011);
      }),
    );
    expect(bucketMs(latencyBucket(0))).toBe(0);
  });
});

describe('the traffic of destinations', () => {
  it('counts what was sent, what was taken, and what still waits with the oldest first', () => {
    fc.assert(
      fc.property(anyActs, (acts) => {
        const tables = createDerivedTables();
        const left = [...perform(tables, acts).values()];
        const all = left.flatMap(({ contribution }) => contribution.messages);
        const destinations = tables.traffic.destinations();
        expect(destinations.reduce((sum, each) => sum + [...each.trails()].length, 0)).toBe(
          all.length,
        );
        for (const each of destinations) {
          const mine = all.filter(
            (trail) =>
              trail.destination === each.destination && trail.messageType === each.messageType,
          );
          const waits = mine.filter(
            (trail) =>
              trail.sentAtNs !== null &&
              !trail.undeliverable &&
              trail.consumers.length === 0 &&
              (trail.isDeadLetterDestination
                ? trail.deadLettered?.cameBack !== true
                : trail.deadLettered === null),
          );
          const since = waits.map(({ sentAtNs }) => sentAtNs!).sort((a, b) => Number(a - b));
          expect(each.sentCount).toBe(mine.filter(({ sentAtNs }) => sentAtNs !== null).length);
          expect(each.takenCount).toBe(mine.filter(({ consumers }) => consumers.length > 0).length);
          expect(each.waitingCount).toBe(waits.length);
          expect([...each.waiting()].map(({ trail }) => trail.sentAtNs)).toEqual(since);
          expect(each.oldestWaitingSinceNs).toBe(since[0] ?? null);
        }
      }),
      { numRuns: 200 },
    );
  });
});
