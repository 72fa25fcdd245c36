import { describe, expect, test } from 'vitest';
import type { Key, KeyRule } from '@throughline/model/key';
import { LIMITS } from '../limits.js';
import { step, type Plain } from './wire-span.case.js';

const keysOf = (attributes: Plain, rules: readonly KeyRule[] = []): readonly string[] =>
  step({ attributes }, rules).keys.map(shown);
const shown = ({ type, value, relation }: Key): string => `${relation} ${type}=${value}`;
const rule = (attribute: string, more: Partial<KeyRule> = {}): KeyRule => ({
  attribute,
  type: 't',
  relation: 'same',
  ...more,
});

describe('keys', () => {
  test('come from our own attributes in their three relations', () => {
    const attributes = {
      'throughline.key.order': '8123',
      'throughline.child_of.cart': 'c-1',
      'throughline.touches.customer': 42,
      'throughline.key.': 'no type',
    };
    expect(keysOf(attributes)).toEqual([
      'same order=8123',
      'child-of cart=c-1',
      'touches customer=42',
    ]);
  });

  test.each([
    ['messaging.message.conversation_id', { 'messaging.message.conversation_id': 'C' }],
    ['messaging.conversation_id', { 'messaging.conversation_id': 'C' }],
    ['a CloudEvents extension', { 'cloudevents.event_id': '1', correlationid: 'C' }],
    ['a captured header', { 'messaging.header.correlation_id': ['C'] }],
    ['a Spring header', { 'messaging.kafka.message.header.kafka_correlationId': 'C' }],
    ['NServiceBus', { 'nservicebus.conversation_id': 'C' }],
    ['baggage', { 'baggage.correlation_id': 'C' }],
  ])('of type correlation come from %s', (_, attributes) => {
    expect(keysOf(attributes)).toContain('same correlation=C');
  });

  test('are carried by baggage under any of its prefixes', () => {
    for (const prefix of ['baggage.', 'baggage:', 'baggage/']) {
      expect(keysOf({ [`${prefix}throughline.key.order`]: '1' })).toEqual(['same order=1']);
      expect(keysOf({ [`${prefix}order.id`]: '1' }, [rule('order.id')])).toEqual(['same t=1']);
    }
  });

  test('follow configured paths into structured values', () => {
    const order = { id: 7n, lines: [{ sku: 'a' }, { sku: 'b' }, {}, { sku: 'a' }] };
    expect(keysOf({ order }, [rule('order.id')])).toEqual(['same t=7']);
    expect(keysOf({ order }, [rule('order.lines[].sku')])).toEqual(['same t=a', 'same t=b']);
    expect(keysOf({ 'data.links': [{ target: 'x' }] }, [rule('data.links[].target')])).toEqual([
      'same t=x',
    ]);
    expect(keysOf({ ids: ['x', 'y'] }, [rule('ids[]')])).toEqual(['same t=x', 'same t=y']);
    expect(keysOf({ ids: ['x', 'y'] }, [rule('ids')])).toEqual(['same t=x', 'same t=y']);
    expect(keysOf({ order: '{"id":"8123"}' }, [rule('order.id')])).toEqual(['same t=8123']);
    expect(keysOf({ order }, [rule('order')])).toEqual([]);
    expect(keysOf({ order }, [rule('order.constructor')])).toEqual([]);
  });

  test('prefer an attribute of exactly that name, and may lie in the resource', () => {
    expect(keysOf({ 'order.id': 'flat', order: { id: 'deep' } }, [rule('order.id')])).toEqual([
      'same t=flat',
    ]);
    const made = step({ resource: { 'service.name': 's', tenant: 'acme' } }, [
      rule('resource.tenant'),
    ]);
    expect(made.keys.map(shown)).toEqual(['same t=acme']);
  });

  test('of a rule for certain services come from those only', () => {
    const rules = [rule('case.id', { services: ['billing'] })];
    expect(keysOf({ 'case.id': '1' }, rules)).toEqual([]);
    const resource = { 'service.name': 'billing' };
    expect(step({ resource, attributes: { 'case.id': '1' } }, rules).keys).toHaveLength(1);
  });

  test('are not blank or endless, but placeholders are keys: the stitcher judges them', () => {
    expect(
      keysOf({ 'throughline.key.a': '', 'throughline.key.b': '  ', 'throughline.key.c': [] }),
    ).toEqual([]);
    expect(keysOf({ 'throughline.key.a': 'x'.repeat(LIMITS.keyCharsMax + 1) })).toEqual([]);
    expect(keysOf({ 'throughline.key.a': 'null', 'throughline.key.b': '0' })).toEqual([
      'same a=null',
      'same b=0',
    ]);
    expect(keysOf({ 'throughline.key.a': ' 7 ' })).toEqual(['same a=7']);
  });

  test.each<[string, Plain, readonly string[]]>([
    [
      'Temporal Go',
      { temporalWorkflowID: 'w', temporalRunID: 'r' },
      ['same temporal-run=r', 'touches temporal-workflow=w'],
    ],
    [
      'Temporal TypeScript client',
      { temporalWorkflowId: 'w', run_id: 'r' },
      ['touches temporal-workflow=w', 'same temporal-run=r'],
    ],
    [
      'Temporal TypeScript isolate with a parent',
      { workflowId: 'w', runId: 'r', workflowType: 'T', parent: { workflowId: 'pw', runId: 'pr' } },
      ['same temporal-run=r', 'touches temporal-workflow=w', 'child-of temporal-run=pr'],
    ],
    ['a run_id of something else', { run_id: 'r' }, []],
    [
      'Step Functions',
      { 'aws.stepfunctions.execution': 'arn:x' },
      ['same stepfunctions-execution=arn:x'],
    ],
    [
      'Conductor',
      { 'conductor.workflow.id': 'w', 'conductor.parent_workflow.id': 'p' },
      ['same conductor-workflow=w', 'child-of conductor-workflow=p'],
    ],
    [
      'Zeebe, -1 being none',
      { 'zeebe.process_instance_key': 2251799813685251n, 'zeebe.parent_process_instance_key': -1 },
      ['same camunda-process=2251799813685251'],
    ],
    [
      'Durable Task sub-orchestration',
      { 'durabletask.task.instance_id': 'abc:0001', 'durabletask.task.execution_id': 'e' },
      [
        'same durable-instance=abc:0001',
        'same durable-execution=e',
        'child-of durable-execution=abc',
      ],
    ],
    [
      'Airflow 3',
      { 'airflow.dag_id': 'etl', 'airflow.dag_run.run_id': 'm-1' },
      ['same airflow-run=etl/m-1'],
    ],
    [
      'n8n',
      { 'n8n.execution.id': '5', 'n8n.execution.retry_of': '4' },
      ['same n8n-execution=5', 'touches n8n-execution=4'],
    ],
    ['CI/CD', { 'cicd.pipeline.run.id': '9' }, ['same pipeline-run=9']],
    ['GenAI', { 'gen_ai.conversation.id': 'c' }, ['same conversation=c']],
    ['OpenLLMetry', { 'traceloop.association.properties.user_id': 'u' }, ['touches user_id=u']],
  ])('of engines: %s', (_, attributes, expected) => {
    expect([...keysOf(attributes)].sort()).toEqual([...expected].sort());
  });
});
