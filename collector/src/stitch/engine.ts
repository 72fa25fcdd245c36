import type { Key } from '@throughline/model/key';
import type { Step } from '@throughline/model/step';

/** Types of the keys that orchestration engines give their executions. */
const ENGINE_KEY_TYPES: ReadonlySet<string> = new Set([
  'airflow-run',
  'camunda-process',
  'conductor-workflow',
  'durable-instance',
  'n8n-execution',
  'pipeline-run',
  'stepfunctions-execution',
  'temporal-run',
]);

/** The step bears the execution id of an orchestration engine. */
export function isEngineStep(step: Step): boolean {
  return step.keys.some(isEngineKey);
}

/** The engine's span of the execution itself, as far as it can be told from those of its activities. */
export function isEngineEnd(step: Step): boolean {
  return step.role === 'serve' && step.workflow !== null && !step.isPending;
}

function isEngineKey({ type, relation }: Key): boolean {
  return relation === 'same' && ENGINE_KEY_TYPES.has(type);
}
