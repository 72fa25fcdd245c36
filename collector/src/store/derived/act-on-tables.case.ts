import fc from 'fast-check';
import type { RunId } from '@throughline/model/ids';
import type { UnixNs } from '@throughline/model/time';
import type { DerivedTables, RunFilter } from '../read-store.js';
import { createDerivedTables } from './derived-tables.js';
import { anyRun, anyRunId, type SomeRun } from './some-runs.case.js';

export type Act =
  /** Comes with this content, or with this added to what it had before, or with what it had a little later. */
  { readonly put: SomeRun; readonly how: 'anew' | 'grown' | 'later' } | { readonly remove: RunId };

/** What may happen to tables: runs come, come again changed, and go. */
export const anyActs: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ put: anyRun, how: fc.constantFrom('anew', 'grown', 'later') }),
    },
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
      const before = act.how === 'anew' ? undefined : left.get(act.put.run.id);
      const next = before === undefined ? act.put : CHANGES[act.how](before, act.put);
      tables.put(next.run, next.contribution);
      left.set(next.run.id, next);
    } else {
      tables.remove(act.remove);
      left.delete(act.remove);
    }
  }
  return left;
}

/** As new objects throughout, as stitching a run anew makes them. */
const CHANGES: Record<'anew' | 'grown' | 'later', (before: SomeRun, by: SomeRun) => SomeRun> = {
  anew: (_, by) => by,
  grown(before, by) {
    const { hops, messages } = structuredClone(before.contribution);
    return {
      run: { ...before.run, steps: [...before.run.steps, ...by.run.steps] },
      contribution: {
        ...before.contribution,
        hops: [...hops, ...by.contribution.hops],
        messages: [...messages, ...by.contribution.messages],
      },
    };
  },
  later({ run, contribution }) {
    const { hops, messages } = structuredClone(contribution);
    const later = (atNs: UnixNs): UnixNs => (atNs + 1n) as UnixNs;
    return {
      run,
      contribution: {
        ...contribution,
        hops: hops.map((hop) => ({ ...hop, atNs: later(hop.atNs) })),
        messages: messages.map((trail) => ({
          ...trail,
          sentAtNs: trail.sentAtNs && later(trail.sentAtNs),
        })),
      },
    };
  },
};

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
