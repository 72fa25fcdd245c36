import { flow, policy } from '@throughline/fixtures/build/policy';
import { span, type SpanDescription } from '@throughline/fixtures/build/span';

/** Whoever asks for a return has an answer within a minute. */
export const returnsPolicy = policy({
  flows: [
    flow({
      workflow: 'returns',
      startsWith: 'return.asked',
      expects: [
        { after: 'return.asked', event: 'return.approved', by: 'returns-desk', withinMs: 60_000 },
      ],
    }),
  ],
  noConsumerExpected: ['return.*'],
});

/** One return: asked for by the shop, and, when it goes well, approved by the desk. */
export function returnSpan(
  event: 'return.asked' | 'return.approved',
  { number, startNs }: { readonly number: number; readonly startNs: bigint },
): SpanDescription {
  const isAsked = event === 'return.asked';
  return span({
    traceId: `${isAsked ? 'a' : 'b'}${String(number).padStart(31, '0')}`,
    spanId: `${isAsked ? 'a' : 'b'}${String(number).padStart(15, '0')}`,
    service: isAsked ? 'shop' : 'returns-desk',
    name: `send ${event}`,
    kind: 'producer',
    startNs,
    attributes: {
      'messaging.system': 'rabbitmq',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 'returns',
      'messaging.message.id': `${event}-${String(number)}`,
      'messaging.message.conversation_id': `return-${String(number)}`,
      'throughline.event.type': event,
    },
  });
}
