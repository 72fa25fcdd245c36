import { firstHeader } from './carrier.js';
import type { AnyHeaders } from './carrier.js';

/** Header names that we write on transports without message properties of their own. */
export const HEADERS = {
  correlationId: 'correlation-id',
  causationId: 'causation-id',
  messageId: 'message-id',
  eventType: 'throughline-event-type',
  eventVersion: 'throughline-event-version',
  destination: 'throughline-destination',
} as const;

/** The same facts under the names that CloudEvents bindings, Standard Webhooks and common habit give them. */
const SPELLINGS = {
  correlationId: [
    'correlation-id',
    'ce-correlationid',
    'ce_correlationid',
    'correlationid',
    'x-correlation-id',
  ],
  causationId: ['causation-id', 'ce-causationid', 'ce_causationid', 'causationid'],
  messageId: ['ce-id', 'ce_id', 'cloudevents:id', 'cloudevents_id', 'message-id', 'webhook-id'],
  eventType: [
    'throughline-event-type',
    'ce-type',
    'ce_type',
    'cloudevents:type',
    'cloudevents_type',
  ],
  eventVersion: ['throughline-event-version'],
  eventSource: ['ce-source', 'ce_source', 'cloudevents:source', 'cloudevents_source'],
} as const;

export function messageHeader(
  headers: AnyHeaders | undefined,
  fact: keyof typeof SPELLINGS,
): string | null {
  return firstHeader(headers, SPELLINGS[fact]);
}
