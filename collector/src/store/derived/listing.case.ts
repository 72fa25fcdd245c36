import fc from 'fast-check';
import type { RunId } from '@throughline/model/ids';
import type { RunFilter, RunPageRequest, RunSummary } from '../read-store.js';
import { summarize } from './run-summary.js';
import { anyInstant, anyRunId, type SomeRun } from './some-runs.case.js';

export const anyFilter: fc.Arbitrary<RunFilter> = fc.record({
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

export const anyListing = fc.record({
  filter: anyFilter,
  sort: fc.constantFrom('lastActivityAt' as const, 'startedAt' as const, 'duration' as const),
  descending: fc.boolean(),
  limit: fc.integer({ min: 1, max: 4 }),
  cursor: fc.constant(null),
});

/** What a listing must give, worked out the plain way. */
export const expectedListing = (
  runs: readonly SomeRun[],
  { filter, sort, descending }: RunPageRequest,
) => {
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
