import { domainStep, spanNumber, traceNumber } from '@throughline/fixtures/build/domain-step';
import type { Key } from '@throughline/model/key';
import type { RunOutcome, Step, StepRole } from '@throughline/model/step';
import fc from 'fast-check';

const key = fc.record({
  type: fc.constantFrom('order', 'correlation', 'tenant'),
  value: fc.constantFrom('1', '2', '3', '4', '5', 'null'),
  relation: fc.constantFrom<Key['relation']>('same', 'same', 'same', 'child-of', 'touches'),
});

/** A handful of traces with parents, links, keys and messages that point anywhere, at nothing or in circles. */
export const anyStep = fc.record({
  trace: fc.integer({ min: 1, max: 5 }),
  span: fc.integer({ min: 1, max: 6 }),
  parent: fc.option(fc.integer({ min: 1, max: 6 }), { freq: 2 }),
  atMs: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 400 })),
  lengthMs: fc.integer({ min: 0, max: 20 }),
  role: fc.constantFrom<StepRole>(
    'send',
    'take',
    'take',
    'call',
    'serve',
    'work',
    'fetch',
    'settle',
  ),
  service: fc.constantFrom('shop', 'payments', 'stock'),
  keys: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(key, { maxLength: 3 })),
  links: fc.array(
    fc.record({ trace: fc.integer({ min: 1, max: 5 }), span: fc.integer({ min: 1, max: 6 }) }),
    { maxLength: 2 },
  ),
  messageId: fc.option(fc.constantFrom('m1', 'm2', 'm3')),
  isPending: fc.boolean(),
  isError: fc.boolean(),
  name: fc.constantFrom('work', 'work', 'place', 'ship'),
  outcome: fc.option(fc.constantFrom<RunOutcome>('completed', 'cancelled'), { freq: 3 }),
  isUndoing: fc.option(fc.constant(true), { freq: 8 }),
});
export type Told = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;

export function stepOf({ links, messageId, isError, isUndoing, parent, ...rest }: Told): Step {
  return domainStep({
    ...rest,
    ...(parent === null ? {} : { parent }),
    status: isError ? 'error' : 'ok',
    compensates: isUndoing ? 'work' : null,
    links: links.map((link) => ({
      traceId: traceNumber(link.trace),
      spanId: spanNumber(link.span),
      messageId: null,
      destination: null,
    })),
    ...(['send', 'take', 'fetch'].includes(rest.role) ? { message: { messageId } } : {}),
  });
}
