import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KeyRule } from '@throughline/model/key';
import { LIMITS } from '../limits.js';
import { step, type Plain } from './wire-span.case.js';

const rule = (attribute: string): KeyRule => ({ attribute, type: 't', relation: 'same' });

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

  test('of a span without a kind calls the other side that it names', () => {
    expect(step({ kind: 'internal', peer: 'db' })).toMatchObject({ role: 'call', peer: 'db' });
    expect(step({ kind: 'internal' }).role).toBe('work');
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
