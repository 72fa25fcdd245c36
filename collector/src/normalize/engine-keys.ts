import type { Key, KeyRelation } from '@throughline/model/key';
import { attributeFamily } from './attribute-family.js';
import { scalarText, type AttributeReader } from './attribute-reader.js';
import { fieldText } from './structured-value.js';

interface EngineKey {
  readonly type: string;
  readonly relation: KeyRelation;
  readonly attributes: readonly string[];
}

/**
 * Ids of orchestration engines. The id of one execution is a `same` key; the id of the execution that started it is
 * `child-of`; an id that several executions bear in turn (Temporal's workflow id, a business key) only `touches`.
 */
const ENGINE_KEYS: readonly EngineKey[] = [
  key('temporal-run', 'same', 'temporalRunID', 'temporalRunId', 'temporal.run_id'),
  key(
    'temporal-workflow',
    'touches',
    'temporalWorkflowID',
    'temporalWorkflowId',
    'temporal.workflow_id',
  ),
  key('temporal-workflow', 'touches', 'temporal.child.workflow_id'),
  key('temporal-run', 'child-of', 'temporal.parent.run_id', 'temporalParentRunID'),
  key('temporal-run', 'touches', 'continuedFromExecutionRunId', 'temporal.continued_from_run_id'),
  key(
    'stepfunctions-execution',
    'same',
    'aws.stepfunctions.execution',
    'aws.stepfunctions.execution.arn',
    'aws.step_functions.execution.arn',
    'aws.sfn.execution_arn',
  ),
  key(
    'stepfunctions-execution',
    'child-of',
    'aws.stepfunctions.parent_execution',
    'AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID',
  ),
  key(
    'conductor-workflow',
    'same',
    'conductor.workflow.id',
    'conductor.workflow_id',
    'conductor.workflowId',
  ),
  key(
    'conductor-workflow',
    'child-of',
    'conductor.parent.workflow.id',
    'conductor.parent_workflow.id',
    'conductor.parent_workflow_id',
    'conductor.workflow.parent_id',
    'conductor.parentWorkflowId',
  ),
  key('conductor-correlation', 'touches', 'conductor.correlation_id', 'conductor.correlationId'),
  key(
    'camunda-process',
    'same',
    'camunda.process_instance_key',
    'camunda.processInstanceKey',
    'camunda.process.instance.key',
    'camunda.process_instance_id',
    'zeebe.process_instance_key',
    'zeebe.processInstanceKey',
    'processInstanceKey',
  ),
  key(
    'camunda-process',
    'child-of',
    'camunda.parent_process_instance_key',
    'camunda.parentProcessInstanceKey',
    'zeebe.parent_process_instance_key',
    'zeebe.parentProcessInstanceKey',
    'parentProcessInstanceKey',
    'camunda.super_process_instance_id',
  ),
  key(
    'business-key',
    'touches',
    'camunda.business_key',
    'camunda.businessKey',
    'camunda.business_id',
  ),
  key('durable-instance', 'same', 'durabletask.task.instance_id', 'dtfx.instance_id'),
  key('durable-execution', 'same', 'durabletask.task.execution_id', 'dtfx.execution_id'),
  key('durable-instance', 'touches', 'durabletask.event.target_instance_id'),
  key('n8n-execution', 'same', 'n8n.execution.id'),
  key('n8n-execution', 'child-of', 'n8n.execution.parent_id', 'n8n.parent_execution.id'),
  key('n8n-execution', 'touches', 'n8n.execution.retry_of'),
  key('pipeline-run', 'same', 'cicd.pipeline.run.id'),
  key('conversation', 'same', 'gen_ai.conversation.id'),
  key('session', 'touches', 'session.id'),
];

/** One look per attribute of a span, instead of one per attribute of every engine. */
const BY_ATTRIBUTE: ReadonlyMap<string, EngineKey> = new Map(
  ENGINE_KEYS.flatMap((each) => each.attributes.map((attribute) => [attribute, each] as const)),
);

function key(type: string, relation: KeyRelation, ...attributes: readonly string[]): EngineKey {
  return { type, relation, attributes };
}

const ASSOCIATIONS = 'traceloop.association.properties.';

const ENGINE_IDS = attributeFamily(
  ...BY_ATTRIBUTE.keys(),
  'workflowId',
  'airflow.dag_run.run_id',
  'airflow.run_id',
);

const NO_KEYS: readonly Key[] = [];

/** The engine's ids on a span. */
export function engineKeys(spanName: string, reader: AttributeReader): readonly Key[] {
  if (!reader.speaks(ENGINE_IDS) && !hasAssociations(reader)) return NO_KEYS;
  const keys: Key[] = [];
  const add = (type: string, relation: KeyRelation, value: string | null): void => {
    // Zeebe writes -1 for "none".
    if (value !== null && value !== '-1') keys.push({ type, relation, value });
  };
  for (const [name, value] of reader.entries()) {
    const known = BY_ATTRIBUTE.get(name);
    if (known) add(known.type, known.relation, scalarText(value));
    if (name.startsWith(ASSOCIATIONS)) {
      add(name.slice(ASSOCIATIONS.length), 'touches', scalarText(value));
    }
  }
  addTemporalIsolate(reader, add);
  add('durable-execution', 'child-of', parentOfSubOrchestration(reader));
  add('airflow-run', 'same', airflowRun(spanName, reader));
  return keys;
}

function hasAssociations(reader: AttributeReader): boolean {
  return reader.matching(isAssociation).length > 0;
}

function isAssociation(name: string): boolean {
  return name.startsWith(ASSOCIATIONS);
}

type Add = (type: string, relation: KeyRelation, value: string | null) => void;

/** Spans of the TypeScript workflow isolate carry WorkflowInfo under bare names; client spans say `run_id`. */
function addTemporalIsolate(reader: AttributeReader, add: Add): void {
  const isTemporal =
    reader.text('temporalWorkflowId', 'temporalWorkflowID') !== null ||
    (reader.has('workflowId') && reader.has('workflowType'));
  if (!isTemporal) return;
  if (reader.text('temporalRunID', 'temporalRunId') === null) {
    add('temporal-run', 'same', reader.text('run_id', 'runId'));
  }
  add('temporal-workflow', 'touches', reader.text('workflowId'));
  add(
    'temporal-run',
    'child-of',
    fieldText(reader.raw('parent'), 'runId') ?? reader.text('parent.runId'),
  );
}

/** The id of a sub-orchestration is its parent's execution id, a colon and four hex digits. */
function parentOfSubOrchestration(reader: AttributeReader): string | null {
  const instance = reader.text('durabletask.task.instance_id', 'dtfx.instance_id');
  return /^(.+):[0-9a-f]{4}$/.exec(instance ?? '')?.[1] ?? null;
}

/** A run id is unique within its DAG only. Spans before 3.2 carry their ids under `airflow.dag_run.`. */
function airflowRun(spanName: string, reader: AttributeReader): string | null {
  const run = reader.text('airflow.dag_run.run_id', 'airflow.run_id');
  if (run === null) return null;
  const dag = reader.text('airflow.dag_id', 'airflow.dag_run.dag_id') ?? spanName;
  return `${dag}/${run}`;
}
