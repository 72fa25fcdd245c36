import { domainStep } from '@throughline/fixtures/build/domain-step';
import { expect, test } from 'vitest';
import { contributionOf } from '../../collector/src/stitch/contribution.js';
import { stitched } from './telling.js';

// A consumer that gives up publishes the message to a dead-letter queue itself, and says that it refused it.
test('a message that its consumer moves aside is drawn once, on its way to the queue that got it', () => {
  const refusal = { reason: 'malformed', source: 'orders', detail: null };
  const steps = [
    domainStep({ trace: 1, span: 1, role: 'send', message: { type: 'order.placed' } }),
    domainStep({
      trace: 1,
      span: 2,
      parent: 1,
      role: 'take',
      service: 'invoice',
      atMs: 10,
      status: 'error',
      message: { type: 'order.placed', subscription: 'invoice', deadLettered: refusal },
    }),
    domainStep({
      trace: 1,
      span: 3,
      parent: 2,
      role: 'send',
      service: 'invoice',
      atMs: 12,
      message: {
        type: 'order.placed',
        destination: 'invoice.dlq',
        isDeadLetterDestination: true,
        deadLetter: refusal,
      },
    }),
  ];
  const stitcher = stitched(steps);
  const [id] = stitcher.ids();
  const run = id && stitcher.run(id);
  const hops = run ? contributionOf(run).hops : [];
  expect(hops.map(({ kind, from, to }) => [kind, from.name, to.name])).toEqual([
    ['send', 'shop', 'orders'],
    ['take', 'orders', 'invoice'],
    ['send', 'invoice', 'invoice.dlq'],
  ]);
});
