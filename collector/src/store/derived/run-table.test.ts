import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunId } from '@throughline/model/ids';
import type { UnixNs } from '@throughline/model/time';
import type { RunSummary } from '../read-store.js';
import { anyActs, built, OPEN, perform, sorted } from './act-on-tables.case.js';
import { createDerivedTables } from './derived-tables.js';
import { anyListing, expectedListing } from './listing.case.js';
import { anyRun, START_NS, traceIds } from './some-runs.case.js';

describe('a listing of runs', () => {
  it('gives each run that passes exactly once, in order, however it is paged', () => {
    fc.assert(
      fc.property(anyActs, anyListing, (acts, first) => {
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
        expect(listed).toEqual(expectedListing(left, first));
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
