import { nameOf, namesOf } from '../given.js';
import { LIMITS } from '../limits.js';

/** What the broker wrote into a message about its earlier life. */
export interface DeliveryHistory {
  /** Number of this delivery, 1 for the first. */
  readonly delivery: number;
  readonly isRedelivered: boolean;
  /** The deaths of the message, newest first, as RabbitMQ writes them, in JSON; null when it has none. */
  readonly deaths: string | null;
}

interface HistoryFacts {
  readonly queue: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly isRedelivered: boolean;
  /** Identity of the message, for counting where the broker does not. */
  readonly messageId: string | null;
}

interface Death {
  readonly queue: string;
  readonly reason: string;
  readonly count: number;
  readonly exchange: string;
  readonly 'routing-keys': readonly string[];
}

/**
 * Reads `x-death` (dead-letter exchanges), `x-delivery-count` (quorum queues) and the redelivered flag.
 *
 * The number of the delivery is the count of deaths in this queue, else of the latest death, plus the
 * returns that a quorum queue counted, plus one. A classic queue only says *redelivered*; then the deliveries
 * that this process saw are counted, and it is at least the second.
 */
export function deliveryHistory(facts: HistoryFacts): DeliveryHistory {
  const { queue, headers, isRedelivered } = facts;
  const deaths = deathsOf(headers['x-death']);
  const here = deaths.find((death) => death.queue === queue);
  const [latest] = deaths;
  const returns = wholeNumber(headers['x-delivery-count']);
  const counted = 1 + (here ?? latest ?? { count: 0 }).count + returns;
  const seen = countSeen(`${queue}\n${facts.messageId ?? ''}`, isRedelivered);
  const delivery = counted === 1 && isRedelivered ? Math.max(2, seen) : counted;
  const shown = deaths.slice(0, LIMITS.deathsMax);
  return { delivery, isRedelivered, deaths: shown.length === 0 ? null : JSON.stringify(shown) };
}

/** `x-death`, newest first, as RabbitMQ keeps it. */
function deathsOf(value: unknown): Death[] {
  if (!Array.isArray(value)) return [];
  const deaths: Death[] = [];
  for (const entry of value as unknown[]) {
    if (typeof entry !== 'object' || entry === null) continue;
    const { queue, reason, count, exchange, ...rest } = entry as Record<string, unknown>;
    if (typeof queue !== 'string' || typeof reason !== 'string') continue;
    deaths.push({
      queue: nameOf(queue),
      reason: nameOf(reason),
      count: Math.max(1, wholeNumber(count)),
      exchange: nameOf(exchange ?? ''),
      'routing-keys': namesOf(rest['routing-keys']),
    });
  }
  return deaths;
}

function wholeNumber(value: unknown): number {
  const number = Number(value ?? 0);
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}

const seenByMessage = new Map<string, number>();

/** Deliveries of one message that this process has seen; only redelivered ones need to be remembered long. */
function countSeen(key: string, isRedelivered: boolean): number {
  if (key.endsWith('\n')) return 1;
  const seen = (isRedelivered ? (seenByMessage.get(key) ?? 1) : 0) + 1;
  seenByMessage.delete(key);
  seenByMessage.set(key, seen);
  if (seenByMessage.size > LIMITS.deliveriesMax) {
    for (const oldest of seenByMessage.keys()) {
      seenByMessage.delete(oldest);
      break;
    }
  }
  return seen;
}
