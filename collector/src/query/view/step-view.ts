import type { StepView } from '@throughline/model/api/runs';
import type { Provenance, RunStep } from '@throughline/model/run';
import { formatInstant, msFromNs, type UnixNs } from '@throughline/model/time';
import { attributesJson } from './attribute-json.js';

/** @param parentId the step whose span is this one's parent, where that span has arrived. */
export function stepView(placed: RunStep, parentId: string | null): StepView {
  const { step } = placed;
  const shiftNs = placed.correctedStartNs - step.startedAtNs;
  const endedAtNs = (step.endedAtNs + shiftNs) as UnixNs;
  return {
    id: step.id,
    service: step.service,
    serviceVersion: step.serviceVersion,
    instance: step.instance,
    name: step.name,
    kind: step.declaredKind ?? (step.compensates === null ? step.role : 'compensation'),
    role: step.role,
    status: step.status,
    error: step.errorMessage,
    attempt: placed.attempt,
    startedAt: formatInstant(placed.correctedStartNs),
    endedAt: step.isPending ? null : formatInstant(endedAtNs),
    rawStartedAt: shiftNs === 0n ? null : formatInstant(step.startedAtNs),
    durationMs: step.isPending ? null : msFromNs(step.endedAtNs - step.startedAtNs),
    waitMs: placed.waitMs,
    timeIsSuspect: step.timeIsSuspect,
    traceId: step.traceId,
    parentId,
    spanIds: [step.spanId],
    messageId: step.message?.messageId ?? null,
    why: whyView(placed.why),
    compensates: step.compensates,
    outcome: step.outcome,
    skippedReason: step.skippedReason,
    actor: step.actor,
    peer: step.peer,
    attributes: attributesJson(step.attributes),
  };
}

function whyView(why: Provenance): StepView['why'] {
  if (why.by !== 'key') return { by: why.by, of: why.of };
  const { type, value, relation } = why.key;
  return { by: 'key', key: { type, value, relation } };
}
