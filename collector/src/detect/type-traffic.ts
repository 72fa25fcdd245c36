import type { RunId } from '@throughline/model/ids';
import { msFromNs, type UnixNs } from '@throughline/model/time';
import type { MessageTrail } from '@throughline/model/traffic';
import { DelaySketch } from './delay-sketch.js';

/** A message that was sent and that somebody (or nobody at all) is not seen to have taken. */
export interface Untaken {
  readonly runId: RunId;
  readonly workflow: string;
  readonly sentAtNs: UnixNs;
  readonly producer: string | null;
  readonly undeliverable: boolean;
}

/** What a service took, first to last. */
export interface Reader {
  readonly service: string;
  readonly takenCount: number;
  readonly firstAtNs: UnixNs;
  readonly lastAtNs: UnixNs;
}

interface Share {
  readonly workflow: string;
  readonly trails: readonly MessageTrail[];
}

/** Messages of one type at one destination, over all runs. Replacing a run costs what that run holds. */
export class TypeTraffic {
  readonly system: string;
  readonly destination: string;
  readonly messageType: string | null;
  readonly isDeadLetterDestination: boolean;
  /** Milliseconds between sending and the first taking. */
  readonly waits = new DelaySketch();
  readonly #shares = new Map<RunId, Share>();
  readonly #readers = new Map<string, Reader>();
  readonly #waiting = new Map<RunId, readonly Untaken[]>();
  #sentCount = 0;
  #lastSentAtNs = 0n as UnixNs;
  /** A share that held some reader's first or last taking went: the readers are counted anew when asked. */
  #isStale = false;

  constructor(first: MessageTrail) {
    this.system = first.system;
    this.destination = first.destination;
    this.messageType = first.messageType;
    this.isDeadLetterDestination = first.isDeadLetterDestination;
  }

  get sentCount(): number {
    return this.#sentCount;
  }

  /** The latest sending that was ever seen. */
  get lastSentAtNs(): UnixNs {
    return this.#lastSentAtNs;
  }

  replace(runId: RunId, share: Share): void {
    const before = this.#shares.get(runId);
    for (const trail of before?.trails ?? []) this.#takeBack(trail);
    for (const trail of share.trails) this.#add(trail);
    const waiting = share.trails.flatMap((trail) =>
      trail.consumers.length === 0 && trail.deadLettered === null
        ? untaken(trail, runId, share.workflow)
        : [],
    );
    if (waiting.length === 0) this.#waiting.delete(runId);
    else this.#waiting.set(runId, waiting);
    if (share.trails.length === 0) this.#shares.delete(runId);
    else this.#shares.set(runId, share);
  }

  /** Services that were seen taking it. */
  readers(): ReadonlyMap<string, Reader> {
    if (this.#isStale) {
      this.#readers.clear();
      for (const { trails } of this.#shares.values()) for (const trail of trails) this.#read(trail);
      this.#isStale = false;
    }
    return this.#readers;
  }

  /** Sent, not seen taken, not put aside; oldest first. */
  waiting(): readonly Untaken[] {
    return [...this.#waiting.values()].flat().sort(byAge);
  }

  /** Messages sent after the instant that the service is not seen to have taken, oldest first. */
  missedBy(service: string, sinceNs: UnixNs): readonly Untaken[] {
    const missed: Untaken[] = [];
    for (const [runId, { workflow, trails }] of this.#shares) {
      for (const trail of trails) {
        if (trail.sentAtNs === null || trail.sentAtNs <= sinceNs || trail.deadLettered) continue;
        if (trail.consumers.some((consumer) => consumer.service === service)) continue;
        missed.push(...untaken(trail, runId, workflow));
      }
    }
    return missed.sort(byAge);
  }

  #add(trail: MessageTrail): void {
    const waitMs = waitOf(trail);
    if (waitMs !== null) this.waits.add(waitMs);
    if (trail.sentAtNs !== null) {
      this.#sentCount += 1;
      if (trail.sentAtNs > this.#lastSentAtNs) this.#lastSentAtNs = trail.sentAtNs;
    }
    if (!this.#isStale) this.#read(trail);
  }

  #read({ consumers }: MessageTrail): void {
    for (const { service, atNs } of consumers) {
      const known = this.#readers.get(service);
      this.#readers.set(service, {
        service,
        takenCount: (known?.takenCount ?? 0) + 1,
        firstAtNs: known === undefined || atNs < known.firstAtNs ? atNs : known.firstAtNs,
        lastAtNs: known === undefined || atNs > known.lastAtNs ? atNs : known.lastAtNs,
      });
    }
  }

  #takeBack(trail: MessageTrail): void {
    const waitMs = waitOf(trail);
    if (waitMs !== null) this.waits.remove(waitMs);
    if (trail.sentAtNs !== null) this.#sentCount -= 1;
    if (this.#isStale) return;
    for (const { service, atNs } of trail.consumers) {
      const known = this.#readers.get(service);
      if (known === undefined || atNs === known.firstAtNs || atNs === known.lastAtNs) {
        this.#isStale = true;
        return;
      }
      this.#readers.set(service, { ...known, takenCount: known.takenCount - 1 });
    }
  }
}

function untaken(trail: MessageTrail, runId: RunId, workflow: string): Untaken[] {
  const { sentAtNs, producer, undeliverable } = trail;
  return sentAtNs === null ? [] : [{ runId, workflow, sentAtNs, producer, undeliverable }];
}

function byAge(a: Untaken, b: Untaken): number {
  if (a.sentAtNs !== b.sentAtNs) return a.sentAtNs < b.sentAtNs ? -1 : 1;
  return a.runId < b.runId ? -1 : 1;
}

function waitOf({ sentAtNs, consumers }: MessageTrail): number | null {
  const first = consumers[0];
  if (sentAtNs === null || first === undefined) return null;
  const takenAtNs = consumers.reduce((at, each) => (each.atNs < at ? each.atNs : at), first.atNs);
  return Math.max(0, msFromNs(takenAtNs - sentAtNs));
}
