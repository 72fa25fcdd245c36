import type { UnixNs } from '@throughline/model/time';
import type { Step } from '@throughline/model/step';
import { LIMITS } from './limits.js';
import type { Arrival } from './stitch/stitch.js';
import type { RejectReason } from './wire.js';

/** Spans, counted. It always holds that received = stored + duplicate + Σ rejected + Σ dropped. */
export interface Counts {
  received: number;
  stored: number;
  duplicate: number;
  rejected: Record<string, number>;
  dropped: Record<string, number>;
  /** Log records that are no step signals: none of them is a span, none of them counts as received. */
  ignoredLogRecords: number;
}

export interface TallyReading {
  readonly sinceStart: Counts;
  readonly total: Counts;
  readonly startedAtNs: UnixNs;
  readonly lastReceivedAtNs: UnixNs | null;
  readonly spansPerSecond: number;
  /** Spans that services dropped before they were sent, by service, as far as they told; with what was read back. */
  readonly droppedBySenders: ReadonlyMap<string, number>;
}

/** The total as it was saved, with the last body that it counts. Later bodies are counted again at start. */
export interface SavedTally {
  readonly counts: Counts;
  readonly upToBodyId: number;
}

/** Seconds over which the rate is taken. */
const RATE_WINDOW_S = 10;
/** Stands for the services beyond `LIMITS.droppingServicesMax`. */
const OTHER_SERVICES = '(other services)';

/** The accounting of every span that arrived, since start and over all starts on the same data. */
export class Tally {
  readonly #startedAtNs: UnixNs;
  readonly #sinceStart = emptyCounts();
  readonly #total: Counts;
  readonly #savedUpTo: number;
  readonly #perSecond = new Map<number, number>();
  readonly #droppedBySenders = new Map<string, number>();
  #lastBodyId: number;
  #lastReceivedAtNs: UnixNs | null = null;

  constructor(startedAtNs: UnixNs, saved: SavedTally | undefined) {
    this.#startedAtNs = startedAtNs;
    this.#total = saved ? copy(saved.counts) : emptyCounts();
    this.#savedUpTo = saved?.upToBodyId ?? 0;
    this.#lastBodyId = this.#savedUpTo;
  }

  /** What came in now. */
  arrived(arrivals: readonly Arrival[], rejected: readonly RejectReason[], at: Arrived): void {
    for (const counts of [this.#sinceStart, this.#total]) {
      add(counts, arrivals, rejected);
      counts.ignoredLogRecords += at.ignored;
    }
    if (at.bodyId !== null) this.#lastBodyId = Math.max(this.#lastBodyId, at.bodyId);
    this.#lastReceivedAtNs = at.receivedAtNs;
    const second = Number(at.receivedAtNs / 1_000_000_000n);
    const count = arrivals.length + rejected.length;
    this.#perSecond.set(second, (this.#perSecond.get(second) ?? 0) + count);
    for (const old of this.#perSecond.keys()) {
      if (old < second - RATE_WINDOW_S) this.#perSecond.delete(old);
    }
  }

  /** What was read back at start: new to the total only if the total was saved before it. */
  replayed(arrivals: readonly Arrival[], rejected: readonly RejectReason[], at: Arrived): void {
    this.#lastReceivedAtNs = at.receivedAtNs;
    if (at.bodyId === null || at.bodyId <= this.#savedUpTo) return;
    add(this.#total, arrivals, rejected);
    this.#total.ignoredLogRecords += at.ignored;
    this.#lastBodyId = Math.max(this.#lastBodyId, at.bodyId);
  }

  /** What senders say that they dropped. Beyond so many services, the further ones are counted together. */
  toldDropped(steps: readonly Step[], arrivals: readonly Arrival[]): void {
    for (const [index, { service, droppedSpanCount = 0 }] of steps.entries()) {
      if (droppedSpanCount === 0 || arrivals[index] === 'duplicate') continue;
      const dropped = this.#droppedBySenders;
      const isRoom = dropped.has(service) || dropped.size < LIMITS.droppingServicesMax;
      const name = isRoom ? service : OTHER_SERVICES;
      dropped.set(name, (dropped.get(name) ?? 0) + droppedSpanCount);
    }
  }

  reading(now: UnixNs): TallyReading {
    const second = Number(now / 1_000_000_000n);
    let recent = 0;
    for (const [at, count] of this.#perSecond) {
      if (at >= second - RATE_WINDOW_S && at < second) recent += count;
    }
    return {
      sinceStart: copy(this.#sinceStart),
      total: copy(this.#total),
      startedAtNs: this.#startedAtNs,
      lastReceivedAtNs: this.#lastReceivedAtNs,
      spansPerSecond: recent / RATE_WINDOW_S,
      droppedBySenders: this.#droppedBySenders,
    };
  }

  toSave(): SavedTally {
    return { counts: copy(this.#total), upToBodyId: this.#lastBodyId };
  }
}

export interface Arrived {
  /** Null for a body without any good span: nothing of it is kept. */
  readonly bodyId: number | null;
  readonly receivedAtNs: UnixNs;
  /** Log records of the body that are no step signals. */
  readonly ignored: number;
}

function add(
  counts: Counts,
  arrivals: readonly Arrival[],
  rejected: readonly RejectReason[],
): void {
  counts.received += arrivals.length + rejected.length;
  for (const arrival of arrivals) {
    if (arrival === 'stored') counts.stored += 1;
    else counts.duplicate += 1;
  }
  for (const reason of rejected) counts.rejected[reason] = (counts.rejected[reason] ?? 0) + 1;
}

function emptyCounts(): Counts {
  return { received: 0, stored: 0, duplicate: 0, rejected: {}, dropped: {}, ignoredLogRecords: 0 };
}

function copy(counts: Counts): Counts {
  // What an older version saved lacks the counts that came later.
  const { rejected, dropped } = counts;
  return { ...emptyCounts(), ...counts, rejected: { ...rejected }, dropped: { ...dropped } };
}
