import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunId } from '@throughline/model/ids';
import type { UnixNs } from '@throughline/model/time';
import { placeId } from '@throughline/model/traffic';
import type {
  DerivedTables,
  RunFilter,
  RunPageRequest,
  RunSummary,
  TrafficWindow,
} from '../read-store.js';
import { createDerivedTables } from './derived-tables.js';
import { bucketMs, latencyBucket } from './latency-histogram.js';
import { summarize } from './run-summary.js';
import {
  anyInstant,
  anyRun,
  anyRunId,
  START_NS,
  traceIds,
  type SomeRun,
} from './some-runs.case.js';

type Act = { readonly put: SomeRun } | { readonly remove: RunId };

const anyActs: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: anyRun.map((put) => ({ put })) },
    { weight: 1, arbitrary: anyRunId.map((remove) => ({ remove })) },
  ),
  { maxLength: 30 },
);

const window = fc.record({
  fromNs: fc.option(anyInstant),
  toNs: fc.option(anyInstant),
  workflow: fc.constantFrom(null, 'checkout'),
  level: fc.constantFrom('destination' as const, 'event' as const),
});

const OPEN: RunFilter = {
  workflows: null,
  statuses: null,
  patterns: null,
  services: null,
  destinations: null,
  keys: [],
  among: null,
  fromNs: null,
  toNs: null,
  matches: null,
};

const filter: fc.Arbitrary<RunFilter> = fc.record({
  workflows: fc.option(fc.subarray(['checkout', 'refund', 'unknown'])),
  statuses: fc.option(fc.subarray(['active', 'failed'] as const)).map((all) => all && [...all]),
  patterns: fc.option(fc.constant(['orchestrated' as const]), { freq: 4 }),
  services: fc.option(fc.subarray(['shop', 'stock']), { freq: 3 }),
  destinations: fc.option(fc.constant(['orders']), { freq: 3 }),
  keys: fc.array(
    fc.record({ type: fc.constantFrom(null, 'order'), value: fc.constantFrom('1', '2') }),
    { maxLength: 1 },
  ),
  among: fc.option(fc.array(anyRunId, { maxLength: 4 }), { freq: 3 }),
  fromNs: fc.option(anyInstant),
  toNs: fc.option(anyInstant),
  matches: fc.constantFrom(null, (run: RunSummary) => run.stepCount > 1),
});

function perform(tables: DerivedTables, acts: readonly Act[]): Map<RunId, SomeRun> {
  const left = new Map<RunId, SomeRun>();
  for (const act of acts) {
    if ('put' in act) {
      tables.put(act.put.run, act.put.contribution);
      left.set(act.put.run.id, act.put);
    } else {
      tables.remove(act.remove);
      left.delete(act.remove);
    }
  }
  return left;
}

function built(runs: Iterable<SomeRun>): DerivedTables {
  const tables = createDerivedTables();
  for (const { run, contribution } of runs) tables.put(run, contribution);
  return tables;
}

const text = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'bigint') return `${part}n`;
    return part instanceof Map ? [...(part as Map<unknown, unknown>)].sort() : part;
  });
const sorted = (values: Iterable<unknown>): string[] => [...values].map(text).sort();

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

