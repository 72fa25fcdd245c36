import type { DeclaredKind, RunOutcome, Step } from '@throughline/model/step';
import type { WireSpan } from '../wire.js';
import { attributeFamily } from './attribute-family.js';
import type { AttributeReader } from './attribute-reader.js';
import { CLOSING_NAMES, engineOutcome } from './engine-outcome.js';

/** Where a workflow's name stands, engine by engine; ours first. */
const NAMES = [
  'throughline.workflow.name',
  'temporalWorkflowType',
  'temporal.workflow_type',
  'conductor.workflow.name',
  'conductor.workflow_name',
  'camunda.process_definition_id',
  'camunda.bpmn_process_id',
  'zeebe.bpmn_process_id',
  'bpmnProcessId',
  'airflow.dag_id',
  'airflow.dag_run.dag_id',
  'n8n.workflow.name',
  'gen_ai.workflow.name',
  'traceloop.workflow.name',
  'cicd.pipeline.name',
] as const;

const VERSIONS = [
  'throughline.workflow.version',
  'conductor.workflow.version',
  'camunda.process_definition_version',
  'n8n.workflow.version_id',
  'durabletask.task.version',
] as const;

const WORKFLOWS = attributeFamily(
  ...NAMES,
  'aws.step_functions.state_machine.arn',
  'aws.stepfunctions.state_machine',
  'workflowId',
  'temporalWorkflowID',
  'temporalWorkflowId',
  'durabletask.type',
  'dtfx.type',
);

/** The workflow that the span names, declared or by its engine. */
export function workflowOf(span: WireSpan, reader: AttributeReader): Step['workflow'] {
  if (!reader.speaks(WORKFLOWS)) return null;
  const name =
    reader.text(...NAMES) ??
    stateMachine(reader) ??
    temporalType(span, reader) ??
    durableOrchestration(reader);
  return name === null ? null : { name, version: reader.text(...VERSIONS) };
}

function stateMachine(reader: AttributeReader): string | null {
  const arn = reader.text(
    'aws.step_functions.state_machine.arn',
    'aws.stepfunctions.state_machine',
  );
  return arn === null ? null : arn.slice(arn.lastIndexOf(':') + 1);
}

const TEMPORAL_RUN = /^(?:StartWorkflow|SignalWithStartWorkflow|RunWorkflow):(.+)$/;

/**
 * Temporal's interceptors name the type in the span: `RunWorkflow:<type>`. A child's RunWorkflow span may carry the
 * ids of its parent's run (then the event id of the start is there), and would name the wrong workflow.
 */
function temporalType(span: WireSpan, reader: AttributeReader): string | null {
  const isolate = reader.has('workflowId') ? reader.text('workflowType') : null;
  if (isolate !== null) return isolate;
  const isTemporal = reader.has('temporalWorkflowID') || reader.has('temporalWorkflowId');
  if (!isTemporal || reader.has('temporal.event_id')) return null;
  return TEMPORAL_RUN.exec(span.name)?.[1] ?? null;
}

function durableOrchestration(reader: AttributeReader): string | null {
  const type = reader.text('durabletask.type', 'dtfx.type');
  return type === 'orchestration' ? reader.text('durabletask.task.name') : null;
}

const KINDS: ReadonlySet<string> = new Set([
  'task',
  'decision',
  'approval',
  'timer',
  'compensation',
]);

/** Kinds of the engines' own step types. */
const ENGINE_KINDS: ReadonlyMap<string, DeclaredKind> = new Map([
  ['conductor.task.type=HUMAN', 'approval'],
  ['conductor.task.type=WAIT', 'timer'],
  ['conductor.task.type=SWITCH', 'decision'],
  ['conductor.task.type=DECISION', 'decision'],
  ['aws.stepfunctions.state_type=Choice', 'decision'],
  ['aws.stepfunctions.state_type=Wait', 'timer'],
  ['durabletask.type=timer', 'timer'],
  ['camunda.element_type=USER_TASK', 'approval'],
  ['camunda.element_type=EXCLUSIVE_GATEWAY', 'decision'],
]);

const ENGINE_KIND_ATTRIBUTES = [
  'conductor.task.type',
  'aws.stepfunctions.state_type',
  'durabletask.type',
  'camunda.element_type',
] as const;

const DECLARED_KINDS = attributeFamily(
  'throughline.step.kind',
  ...ENGINE_KIND_ATTRIBUTES,
  'temporal.timer',
);

export function declaredKindOf(reader: AttributeReader): DeclaredKind | null {
  if (!reader.speaks(DECLARED_KINDS)) return null;
  const declared = reader.text('throughline.step.kind');
  if (declared !== null && KINDS.has(declared)) return declared as DeclaredKind;
  for (const attribute of ENGINE_KIND_ATTRIBUTES) {
    const kind = ENGINE_KINDS.get(`${attribute}=${reader.text(attribute) ?? ''}`);
    if (kind) return kind;
  }
  return reader.has('temporal.timer') ? 'timer' : null;
}

const ATTEMPTS = [
  'throughline.step.attempt',
  'temporal.attempt',
  'temporalAttempt',
  'airflow.task_instance.try_number',
] as const;
/** Conductor counts from 0. */
const RETRIES = ['conductor.task.retry', 'conductor.task.retry_count'] as const;
const ATTEMPT_NAMES = attributeFamily(...ATTEMPTS, ...RETRIES);

/** The number of this attempt, counted from 1, as the step or its engine gives it. */
export function attemptOf(reader: AttributeReader): number | null {
  if (!reader.speaks(ATTEMPT_NAMES)) return null;
  const counted = reader.number(...ATTEMPTS);
  const retries = reader.number(...RETRIES);
  const attempt = counted ?? (retries === null ? null : retries + 1);
  return attempt === null || attempt < 1 ? null : Math.trunc(attempt);
}

const OUTCOMES: ReadonlySet<string> = new Set(['completed', 'failed', 'compensated', 'cancelled']);

/** Words of the engines for the end of an execution, in lower case. A run that goes on has none of them. */
const ENGINE_OUTCOMES: ReadonlyMap<string, RunOutcome> = new Map([
  ['completed', 'completed'],
  ['succeeded', 'completed'],
  ['success', 'completed'],
  ['continued_as_new', 'completed'],
  ['failed', 'failed'],
  ['failure', 'failed'],
  ['error', 'failed'],
  ['crashed', 'failed'],
  ['timed_out', 'failed'],
  ['timeout', 'failed'],
  ['canceled', 'cancelled'],
  ['cancelled', 'cancelled'],
  ['cancellation', 'cancelled'],
  ['terminated', 'cancelled'],
  ['aborted', 'cancelled'],
]);

/** Attributes that only the span of a whole execution carries. */
const ENGINE_STATUS = [
  'temporal.status',
  'aws.stepfunctions.status',
  'conductor.status',
  'conductor.workflow.status',
  'n8n.execution.status',
  'cicd.pipeline.result',
] as const;

const OUTCOME_NAMES = attributeFamily('throughline.outcome', ...ENGINE_STATUS, ...CLOSING_NAMES);

export function outcomeOf(span: WireSpan, reader: AttributeReader): RunOutcome | null {
  if (!reader.speaks(OUTCOME_NAMES)) return null;
  const declared = reader.text('throughline.outcome');
  if (declared !== null && OUTCOMES.has(declared)) return declared as RunOutcome;
  const status = reader.text(...ENGINE_STATUS);
  if (status !== null) return ENGINE_OUTCOMES.get(status.toLowerCase()) ?? null;
  return engineOutcome(span, reader);
}
