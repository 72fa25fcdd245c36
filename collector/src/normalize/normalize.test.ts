import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Key, KeyRule } from '@throughline/model/key';
import { LIMITS } from '../limits.js';
import { isDeadLetterName, sourceByName } from './dead-letter-name.js';
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
    expect(keysOf(attributes)).toEqual(expected);
  });
});

describe('dead letters', () => {
  test.each([
    'dlx',
    'orders.dlq',
    'orders-dlt',
    'orders.DLT',
    'ordersDLQ',
    'dead-letter',
    'dead_letters',
    'q/$DeadLetterQueue',
    'app.deadletter',
    'dead.letter.exchange',
  ])('%s says so by its name', (name) => expect(isDeadLetterName(name)).toBe(true));
  test.each(['orders', 'adlxer', 'dlqueue', 'deadline-letters', 'dead.orders', 'letters.dead', ''])(
    '%s does not',
    (name) => expect(isDeadLetterName(name)).toBe(false),
  );
  test('know what they belong to by name', () => {
    expect(
      ['orders.dlq', 'orders-dlt', 'orders/$DeadLetterQueue', 'dlx', 'orders'].map(sourceByName),
    ).toEqual(['orders', 'orders', 'orders', null, null]);
  });

  const take = (attributes: Plain) =>
    step({
      kind: 'consumer',
      attributes: {
        'messaging.system': 'kafka',
        'messaging.destination.name': 'orders',
        ...attributes,
      },
    }).message;

  test('tell their cause in the headers of Kafka frameworks', () => {
    const header = 'messaging.kafka.message.header.';
    expect(
      take({
        'messaging.destination.name': 'orders-dlt',
        [`${header}kafka_dlt-exception-fqcn`]: 'java.lang.IllegalStateException',
        [`${header}kafka_dlt-exception-message`]: 'no stock',
        [`${header}kafka_dlt-original-topic`]: 'orders',
      }),
    ).toMatchObject({
      isDeadLetterDestination: true,
      deadLetter: {
        reason: 'java.lang.IllegalStateException',
        source: 'orders',
        detail: 'no stock',
      },
    });
  });

  test('are declared by what a consumer did, or by what it read', () => {
    const declared = {
      'throughline.dead_letter.reason': 'rejected',
      'throughline.dead_letter.source': 'orders.q',
    };
    const letter = { reason: 'rejected', source: 'orders.q', detail: null };
    expect(take(declared)).toMatchObject({ deadLettered: letter, deadLetter: null });
    const dlq = { ...declared, 'messaging.destination.name': 'orders.dlq' };
    expect(take(dlq)).toMatchObject({ deadLettered: null, deadLetter: letter });
  });

  test('are read from a queue that is named so, behind an exchange that is not', () => {
    const made = take({
      'messaging.system': 'rabbitmq',
      'messaging.destination.name': 'orders',
      'messaging.destination.subscription.name': 'payments.dlq',
    });
    expect(made).toMatchObject({
      destination: 'payments.dlq',
      subscription: null,
      isDeadLetterDestination: true,
    });
  });

  test('with a broken x-death are not invented', () => {
    for (const death of ['[{', '[]', '[1]', 'text', 5, [{}], { reason: 1 }]) {
      expect(() =>
        take({ 'messaging.rabbitmq.message.header.x-death': death as never }),
      ).not.toThrow();
    }
    expect(take({ 'messaging.rabbitmq.message.header.x-death': '[{' })?.deadLetter).toBeNull();
  });

  test('count the worst of several deaths, or the returns to a quorum queue', () => {
    const deaths = [
      { reason: 'expired', count: 3, queue: 'retry' },
      { reason: 'rejected', count: '2', queue: 'q' },
    ];
    expect(take({ 'messaging.rabbitmq.message.header.x-death': deaths })).toMatchObject({
      delivery: 4,
      deadLetter: { reason: 'rejected', source: 'q' },
    });
    expect(take({ 'messaging.header.x_delivery_count': ['2'] })?.delivery).toBe(3);
    expect(take({})?.delivery).toBeNull();
  });
});