describe('a listing of runs', () => {
  const expected = (runs: readonly SomeRun[], { filter, sort, descending }: RunPageRequest) => {
    const value = (run: RunSummary): bigint =>
      ({
        lastActivityAt: run.lastActivityAtNs,
        startedAt: run.startedAtNs,
        duration: run.durationNs,
      })[sort];
    const summaries = runs.map(({ run }) => summarize(run));
    const heir = (id: string): RunId | undefined =>
      (
        summaries.find((run) => run.id === id) ??
        summaries
          .filter((run) => run.aliases.includes(id as RunId))
          .sort((a, b) => (a.id < b.id ? -1 : 1))[0]
      )?.id;
    const among = filter.among?.map(heir);
    return summaries
      .filter(
        (run) =>
          (filter.workflows?.includes(run.workflow) ?? true) &&
          (filter.statuses?.includes(run.status) ?? true) &&
          (filter.patterns === null || filter.patterns.includes(run.pattern as 'hybrid')) &&
          (filter.services?.some((each) => run.services.includes(each)) ?? true) &&
          (filter.destinations?.some((each) => run.destinations.includes(each)) ?? true) &&
          filter.keys.every((term) =>
            run.keys.some(
              (key) => key.value === term.value && (term.type === null || term.type === key.type),
            ),
          ) &&
          (among?.includes(run.id) ?? true) &&
          run.lastActivityAtNs >= (filter.fromNs ?? 0n) &&
          run.startedAtNs <= (filter.toNs ?? 2n ** 63n) &&
          (filter.matches?.(run) ?? true),
      )
      .sort((a, b) => {
        const order = value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : a.id < b.id ? -1 : 1;
        return descending ? -order : order;
      });
  };

  it('gives each run that passes exactly once, in order, however it is paged', () => {
    const request = fc.record({
      filter,
      sort: fc.constantFrom('lastActivityAt' as const, 'startedAt' as const, 'duration' as const),
      descending: fc.boolean(),
      limit: fc.integer({ min: 1, max: 4 }),
      cursor: fc.constant(null),
    });
    fc.assert(
      fc.property(anyActs, request, (acts, first) => {
        const tables = createDerivedTables();
        const left = [...perform(tables, acts).values()];
        const listed: RunSummary[] = [];
        let cursor: string | null = null;
        do {
          const page = tables.runs.list({ ...first, cursor });
          expect(page.items.length).toBeLessThanOrEqual(first.limit);
          listed.push(...page.items);
          cursor = page.next;
        } while (cursor !== null);
        expect(listed).toEqual(expected(left, first));
        expect(sorted(tables.runs.scan(first.filter))).toEqual(sorted(listed));
        expect(tables.runs.facets(first.filter).total).toBe(listed.length);
      }),
      { numRuns: 500 },
    );
  });

  it('along the order of many runs equals the listing of few', () => {
    const tables = createDerivedTables();
    const [some] = fc.sample(anyRun, { numRuns: 1, seed: 7 });
    const ids = Array.from(
      { length: 3_000 },
      (_, at) => `r_${String(at).padStart(4, '0')}` as RunId,
    );
    for (const [at, id] of ids.entries()) {
      const startedAtNs = (START_NS + BigInt(at)) as UnixNs;
      const run = { ...some!.run, id, aliases: [], startedAtNs, status: 'active' as const };
      tables.put(run, { ...some!.contribution, runId: id });
    }
    const request = { sort: 'startedAt' as const, limit: 500, cursor: null };
    const some50 = { ...OPEN, toNs: (START_NS + 2_999n) as UnixNs, statuses: ['active' as const] };
    const up = tables.runs.list({ ...request, filter: some50, descending: false, limit: 50 });
    expect(up.items.map(({ id }) => id)).toEqual(ids.slice(0, 50));
    const until = { ...some50, toNs: (START_NS + 99n) as UnixNs };
    const down = tables.runs.list({ ...request, filter: until, descending: true });
    expect(down.items.map(({ id }) => id)).toEqual(ids.slice(0, 100).reverse());
    expect(down.next).toBeNull();
  });

  it('refuses a cursor that it did not give, and one of another sort', () => {
    const tables = built(fc.sample(anyRun, { numRuns: 20, seed: 3 }));
    const request = { filter: OPEN, sort: 'startedAt' as const, descending: true, limit: 1 };
    const { next } = tables.runs.list({ ...request, cursor: null });
    expect(() => tables.runs.list({ ...request, cursor: 'nonsense' })).toThrow('cursor');
    expect(() => tables.runs.list({ ...request, sort: 'duration', cursor: next })).toThrow(
      'cursor',
    );
  });

  it('finds a trace by 32 digits, and by the 16 that Zipkin sent', () => {
    const [some] = fc.sample(anyRun, { numRuns: 1, seed: 11 });
    const run = { ...some!.run, traceIds: [traceIds[2]!] };
    const { runs } = built([{ ...some!, run }]);
    for (const value of ['0'.repeat(13) + 'abc', '0'.repeat(13) + 'ABC', traceIds[2]!]) {
      expect(runs.byKey({ type: 'trace', value })).toHaveLength(1);
      const filter = { ...OPEN, keys: [{ type: 'trace', value }] };
      expect([...runs.scan(filter)]).toHaveLength(1);
    }
    expect(runs.byKey({ type: 'trace', value: 'abc' })).toEqual([]);
    expect(runs.byKey({ type: 'order', value: traceIds[2]! })).toEqual([]);
  });

  it('never says that an attribute is missing which a step has', () => {
    fc.assert(
      fc.property(anyRun, ({ run, contribution }) => {
        const { runs } = built([{ run, contribution }]);
        for (const { step } of run.steps) {
          for (const [name, value] of step.attributes) {
            expect(runs.mayHaveAttribute(run.id, name, String(value))).toBe(true);
            expect(runs.mayHaveAttribute(run.id, name, null)).toBe(true);
          }
        }
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
