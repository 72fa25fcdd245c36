import type { WorkflowDetail } from '@throughline/model/api/catalog';
import type { Flow } from '@throughline/model/policy';
import type { UnixNs } from '@throughline/model/time';
import { LIMITS } from '../../limits.js';
import type { RunSummary, RunTable } from '../../store/read-store.js';
import { ANY_RUN } from '../run-filter.js';
import type { LearnedReaction, QuerySources } from '../sources.js';
import { workflowViews } from './workflow-view.js';

/** @returns undefined for a workflow that neither ran nor was declared. */
export function workflowDetail(
  name: string,
  sources: QuerySources,
  now: UnixNs,
): WorkflowDetail | undefined {
  const view = workflowViews(sources, now).find((one) => one.name === name);
  if (view === undefined) return undefined;
  const sample = sampleOf(name, sources.tables.runs);
  const reactions = reactionsOf(name, sources);
  const flows = sources.policy.flows.filter(({ workflow }) => workflow === name);
  return {
    ...view,
    variants: variantsOf(sample),
    steps: stepShares(sample),
    sampledRuns: sample.length,
    promises: [
      ...flows.flatMap(promisesOf),
      ...reactions.filter(({ state }) => state === 'learned').map(learnedPromise),
    ],
    learned: reactions.map((reaction) => ({ ...reaction })),
    ends: flows.flatMap(({ ends }) => ends.map(({ event, outcome }) => ({ event, outcome }))),
    deadlineMs: flows.find(({ deadlineMs }) => deadlineMs !== null)?.deadlineMs ?? null,
    documents: documentsOf(name, sources),
  };
}

function documentsOf(name: string, { policy }: QuerySources): WorkflowDetail['documents'] {
  return (policy.documents ?? [])
    .filter(({ workflows }) => workflows.includes(name))
    .map(({ path, kind, understood, notUnderstood }) => ({
      path,
      kind,
      understood: [...understood],
      notUnderstood: [...notUnderstood],
    }));
}

function sampleOf(name: string, runs: RunTable): RunSummary[] {
  const sample: RunSummary[] = [];
  for (const run of runs.scan({ ...ANY_RUN, workflows: [name] })) {
    sample.push(run);
    if (sample.length === LIMITS.variantRunsMax) break;
  }
  return sample;
}

function variantsOf(sample: readonly RunSummary[]): WorkflowDetail['variants'] {
  const bySteps = new Map<string, { first: RunSummary; runs: number }>();
  for (const run of sample) {
    const steps = JSON.stringify(run.stepNames);
    const variant = bySteps.get(steps) ?? { first: run, runs: 0 };
    variant.runs += 1;
    bySteps.set(steps, variant);
  }
  return [...bySteps.values()]
    .sort((a, b) => b.runs - a.runs || a.first.id.localeCompare(b.first.id))
    .slice(0, LIMITS.variantsMax)
    .map(({ first, runs }) => ({
      steps: [...first.stepNames],
      runs,
      share: runs / sample.length,
      sampleRunId: first.id,
    }));
}

function stepShares(sample: readonly RunSummary[]): WorkflowDetail['steps'] {
  const counts = new Map<string, number>();
  for (const name of sample.flatMap(({ stepNames }) => stepNames)) {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .map(([name, runs]) => ({ name, runs, share: runs / sample.length }))
    .sort((a, b) => b.runs - a.runs || a.name.localeCompare(b.name));
}

const STATES: readonly LearnedReaction['state'][] = ['learned', 'uncertain', 'learning'];

/** The surest first. */
function reactionsOf(name: string, { findings }: QuerySources): LearnedReaction[] {
  return [...findings.reactions(name)]
    .sort(
      (a, b) =>
        STATES.indexOf(a.state) - STATES.indexOf(b.state) ||
        b.samples - a.samples ||
        `${a.after} ${a.what} ${a.by}`.localeCompare(`${b.after} ${b.what} ${b.by}`),
    )
    .slice(0, LIMITS.learnedShownMax);
}

function learnedPromise(reaction: LearnedReaction): WorkflowDetail['promises'][number] {
  const { after, what, by, deadlineMs, runs } = reaction;
  return { after, what, by, withinMs: deadlineMs, origin: 'learned', sampleCount: runs };
}

function promisesOf(flow: Flow): WorkflowDetail['promises'] {
  return flow.expects.map(({ after, event, what, by, withinMs }) => ({
    after,
    what: what ?? event ?? `takes ${after}`,
    by,
    withinMs,
    origin: 'declared',
    sampleCount: 0,
  }));
}
