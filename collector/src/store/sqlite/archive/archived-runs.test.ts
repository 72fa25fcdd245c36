import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { RunId } from '@throughline/model/ids';
import { anyActs, perform } from '../../derived/act-on-tables.case.js';
import { createDerivedTables } from '../../derived/derived-tables.js';
import { anyListing, expectedListing } from '../../derived/listing.case.js';
import { TieredRunTable } from '../../archive/tiered-run-table.js';
import type { DerivedTables, RunSummary } from '../../read-store.js';
import type { ArchivedFamily, RunArchive } from '../../run-archive.js';
import { archiveInMemory } from './open-archive.js';

const opened: RunArchive[] = [];
afterEach(() => {
  for (const archive of opened.splice(0)) archive.close();
});

async function newArchive(): Promise<RunArchive> {
  const archive = await archiveInMemory();
  opened.push(archive);
  return archive;
}

/** A run as a family of its own, with a tie of its name. */
function familyOf(tables: DerivedTables, id: RunId, bodyIds = [1]): ArchivedFamily {
  const run = tables.archived(id);
  return { runs: run ? [run] : [], bodyIds, ties: [`k${id}`], isInMemory: false };
}

/** Has some runs leave, a few at a time. */
function archiveSome(tables: DerivedTables, archive: RunArchive, leaving: readonly RunId[]): void {
  for (let at = 0; at < leaving.length; at += 2) {
    const batch = leaving.slice(at, at + 2);
    archive.put(
      batch.map((id) => familyOf(tables, id)),
      { neededBodyId: 1 },
    );
    for (const id of batch) tables.remove(id);
  }
}

const someRuns = fc.record({
  acts: anyActs,
  leaves: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
});

describe('runs of which some have left memory', () => {
  it('are listed, counted and paged as if none had', async () => {
    await fc.assert(
      fc.asyncProperty(someRuns, anyListing, async ({ acts, leaves }, first) => {
        const tables = createDerivedTables();
        const all = [...perform(tables, acts).values()];
        const archive = await newArchive();
        const leaving = all.map(({ run }) => run.id).filter((_, at) => leaves[at]);
        archiveSome(tables, archive, leaving);
        const tiered = new TieredRunTable(tables.runs, archive);
        const listed: RunSummary[] = [];
        let cursor: string | null = null;
        do {
          const page = tiered.list({ ...first, cursor });
          expect(page.items.length).toBeLessThanOrEqual(first.limit);
          listed.push(...page.items);
          cursor = page.next;
        } while (cursor !== null);
        expect(listed).toEqual(expectedListing(all, first));
        expect(tiered.facets(first.filter)).toMatchObject({
          total: listed.length,
          isComplete: true,
        });
        archive.close();
        opened.pop();
      }),
      { numRuns: 200 },
    );
  });

  it('are found by every name as if none had', async () => {
    await fc.assert(
      fc.asyncProperty(someRuns, async ({ acts, leaves }) => {
        const [tables, whole] = [createDerivedTables(), createDerivedTables()];
        const all = [...perform(tables, acts).values()];
        perform(whole, acts);
        const archive = await newArchive();
        archiveSome(
          tables,
          archive,
          all.map(({ run }) => run.id).filter((_, at) => leaves[at]),
        );
        const tiered = new TieredRunTable(tables.runs, archive);
        const ids = (runs: readonly RunSummary[]): string[] => runs.map(({ id }) => id).sort();
        expect(tiered.size).toBe(whole.runs.size);
        for (const id of ['r_a', 'r_b', 'r_c', 'r_d', 'r_e', 'r_f']) {
          expect(tiered.get(id)).toEqual(whole.runs.get(id));
        }
        for (const value of ['1', '2', '3']) {
          const term = { type: null, value };
          expect(ids(tiered.byKey(term))).toEqual(ids(whole.runs.byKey(term)));
        }
        for (const { run } of all) {
          for (const name of ['acme', 'umbrella', 'nobody']) {
            const isHere = whole.runs.mayHaveAttribute(run.id, 'tenant', name);
            expect(tiered.mayHaveAttribute(run.id, 'tenant', name)).toBe(isHere);
          }
        }
        const counts = (table: TieredRunTable | typeof whole.runs): unknown =>
          table
            .workflows()
            .map(({ name, runs, byStatus }) => [name, runs, [...byStatus].sort()])
            .sort();
        expect(counts(tiered)).toEqual(counts(whole.runs));
        archive.close();
        opened.pop();
      }),
      { numRuns: 200 },
    );
  });

  it('that are in memory again are neither listed nor found until they leave once more', async () => {
    const tables = createDerivedTables();
    const [some] = fc.sample(anyActs, { numRuns: 1, seed: 3 });
    const all = [...perform(tables, some ?? []).keys()];
    const archive = await newArchive();
    const places = archive.put(
      all.map((id) => familyOf(tables, id, [4, 9])),
      { neededBodyId: 3 },
    );
    const [first] = places;
    const [id] = all;
    if (first === undefined || id === undefined) throw new Error('there is no run');
    expect(archive.withTie(`k${id}`)).toEqual([first]);
    archive.change({ intoMemory: [first], neededBodyId: 2 });
    expect(archive.withTie(`k${id}`)).toEqual([]);
    expect(archive.runCount).toBe(all.length - 1);
    expect(archive.inMemory()).toEqual([first]);
    expect(archive.neededBodyId).toBe(2);
    expect(archive.family(first)?.bodyIds).toEqual([4, 9]);
    archive.change({ outOfMemory: [first], neededBodyId: 2 });
    expect(archive.runCount).toBe(all.length);
    archive.change({ gone: [first], neededBodyId: 2 });
    expect(archive.runCount).toBe(all.length - 1);
    expect(archive.inMemory()).toEqual([]);
  });

  it('go when the last body that they need is gone, unless it is held', async () => {
    const tables = createDerivedTables();
    const [some] = fc.sample(anyActs, { numRuns: 1, seed: 5 });
    const all = [...perform(tables, some ?? []).keys()];
    const archive = await newArchive();
    archive.put(
      all.map((id) => familyOf(tables, id, [4, 9])),
      { neededBodyId: 3 },
    );
    archive.dropBefore(9, new Set());
    expect(archive.runCount).toBe(all.length);
    archive.dropBefore(10, new Set([4]));
    expect(archive.runCount).toBe(all.length);
    archive.dropBefore(10, new Set([5]));
    expect(archive.runCount).toBe(0);
    expect(archive.isEmpty).toBe(true);
  });
});
