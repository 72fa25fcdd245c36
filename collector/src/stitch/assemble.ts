import type { RunId } from '@throughline/model/ids';
import type { Key } from '@throughline/model/key';
import type { Flow } from '@throughline/model/policy';
import type { Run, RunMessage, RunStep } from '@throughline/model/run';
import type { Step } from '@throughline/model/step';
import { msFromNs, type UnixNs } from '@throughline/model/time';
import { attemptsOf } from './attempts.js';
import { edgesOf } from './edges.js';
import type { Member } from './member.js';
import { messagesOf } from './messages.js';
import { patternOf } from './pattern.js';
import { skewOf } from './skew.js';
import { statusOf } from './status.js';
import { workflowOf } from './workflow-name.js';

export interface Assembly {
  readonly id: RunId;
  readonly aliases: readonly RunId[];
  readonly isProvisional: boolean;
  /** By start, then id. At least one. */
  readonly members: readonly Member[];
  readonly keys: readonly Key[];
  readonly parent: RunId | null;
  readonly children: readonly RunId[];
  readonly flows: readonly Flow[];
}

/** Makes the run of its members: a pure function, the same for the same members. */
export function assemble(assembly: Assembly): Run {
  const { members, isProvisional } = assembly;
  const list = members.map(({ step }) => step);
  const steps = new Map(list.map((step) => [step.id, step]));
  const edges = edgesOf(members);
  const messages = messagesOf(members, edges);
  const { pattern, evidence } = patternOf(steps, messages, edges);
  const workflow = workflowOf(list, assembly.flows);
  const skew = skewOf(steps, edges);
  const runSteps = placeInTime(members, messages, skew.correctedStart);
  return {
    id: assembly.id,
    aliases: assembly.aliases,
    workflow: workflow.name,
    workflowVersion: workflow.version,
    ...statusOf({ steps: list, messages, edges, pattern, workflow, isProvisional }),
    pattern,
    patternEvidence: evidence,
    keys: assembly.keys,
    startedAtNs: startOf(list),
    lastActivityAtNs: list.reduce((last, step) => latest(last, step), 0n as UnixNs),
    steps: runSteps,
    messages,
    edges,
    services: distinct(list.map(({ service }) => service)),
    destinations: distinct(list.flatMap(({ message }) => message?.destination ?? [])),
    traceIds: distinct(list.map(({ traceId }) => traceId)),
    spanCount: list.length,
    errorCount: list.filter(({ status }) => status === 'error').length,
    parent: assembly.parent,
    children: assembly.children,
    skewCorrections: skew.corrections,
    isProvisional,
  };
}

function placeInTime(
  members: readonly Member[],
  messages: readonly RunMessage[],
  correctedStart: (step: Step) => UnixNs,
): RunStep[] {
  const steps = new Map(members.map(({ step }) => [step.id, step]));
  const attempts = attemptsOf(steps, messages);
  const sentAt = new Map<string, UnixNs>();
  for (const { sentBy, takenBy } of messages) {
    const sent = sentBy && steps.get(sentBy);
    if (sent) for (const id of takenBy) sentAt.set(id, correctedStart(sent));
  }
  return members.map(({ step, why, ancestor, causedFrom, isAnsweredElsewhere }) => {
    const start = correctedStart(step);
    const parent = ancestor && steps.get(ancestor);
    const since = sentAt.get(step.id) ?? (parent ? correctedStart(parent) : null);
    const waitMs = since === null ? null : Math.max(0, msFromNs(start - since));
    const attempt = attempts.get(step.id) ?? 1;
    return {
      step,
      why,
      waitMs,
      correctedStartNs: start,
      attempt,
      ...(causedFrom === null ? {} : { causedFrom }),
      ...(isAnsweredElsewhere ? { isAnsweredElsewhere } : {}),
    };
  });
}

/** A start of 0 is a clock that was never set: it does not make a run of fifty years. */
function startOf(steps: readonly Step[]): UnixNs {
  const known = steps.filter(({ startedAtNs }) => startedAtNs > 0n);
  return ((known[0] ?? steps[0])?.startedAtNs ?? 0n) as UnixNs;
}

function latest(last: UnixNs, { startedAtNs, endedAtNs }: Step): UnixNs {
  const end = endedAtNs > startedAtNs ? endedAtNs : startedAtNs;
  return end > last ? end : last;
}

function distinct<T extends string>(names: readonly T[]): T[] {
  return [...new Set(names)].sort();
}
