import { LIMITS } from '../limits.js';
import type { DeadLetterMark } from '../message/dead-letter.js';

/** What the broker wrote into a message about its earlier life. */
export interface DeliveryHistory {
  /** Number of this delivery, 1 for the first. */
  readonly delivery: number;
  readonly isRedelivered: boolean;
  /** Why and from where the message was dead-lettered into this queue; null when it was not. */
  readonly deadLetter: DeadLetterMark | null;
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
  // A message that died here before has come back for another attempt: it is no dead letter now.
  const isDead = latest !== undefined && here === undefined;
  const deadLetter = isDead ? { reason: latest.reason, source: latest.queue } : null;
  return { delivery, isRedelivered, deadLetter };
}

/** `x-death`, newest first, as RabbitMQ keeps it. */
function deathsOf(value: unknown): Death[] {
  if (!Array.isArray(value)) return [];
  const deaths: Death[] = [];
  for (const entry of value as unknown[]) {
    if (typeof entry !== 'object' || entry === null) continue;
    const { queue, reason, count } = entry as Record<string, unknown>;
    if (typeof queue !== 'string' || typeof reason !== 'string') continue;
    deaths.push({ queue, reason, count: Math.max(1, wholeNumber(count)) });
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
