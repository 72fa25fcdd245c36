import type { BrokerKind, BrokerQueue, BrokerReading } from '@throughline/model/broker';
import type { UnixNs } from '@throughline/model/time';
import type { Clock } from '../clock.js';
import { LIMITS } from '../limits.js';
import type { Probe, ProbedQueue } from './probe.js';

export interface PollerDeps {
  readonly broker: string;
  readonly kind: BrokerKind;
  readonly everyMs: number;
  readonly probe: Probe;
  readonly clock: Clock;
  /** 0 ≤ chance < 1: spreads polls, so that many collectors do not come at once. */
  readonly chance: () => number;
  /** What it said before the process was restarted; null when that is not known. */
  readonly before: BrokerReading | null;
  readonly onReading: (reading: BrokerReading) => void;
}

const BACKOFF_FACTOR_MAX = 16;
const BACKOFF_MS_MAX = 5 * 60_000;
/** Polls come between nine and eleven tenths of their period apart. */
const SPREAD = 0.1;

/**
 * Asks one broker again and again, one question at a time, and less often while it does not answer. It is never
 * waited for: what it last said is at hand.
 */
export class Poller {
  readonly #deps: PollerDeps;
  #reading: BrokerReading;
  #failures = 0;
  #stopWaiting: () => void = () => undefined;
  #ending: AbortController | null = null;
  #isClosed = false;

  constructor(deps: PollerDeps) {
    this.#deps = deps;
    const { broker, kind, before, clock } = deps;
    this.#reading = {
      broker,
      kind,
      observedAtNs: before?.observedAtNs ?? null,
      noData: { reason: 'it has not been asked yet', sinceNs: clock.now() },
      queues: before?.queues ?? [],
      queuesLeftOut: 0,
    };
  }

  get reading(): BrokerReading {
    return this.#reading;
  }

  start(): void {
    void this.#poll();
  }

  close(): void {
    this.#isClosed = true;
    this.#stopWaiting();
    this.#ending?.abort();
    this.#deps.probe.close();
  }

  async #poll(): Promise<void> {
    const { probe, clock, everyMs, chance } = this.#deps;
    try {
      this.#took(await this.#inTime((signal) => probe.look(signal)), clock.now());
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      this.#missed(error, clock.now());
    }
    if (this.#isClosed) return;
    this.#deps.onReading(this.#reading);
    const slower = Math.min(BACKOFF_FACTOR_MAX, 2 ** Math.max(0, this.#failures - 1));
    const baseMs = Math.max(everyMs, Math.min(BACKOFF_MS_MAX, everyMs * slower));
    const waitMs = baseMs * (1 - SPREAD + 2 * SPREAD * chance());
    this.#stopWaiting = clock.after(waitMs, () => void this.#poll());
  }

  /** A probe that does not heed the signal is left behind. */
  #inTime<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const ending = new AbortController();
    this.#ending = ending;
    return new Promise<T>((resolve, reject) => {
      const seconds = LIMITS.brokerAnswerMsMax / 1_000;
      const stop = this.#deps.clock.after(LIMITS.brokerAnswerMsMax, () => {
        reject(new Error(`it did not answer within ${seconds} s`));
        ending.abort();
      });
      ending.signal.addEventListener('abort', () => reject(new Error('the collector is ending')));
      ask(ending.signal).then(resolve, reject).finally(stop);
    });
  }

  #took(found: readonly ProbedQueue[], now: UnixNs): void {
    const { broker, kind } = this.#deps;
    const before = new Map(this.#reading.queues.map((queue) => [keyOf(queue), queue]));
    const kept = mostTelling(found);
    this.#reading = {
      broker,
      kind,
      observedAtNs: now,
      noData: null,
      queues: kept.map((queue) => withMemory(queue, before.get(keyOf(queue)), now)),
      queuesLeftOut: found.length - kept.length,
    };
  }

  #missed(error: unknown, now: UnixNs): void {
    const reason = error instanceof Error ? error.message : String(error);
    const before = this.#failures > 1 ? this.#reading.noData : null;
    this.#reading = { ...this.#reading, noData: { reason, sinceNs: before?.sinceNs ?? now } };
  }
}

function keyOf({ system, name, group }: ProbedQueue): string {
  return JSON.stringify([system, name, group]);
}

/** Beyond the bound, those that hold most are looked at. */
function mostTelling(found: readonly ProbedQueue[]): readonly ProbedQueue[] {
  if (found.length <= LIMITS.brokerQueuesMax) return found;
  return [...found].sort((a, b) => heldBy(b) - heldBy(a)).slice(0, LIMITS.brokerQueuesMax);
}

function heldBy({ waiting, unsettled, givenUp }: ProbedQueue): number {
  return waiting + unsettled + givenUp;
}

/** Adds what only several looks can tell: since when it has been so. */
function withMemory(queue: ProbedQueue, before: BrokerQueue | undefined, now: UnixNs): BrokerQueue {
  const isHeld = heldBy(queue) > 0;
  const isUnattended = queue.waiting > 0 && queue.consumers === 0;
  const heldSinceNs = isHeld ? (before?.heldSinceNs ?? now) : null;
  return {
    ...queue,
    heldSinceNs,
    unattendedSinceNs: isUnattended ? (before?.unattendedSinceNs ?? now) : null,
    oldestAtNs: queue.oldestAtNs ?? heldSinceNs,
    isOldestExact: queue.oldestAtNs !== null && queue.isOldestExact,
  };
}
