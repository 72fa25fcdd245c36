import type { Run } from '@throughline/model/run';
import type { RunSummary } from '../read-store.js';

export function summarize(run: Run): RunSummary {
  const until = run.endedAtNs ?? run.lastActivityAtNs;
  return {
    id: run.id,
    aliases: run.aliases,
    workflow: run.workflow,
    workflowVersion: run.workflowVersion,
    status: run.status,
    pattern: run.pattern,
    keys: run.keys,
    startedAtNs: run.startedAtNs,
    lastActivityAtNs: run.lastActivityAtNs,
    endedAtNs: run.endedAtNs,
    durationNs: until > run.startedAtNs ? until - run.startedAtNs : 0n,
    stepCount: run.steps.length,
    spanCount: run.spanCount,
    traceCount: run.traceIds.length,
    messageCount: run.messages.filter(({ sentBy }) => sentBy !== null).length,
    errorCount: run.errorCount,
    services: run.services,
    destinations: run.destinations,
    stepNames: distinct(run.steps.map(({ step }) => step.name)),
    messageTypes: distinct(run.messages.map(({ type }) => type)),
    traceIds: run.traceIds,
    parent: run.parent,
    children: run.children,
    isProvisional: run.isProvisional,
  };
}

function distinct(values: readonly (string | null)[]): readonly string[] {
  return [...new Set(values)].filter((value) => value !== null).sort();
}
