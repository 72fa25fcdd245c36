import type { RunId, StepId, TraceId } from '@throughline/model/ids';
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
import { skewOf, type Skew } from './skew.js';
import { eachOf, mapped, type Sliced } from './sliced.js';
import { statusOf } from './status.js';
import { StepTable } from './step-table.js';
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

/** Makes the run of its members: a pure function, the same for the same members, a slice at a time. */
export function* assembling(assembly: Assembly): Sliced<Run> {
  const { members, isProvisional } = assembly;
  const list = yield* mapped(members, ({ step }) => step);
  const steps = yield* StepTable.of(list);
  const edges = yield* edgesOf(members, steps);
  const messages = yield* messagesOf(members, steps, edges);
  const { pattern, evidence } = yield* patternOf(steps, messages, edges);
  const workflow = workflowOf(steps, assembly.flows);
  yield;
  const status = statusOf({ steps: list, messages, edges, pattern, workflow, isProvisional });
  yield;
  const skew = yield* skewOf(steps, edges);
  return {
    id: assembly.id,
    aliases: assembly.aliases,
    workflow: workflow.name,
    workflowVersion: workflow.version,
    ...status,
    pattern,
    patternEvidence: evidence,
    keys: assembly.keys,
    steps: yield* placeInTime(members, { steps, messages, skew }),
    messages,
    edges,
    ...(yield* summaryOf(list)),
    spanCount: list.length,
    parent: assembly.parent,
    children: assembly.children,
    skewCorrections: skew.corrections,
    isProvisional,
  };
}

function* placeInTime(
  members: readonly Member[],
  known: {
    readonly steps: StepTable;
    readonly messages: readonly RunMessage[];
    readonly skew: Skew;
  },
): Sliced<RunStep[]> {
  const { steps, messages } = known;
  const { correctedStart } = known.skew;
  const attemptOf = yield* attemptsOf(steps, messages);
  const sentAt = new Map<StepId, UnixNs>();
  yield* eachOf(messages, ({ sentBy, takenBy }) => {
    const sent = sentBy && steps.get(sentBy);
    if (sent) for (const id of takenBy) sentAt.set(id, correctedStart(sent));
  });
  return yield* mapped(members, ({ step, why, ancestor, causedFrom, isAnsweredElsewhere }) => {
    const start = correctedStart(step);
    const parent = ancestor && steps.get(ancestor);
    const since = sentAt.get(step.id) ?? (parent ? correctedStart(parent) : null);
    const waitMs = since === null ? null : Math.max(0, msFromNs(start - since));
    return {
      step,
      why,
      waitMs,
      correctedStartNs: start,
      attempt: attemptOf(step),
      ...(causedFrom === null ? {} : { causedFrom }),
      ...(isAnsweredElsewhere ? { isAnsweredElsewhere } : {}),
    };
  });
}

type Summary = Pick<
  Run,
  'startedAtNs' | 'lastActivityAtNs' | 'services' | 'destinations' | 'traceIds' | 'errorCount'
>;

function* summaryOf(steps: readonly Step[]): Sliced<Summary> {
  const services = new Set<string>();
  const destinations = new Set<string>();
  const traceIds = new Set<TraceId>();
  let lastActivityAtNs = 0n as UnixNs;
  let errorCount = 0;
  yield* eachOf(steps, ({ service, message, traceId, status, startedAtNs, endedAtNs }) => {
    services.add(service);
    if (message) destinations.add(message.destination);
    traceIds.add(traceId);
    if (startedAtNs > lastActivityAtNs) lastActivityAtNs = startedAtNs;
    if (endedAtNs > lastActivityAtNs) lastActivityAtNs = endedAtNs;
    if (status === 'error') errorCount += 1;
  });
  return {
    startedAtNs: startOf(steps),
    lastActivityAtNs,
    services: [...services].sort(),
    destinations: [...destinations].sort(),
    traceIds: [...traceIds].sort(),
    errorCount,
  };
}

/** A start of 0 is a clock that was never set: it does not make a run of fifty years. */
function startOf(steps: readonly Step[]): UnixNs {
  const known = steps.find(({ startedAtNs }) => startedAtNs > 0n);
  return ((known ?? steps[0])?.startedAtNs ?? 0n) as UnixNs;
}
