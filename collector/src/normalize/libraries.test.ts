import { describe, expect, test } from 'vitest';
import { CLOUD_LIBRARIES } from './cloud-libraries.case.js';
import { QUEUE_LIBRARIES } from './queue-libraries.case.js';
import { RABBITMQ_LIBRARIES } from './rabbitmq-libraries.case.js';
import { step } from './wire-span.case.js';

const ROWS = [...RABBITMQ_LIBRARIES, ...CLOUD_LIBRARIES, ...QUEUE_LIBRARIES];

describe('spans of', () => {
  test.each(ROWS.map((row) => [row.library, row] as const))(
    '%s',
    (_, { span, role, message, more }) => {
      const made = step(span);
      expect(made.role).toBe(role);
      if (message === null) expect(made.message).toBeNull();
      else expect(made.message).toMatchObject(message);
      if (message && !('destinationIsVague' in message)) {
        expect(made.message?.destinationIsVague).toBeUndefined();
      }
      expect(made).toMatchObject(more ?? {});
    },
  );
});

describe('RabbitMQ names since 1.27', () => {
  const named = (kind: 'producer' | 'consumer', name: string, key?: string) =>
    step({
      kind,
      attributes: {
        'messaging.system': 'rabbitmq',
        'messaging.operation.name': kind === 'producer' ? 'publish' : 'consume',
        'messaging.operation.type': kind === 'producer' ? 'send' : 'process',
        'messaging.destination.name': name,
        ...(key === undefined ? {} : { 'messaging.rabbitmq.destination.routing_key': key }),
      },
    }).message;

  test.each([
    ['an exchange and a key', ['x:k', 'k'], ['x:k:q', 'k'], 'x', 'q'],
    ['a queue named as its key', ['x:k', 'k'], ['x:k', 'k'], 'x', 'k'],
    ['the default exchange', ['k', 'k'], ['k', 'k'], 'k', null],
    ['a fanout without a key', ['x', undefined], ['x:q', undefined], 'x', 'q'],
    ['a key with colons', ['x:a:b', 'a:b'], ['x:a:b:q', 'a:b'], 'x', 'q'],
    ['an exchange with a colon', ['My:X:k', 'k'], ['My:X:k:q', 'k'], 'My:X', 'q'],
    ['no key attribute', ['x:k', undefined], ['x:k:q', undefined], 'x', 'q'],
  ] as const)('%s meet on both sides', (_, sent, taken, destination, subscription) => {
    expect(named('producer', sent[0], sent[1])?.destination).toBe(destination);
    expect(named('consumer', taken[0], taken[1])).toMatchObject({ destination, subscription });
  });
});
