import type { AttributeValue } from '@throughline/model/step';
import { scalarText, type AttributeReader } from './attribute-reader.js';
import { structured } from './structured-value.js';

/** One entry of RabbitMQ's `x-death` header: deaths of this message in one queue for one reason. */
export interface Death {
  readonly reason: string;
  readonly queue: string | null;
  readonly count: number;
  readonly routingKey: string | null;
}

/**
 * The deaths of a message, newest first, from the captured header: JSON text, or a structured value.
 * https://www.rabbitmq.com/docs/dlx#effects
 */
export function deathsOf(reader: AttributeReader): readonly Death[] {
  return deathsIn(structured(reader.header('x-death')));
}

function deathsIn(value: AttributeValue): readonly Death[] {
  if (Array.isArray(value)) {
    return (value as readonly AttributeValue[]).flatMap((entry) => deathsIn(structured(entry)));
  }
  if (typeof value !== 'object' || value === null) return [];
  const entry = new Map(Object.entries(value as Record<string, AttributeValue>));
  const reason = scalarText(entry.get('reason'));
  if (reason === null) return [];
  const count = Number(scalarText(entry.get('count')) ?? 1);
  const keys = entry.get('routing-keys');
  const first = Array.isArray(keys) ? (keys as readonly AttributeValue[])[0] : keys;
  return [
    {
      reason,
      queue: scalarText(entry.get('queue')),
      count: Number.isSafeInteger(count) && count > 0 ? count : 1,
      routingKey: scalarText(first),
    },
  ];
}
