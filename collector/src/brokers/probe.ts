import type { BrokerQueue } from '@throughline/model/broker';

/** What one look at a broker shows; what only several looks can tell is added by the poller. */
export type ProbedQueue = Omit<BrokerQueue, 'unattendedSinceNs' | 'heldSinceNs'>;

/** Asks one broker, and changes nothing there. */
export interface Probe {
  /**
   * Rejects with an error whose message says in a sentence what is wrong, without any secret. The signal ends the
   * asking; a probe that does not heed it is not waited for.
   */
  look(signal: AbortSignal): Promise<readonly ProbedQueue[]>;
  close(): void;
}

/** Why there is no data, in a sentence for people. Never holds a secret. */
export class NoData extends Error {
  override readonly name = 'NoData';
}

/** A queue of which nothing is known yet but its name. */
export function emptyQueue(system: string, name: string): ProbedQueue {
  return {
    system,
    name,
    group: null,
    fedBy: [],
    waiting: 0,
    unsettled: 0,
    consumers: null,
    oldestAtNs: null,
    isOldestExact: false,
    isDelay: false,
    isDeadLetter: false,
    deadLetterOf: [],
    redelivered: null,
    givenUp: 0,
    deliveriesMax: null,
    inPerMinute: null,
    outPerMinute: null,
    redrive: null,
  };
}
