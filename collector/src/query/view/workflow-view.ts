import type { WorkflowView } from '@throughline/model/api/catalog';
import { formatInstant, type UnixNs } from '@throughline/model/time';
import type { StartBucket, WorkflowSummary } from '../../store/read-store.js';
import { ANY_RUN } from '../run-filter.js';
import { isOpen, openRules, type QuerySources } from '../sources.js';
import { instantOrNull } from './instants.js';

const HOUR_MS = 3_600_000;
const HOUR_NS = 3_600_000_000_000n;
const HOURS = 24;
const STALLED = 'stalled-run';

/** Every workflow that ran or was declared: those with stalled or failed runs first, then by name. */
export function workflowViews(sources: QuerySources, now: UnixNs): WorkflowView[] {
  const declared = new Set(sources.policy.flows.map(({ workflow }) => workflow));
  const seen = new Map(sources.tables.runs.workflows().map((summary) => [summary.name, summary]));
  const stalled = stalledStarts(sources);
  return [...new Set([...seen.keys(), ...declared])]
    .map((name) =>
      workflowView({
        name,
        declared: declared.has(name),
        summary: seen.get(name),
        stalledStarts: stalled.get(name) ?? [],
        buckets: sources.tables.runs.starts(name, { toNs: now, bucketMs: HOUR_MS, count: HOURS }),
      }),
    )
    .sort((a, b) => trouble(b) - trouble(a) || a.name.localeCompare(b.name));
}

interface WorkflowFacts {
  readonly name: string;
  readonly declared: boolean;
  readonly summary: WorkflowSummary | undefined;
  /** Starts of its stalled runs. */
  readonly stalledStarts: readonly UnixNs[];
  readonly buckets: readonly StartBucket[];
}

function workflowView(facts: WorkflowFacts): WorkflowView {
  const { name, declared, summary, stalledStarts, buckets } = facts;
  return {
    name,
    declared,
    runs: summary?.runs ?? 0,
    byStatus: Object.fromEntries(summary?.byStatus ?? []),
    patterns: [...(summary?.byPattern ?? [])]
      .map(([pattern, count]) => ({ pattern, count }))
      .sort((a, b) => b.count - a.count),
    stalled: stalledStarts.length,
    p50Ms: summary?.p50Ms ?? null,
    p95Ms: summary?.p95Ms ?? null,
    lastActivityAt: instantOrNull(summary?.lastActivityAtNs ?? null),
    heat: buckets.map(({ atNs, runs, failed }) => ({
      at: formatInstant(atNs),
      runs,
      failed,
      stalled: stalledStarts.filter((at) => at >= atNs && at < atNs + HOUR_NS).length,
    })),
  };
}

function trouble({ stalled, byStatus }: WorkflowView): number {
  return stalled + (byStatus['failed'] ?? 0);
}

/** Starts of the runs that stand still, per workflow. Only active runs can. */
function stalledStarts({ findings, tables }: QuerySources): Map<string, UnixNs[]> {
  const starts = new Map<string, UnixNs[]>();
  if (!findings.findings().some((one) => one.rule === STALLED && isOpen(one))) return starts;
  for (const run of tables.runs.scan({ ...ANY_RUN, statuses: ['active'] })) {
    if (!openRules(findings.findingsOfRun(run.id)).includes(STALLED)) continue;
    const ofWorkflow = starts.get(run.workflow) ?? [];
    ofWorkflow.push(run.startedAtNs);
    starts.set(run.workflow, ofWorkflow);
  }
  return starts;
}
