import { describe, expect, test } from 'vitest';
import { step, type Told } from './wire-span.case.js';

const typescript = { workflowId: 'w', runId: 'r', workflowType: 'Order' };
const go = { temporalWorkflowID: 'w', temporalRunID: 'r' };
const airflow = { 'airflow.dag_id': 'nightly', 'airflow.dag_run.run_id': 'r' };
const failed = (type: string): Partial<Told> => ({
  status: 'error',
  events: [{ name: 'exception', attributes: { 'exception.type': type } }],
});
const run = 'RunWorkflow:Order';

describe('the end of an execution', () => {
  test.each<[string, Told, string | null]>([
    ['Temporal TypeScript', { name: run, attributes: typescript }, 'completed'],
    [
      'Temporal TypeScript, its clock stood still',
      { name: run, attributes: typescript, start: 5n, end: 5n },
      'completed',
    ],
    [
      'Temporal TypeScript, failed',
      { name: run, attributes: typescript, ...failed('ApplicationFailure') },
      'failed',
    ],
    [
      'Temporal TypeScript, cancelled',
      { name: run, attributes: typescript, ...failed('CancelledFailure') },
      'cancelled',
    ],
    ['Temporal Go', { name: run, attributes: go }, 'completed'],
    ['Temporal Python, begun', { name: run, attributes: go, start: 5n, end: 5n }, null],
    [
      'Temporal Python, ended',
      { name: 'CompleteWorkflow:Order', attributes: go, start: 9n, end: 9n },
      'completed',
    ],
    [
      'Temporal, under way',
      { name: run, attributes: { ...typescript, 'throughline.pending': true } },
      null,
    ],
    ['Temporal, an activity', { name: 'RunActivity:charge', attributes: go }, null],
    [
      'Temporal, from a history that is open',
      { name: run, attributes: { ...go, 'temporal.event_id': '3' } },
      null,
    ],
    ['Airflow since 3.2', { name: 'dag_run.nightly', attributes: airflow }, 'completed'],
    [
      'Airflow since 3.2, failed',
      { name: 'dag_run.nightly', attributes: airflow, status: 'error' },
      'failed',
    ],
    ['Airflow, a task', { name: 'task_run.load', attributes: airflow }, null],
    ['a span of that name from somewhere else', { name: run }, null],
    [
      'a status that says it goes on',
      { name: run, attributes: { ...go, 'temporal.status': 'running' } },
      null,
    ],
  ])('%s', (_, told, outcome) => {
    expect(step(told).outcome).toBe(outcome);
  });
});
