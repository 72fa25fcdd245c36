import { attributeFamily } from './attribute-family.js';
import type { AttributeReader } from './attribute-reader.js';
import type { Death } from './x-death.js';

/** Counts of deliveries so far, this one included. */
const DELIVERIES = [
  'messaging.message.delivery_count',
  'messaging.servicebus.message.delivery_count',
  'messaging.gcp_pubsub.message.delivery_attempt',
  'messaging.nats.message.delivery_count',
  'bullmq.job.attempts.made',
  'messaging.bullmq.job.attempts',
] as const;

const REDELIVERED = ['throughline.redelivered', 'messaging.rabbitmq.message.redelivered'] as const;

const DELIVERY_NAMES = attributeFamily(...DELIVERIES, ...REDELIVERED);

const DELIVERY_HEADERS = [
  'JMSXDeliveryCount',
  'kafka_deliveryAttempt',
  'ApproximateReceiveCount',
  'CloudPubSubDeadLetterSourceDeliveryCount',
] as const;

/**
 * The number of this delivery, 1 for the first; null when nothing tells. RabbitMQ counts what went before:
 * deaths in `x-death` (the most in any one queue), returns to a quorum queue in `x-delivery-count`.
 */
export function deliveryNumber(reader: AttributeReader, deaths: readonly Death[]): number | null {
  if (deaths.length === 0 && !reader.hasHeaders && !reader.speaks(DELIVERY_NAMES)) return null;
  const before = [
    ...deaths.map((death) => death.count),
    Number(reader.headerText('x-delivery-count') ?? NaN),
  ].filter((count) => Number.isSafeInteger(count) && count >= 0);
  if (before.length > 0) return Math.max(...before.slice(0, 1_000)) + 1;
  const counted =
    reader.number(...DELIVERIES) ?? Number(reader.headerText(...DELIVERY_HEADERS) ?? NaN);
  if (Number.isFinite(counted)) return Math.max(1, Math.trunc(counted));
  return reader.isTrue(...REDELIVERED) ? 2 : null;
}
