import type { RunOutcome } from '@throughline/model/step';
import type { WireSpan } from '../wire.js';
import type { AttributeReader } from './attribute-reader.js';

/** Without any of these a span is no execution of an engine that this file knows. */
export const CLOSING_NAMES = [
  'workflowId',
  'temporalWorkflowID',
  'temporalWorkflowId',
  'airflow.dag_run.run_id',
] as const;

/**
 * The end of an execution that no attribute names: engines whose span of the whole execution is sent when the
 * execution closes, so that its status is the execution's. Null for every other span, and while it is pending.
 */
export function engineOutcome(span: WireSpan, reader: AttributeReader): RunOutcome | null {
  if (reader.isTrue('throughline.pending') || !isClosing(span, reader)) return null;
  if (span.status !== 'error') return 'completed';
  return isCancellation(span) ? 'cancelled' : 'failed';
}

function isClosing(span: WireSpan, reader: AttributeReader): boolean {
  return isTemporalEnd(span, reader) || isAirflowEnd(span, reader);
}

/**
 * Temporal's interceptors: `RunWorkflow:<type>` lasts as long as the execution. Python's older one marks the start
 * with it, without length, and the end with `CompleteWorkflow:<type>`. The isolate's clock may stand still for a
 * whole execution, so that its span says nothing by having no length. A span with an event id was made from a
 * history, which names its end by a status.
 */
function isTemporalEnd(span: WireSpan, reader: AttributeReader): boolean {
  const isIsolate = reader.has('workflowId') && reader.has('workflowType');
  const isTemporal =
    isIsolate || reader.has('temporalWorkflowID') || reader.has('temporalWorkflowId');
  if (!isTemporal || reader.has('temporal.event_id')) return false;
  if (span.name.startsWith('CompleteWorkflow:')) return true;
  const hasLength = span.endedAtNs > span.startedAtNs;
  return span.name.startsWith('RunWorkflow:') && (isIsolate || hasLength);
}

/** Airflow since 3.2 sends `dag_run.<dag id>` when the run has finished; before, the span bears the dag's name. */
function isAirflowEnd(span: WireSpan, reader: AttributeReader): boolean {
  if (!reader.has('airflow.dag_run.run_id')) return false;
  return span.name === `dag_run.${reader.text('airflow.dag_id', 'airflow.dag_run.dag_id') ?? ''}`;
}

function isCancellation({ events, statusMessage }: WireSpan): boolean {
  const names = events.map(({ attributes }) => attributes.get('exception.type'));
  return [...names, statusMessage].some(
    (name) =>
      typeof name === 'string' &&
      /^(?:cancell?ed(?:failure|error)?\b|workflow (?:execution )?cancell?ed)/i.test(name),
  );
}
