import { calendarOf } from '@throughline/model/business-time';
import type { WorkflowDetail } from '@throughline/model/api/catalog';
import type { Flow } from '@throughline/model/policy';
import type { UnixNs } from '@throughline/model/time';
import { LIMITS } from '../../limits.js';
import type { RunSummary, RunTable } from '../../store/read-store.js';
import { ANY_RUN } from '../run-filter.js';
import { documentViews } from './document-view.js';
import { correctionViewOf, learnedViewOf } from './learned-view.js';
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
      ...flows.flatMap((flow) => promisesOf(flow, sources)),
      ...reactions.filter(({ state }) => state === 'learned').map(learnedPromise(sources, name)),
    ],
    learned: reactions.map(learnedViewOf),
    corrections: sources.learnDesk.corrections(name).map(correctionViewOf),
    ends: flows.flatMap(({ ends }) => ends.map(({ event, outcome }) => ({ event, outcome }))),
    deadlineMs: flows.find(({ deadlineMs }) => deadlineMs !== null)?.deadlineMs ?? null,
    calendar: calendarView(name, sources),
    documents: documentViews(sources).filter(({ workflows }) => workflows.includes(name)),
  };
}

/** What business time is, where any deadline of the workflow counts it. */
function calendarView(name: string, { policy }: QuerySources): WorkflowDetail['calendar'] {
  const { calendar, flows } = policy;
  const isUsed =
    calendarOf(policy, name) !== null ||
    flows.some(
      ({ workflow, expects }) =>
        workflow === name && expects.some(({ isBusinessTime }) => isBusinessTime === true),
    );
  if (calendar === undefined || !isUsed) return null;
  return { timezone: calendar.timezone, text: calendar.text };
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

const STATES: readonly LearnedReaction['state'][] = [
  'learned',
  'not-expected',
  'uncertain',
  'learning',
];

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

function learnedPromise(sources: QuerySources, name: string) {
  const businessTime = calendarOf(sources.policy, name) !== null;
  return (reaction: LearnedReaction): WorkflowDetail['promises'][number] => {
    const { after, what, by, deadlineMs, runs, conditionText } = reaction;
    return {
      after,
      what,
      by,
      withinMs: deadlineMs,
      businessTime,
      origin: 'learned',
      sampleCount: runs,
      condition: conditionText,
    };
  };
}

function promisesOf(flow: Flow, sources: QuerySources): WorkflowDetail['promises'] {
  const usually = calendarOf(sources.policy, flow.workflow) !== null;
  return flow.expects.map(({ after, event, what, by, withinMs, isBusinessTime: own }) => ({
    after,
    what: what ?? event ?? `takes ${after}`,
    by,
    withinMs,
    businessTime: own ?? usually,
    origin: 'declared',
    sampleCount: 0,
    condition: null,
  }));
}
