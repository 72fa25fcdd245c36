import fc from 'fast-check';
import type { RunId } from '@throughline/model/ids';
import type { DerivedTables, RunFilter } from '../read-store.js';
import { createDerivedTables } from './derived-tables.js';
import { anyRun, anyRunId, type SomeRun } from './some-runs.case.js';

export type Act = { readonly put: SomeRun } | { readonly remove: RunId };

/** What may happen to tables: runs come, come again changed, and go. */
export const anyActs: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: anyRun.map((put) => ({ put })) },
    { weight: 1, arbitrary: anyRunId.map((remove) => ({ remove })) },
  ),
  { maxLength: 30 },
);

/** A filter that lets every run pass. */
export const OPEN: RunFilter = {
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

/** @returns the runs that are left. */
export function perform(tables: DerivedTables, acts: readonly Act[]): Map<RunId, SomeRun> {
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

export function built(runs: Iterable<SomeRun>): DerivedTables {
  const tables = createDerivedTables();
  for (const { run, contribution } of runs) tables.put(run, contribution);
  return tables;
}

/** Comparable whatever the order, bigints and maps included. */
export const text = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'bigint') return `${part}n`;
    return part instanceof Map ? [...(part as Map<unknown, unknown>)].sort() : part;
  });
export const sorted = (values: Iterable<unknown>): string[] => [...values].map(text).sort();
