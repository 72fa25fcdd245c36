import { describe, expect, test } from 'vitest';
import { isDeadLetterName, sourceByName } from '@throughline/model/dead-letter-name';
import { step, type Plain } from './wire-span.case.js';

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