describe('a step', () => {
  test('is called what it declares, else what its span is called, and names are bounded', () => {
    expect(
      step({ name: 'POST /pay', attributes: { 'throughline.step.name': 'charge' } }).name,
    ).toBe('charge');
    const long = step({ name: 'x'.repeat(5_000) }).name;
    expect([long.length, long.at(-1)]).toEqual([LIMITS.nameCharsMax, '…']);
  });

  test('of an unnamed service says so', () => {
    expect(step({ resource: {} }).service).toBe('unknown_service');
    expect(step({ resource: { 'service.name': ' ' } }).service).toBe('unknown_service');
  });

  test.each([
    ['a start of zero', 0n, 5n, true],
    ['an end before its start', 9n, 5n, true],
    ['no length', 9n, 9n, false],
    ['a length', 5n, 9n, false],
  ])('with %s is never negative', (_, start, end, isSuspect) => {
    const made = step({ start, end });
    expect(made.timeIsSuspect).toBe(isSuspect);
    if (isSuspect) expect(made.endedAtNs).toBe(made.startedAtNs);
    else expect(made.endedAtNs).toBe(end);
  });

  test('still going on is pending, whatever its end says', () => {
    const made = step({ start: 9n, end: 0n, attributes: { 'throughline.pending': true } });
    expect(made).toMatchObject({
      status: 'pending',
      isPending: true,
      timeIsSuspect: false,
      endedAtNs: 9n,
    });
  });

  test.each([
    ['its status', { status: 'error', statusMessage: 'no' } as const, 'no'],
    [
      'an exception',
      { events: [{ name: 'exception', attributes: { 'exception.message': 'boom' } }] },
      'boom',
    ],
    ['the OpenTracing tag', { attributes: { error: true, 'error.message': 'bad' } }, 'bad'],
    ['the tag as text', { attributes: { error: 'true', 'error.type': 'Timeout' } }, 'Timeout'],
  ])('failed by %s', (_, told, errorMessage) => {
    expect(step(told)).toMatchObject({ status: 'error', errorMessage });
  });

  test('that says it went well went well, whatever exception it caught', () => {
    expect(step({ status: 'ok', events: [{ name: 'exception' }] }).status).toBe('ok');
  });

  test('keeps every attribute under one name, deterministically', () => {
    const made = step({
      attributes: { a: 'span', only: 1 },
      resource: { 'service.name': 's', a: 'resource' },
      events: [
        { name: 'e', attributes: { a: 'first', b: 'first' } },
        { name: 'e', attributes: { b: 'second', c: 'second' } },
      ],
      scopeName: 'lib',
    });
    expect(Object.fromEntries(made.attributes)).toEqual({
      a: 'span',
      only: 1,
      'events[0].a': 'first',
      b: 'first',
      'events[1].b': 'second',
      c: 'second',
      'resource.service.name': 's',
      'resource.a': 'resource',
      'otel.scope.name': 'lib',
    });
  });

  test('declares what it expects and who acts', () => {
    const attributes = {
      'throughline.workflow.name': 'checkout',
      'throughline.workflow.version': '3',
      'throughline.step.kind': 'approval',
      'throughline.step.attempt': 2,
      'throughline.expects': ['stock.reserved', ''],
      'throughline.deadline_ms': '1500',
      'throughline.compensates': 'charge-card',
      'throughline.outcome': 'compensated',
      'throughline.skipped.reason': 'not mine',
      'throughline.actor': 'ann',
    };
    expect(step({ attributes })).toMatchObject({
      workflow: { name: 'checkout', version: '3' },
      declaredKind: 'approval',
      attempt: 2,
      expects: ['stock.reserved'],
      deadlineMs: 1500,
      compensates: 'charge-card',
      outcome: 'compensated',
      skippedReason: 'not mine',
      actor: 'ann',
    });
    expect(
      step({ attributes: { 'throughline.step.kind': 'dance', 'throughline.outcome': 'odd' } }),
    ).toMatchObject({
      declaredKind: null,
      outcome: null,
    });
  });

  test('knows the message of each link', () => {
    const [link] = step({
      links: [{ 'messaging.message.id': 'm', 'messaging.destination.name': 'd' }],
    }).links;
    expect(link).toMatchObject({ messageId: 'm', destination: 'd' });
  });

  test('is the server half of a shared span by its id', () => {
    expect(step({ kind: 'server', isShared: true }).id).toMatch(/\.s$/);
  });

  test.each([
    ['reply-to', { 'messaging.rabbitmq.message.reply_to': 'amq.rabbitmq.reply-to' }, 'command'],
    ['its declaration', { 'throughline.event.kind': 'command' }, 'command'],
    ['nothing', {}, 'event'],
  ])('sends an event or a command by %s', (_, attributes, kind) => {
    const system = { 'messaging.system': 'kafka', 'messaging.destination.name': 'x' };
    expect(step({ kind: 'producer', attributes: { ...system, ...attributes } }).message?.kind).toBe(
      kind,
    );
  });

  test('knows that nobody was bound when the broker gave its message back', () => {
    const system = { 'messaging.system': 'rabbitmq', 'messaging.destination.name': 'x' };
    const sent = (attributes: Plain) =>
      step({ kind: 'producer', attributes: { ...system, ...attributes } });
    expect(sent({ 'throughline.undeliverable': true }).message?.undeliverable).toBe(true);
    expect(sent({}).message?.undeliverable).toBe(false);
  });

  test('comes of any attributes whatever, without a throw', () => {
    const value = fc.oneof(
      fc.string(),
      fc.double(),
      fc.boolean(),
      fc.bigInt(),
      fc.constant(null),
      fc.array(fc.string()),
      fc.dictionary(fc.string(), fc.string()),
    );
    const names = fc.constantFrom(
      'messaging.system',
      'messaging.destination.name',
      'messaging.operation.type',
      'messaging.batch.message_count',
      'messaging.rabbitmq.message.header.x-death',
      'messaging.rabbitmq.destination.routing_key',
      'throughline.deadline_ms',
      'throughline.key.a',
      'parent',
      'workflowId',
      'workflowType',
      'db.system',
      'db.query.text',
      'url.full',
      'error',
      '__proto__',
    );
    const kind = fc.constantFrom(
      'internal',
      'server',
      'client',
      'producer',
      'consumer',
      'unspecified',
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(names, value)), kind, (entries, spanKind) => {
        const attributes = Object.fromEntries(entries) as Plain;
        const made = step({ kind: spanKind, attributes }, [rule('parent[].x'), rule('a.b')]);
        expect(made.message === null || made.message.system !== '').toBe(true);
        expect(made.message === null || made.message.destination !== '').toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
