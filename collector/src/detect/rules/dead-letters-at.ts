import { letterPlacesOf } from '@throughline/model/broker';
import type { UnixNs } from '@throughline/model/time';
import { placeId } from '@throughline/model/traffic';
import type { CountedQueue } from '../broker-ledger.js';
import type { DeadLetterLedger } from '../dead-letter-ledger.js';
import { deadLetterBacklog } from './dead-letter-backlog.js';
import { deadLetterQueue } from './dead-letter-queue.js';
import type { Judged } from './judged.js';
import type { RuleView } from './rule-view.js';

/**
 * One place of dead letters has one finding: spans say why the letters lie there and in which runs; where no span
 * tells, under whichever name, the broker's count speaks alone.
 */
export function deadLettersAt(
  key: string,
  { letters, view }: { readonly letters: DeadLetterLedger; readonly view: RuleView },
  now: UnixNs,
): Judged | null {
  const held = letters.crowdAt(key);
  if (held !== undefined) return deadLetterBacklog(held, view, now);
  const counted = view.brokers.lettersAt(key);
  if (counted === undefined || areTold(counted, letters)) return null;
  return deadLetterQueue(counted, now);
}

function areTold({ queue }: CountedQueue, letters: DeadLetterLedger): boolean {
  return letterPlacesOf(queue).some((name) => {
    const place = placeId({ kind: 'dead-letter', name, system: queue.system });
    return letters.crowdAt(place) !== undefined;
  });
}
