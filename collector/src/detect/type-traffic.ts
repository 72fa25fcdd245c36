import type { RunId } from '@throughline/model/ids';
import type { UnixNs } from '@throughline/model/time';
import type { MessageTrail } from '@throughline/model/traffic';
import { Crowd, type Facets } from './crowd.js';
import { DelaySketch } from './delay-sketch.js';
import { DueHeap } from './due-heap.js';
import { Reader } from './reader.js';
import { SentMessage } from './sent-message.js';
import { TimeList } from './time-list.js';
import { TimeWindow } from './time-window.js';

export interface Share {
  readonly workflow: string;
  readonly trails: readonly MessageTrail[];
  /** From when on a message may be said to be untaken: its takings would have arrived, too. */
  settledAtNs(trail: MessageTrail): UnixNs;
}

export type Untaken = Crowd<SentMessage, 'workflow' | 'producer'>;

const FACETS: Facets<SentMessage, 'workflow' | 'producer'> = {
  workflow: ({ workflow }) => workflow,
  producer: ({ producer }) => producer,
};
const NONE: readonly SentMessage[] = [];

/**
 * Messages of one type at one destination, over all runs. Replacing a run costs what changed in it, and asking what
 * became of the time that passed since: nothing here is counted through twice.
 */
export class TypeTraffic {
  readonly system: string;
  readonly destination: string;
  readonly messageType: string | null;
  readonly isDeadLetterDestination: boolean;
  /** Milliseconds between sending and the first taking. */
  readonly waits = new DelaySketch();
  readonly #ofRun = new Map<RunId, readonly SentMessage[]>();
  readonly #readers = new Map<string, Reader>();
  /** Sent and not put aside, in order, once settled. */
  readonly #sent = new TimeList<SentMessage>();
  readonly #settling = new DueHeap<SentMessage>();
  readonly #returned: Untaken = new Crowd(FACETS);
  readonly #unread = new TimeWindow(this.#sent, new Crowd(FACETS), isLeft);
  readonly #missed = new Map<string, TimeWindow<SentMessage, 'workflow' | 'producer'>>();
  /** Left behind while later ones were taken. */
  readonly #strays = new TimeWindow(this.#sent, new Crowd(FACETS), isLeft);
  #sentCount = 0;
  #asideCount = 0;
  #unsentCount = 0;
  #untakenCount = 0;
  #settlingCount = 0;
  #lastSentAtNs = 0n as UnixNs;
  /** Whoever reads has changed, not only when: told to whom it may concern. */
  readonly #onReaders: () => void;

  constructor(first: MessageTrail, onReaders: () => void = () => undefined) {
    this.system = first.system;
    this.destination = first.destination;
    this.messageType = first.messageType;
    this.isDeadLetterDestination = first.isDeadLetterDestination;
    this.#onReaders = onReaders;
  }

  get sentCount(): number {
    return this.#sentCount;
  }

  /** Sent, not seen taken, not put aside. */
  get untakenCount(): number {
    return this.#untakenCount;
  }

  /** Sent, and put aside by whoever took it or by the broker. */
  get asideCount(): number {
    return this.#asideCount;
  }

  /** Taken, though nobody was seen sending it. */
  get unsentCount(): number {
    return this.#unsentCount;
  }

  /** The latest sending that was ever seen. */
  get lastSentAtNs(): UnixNs {
    return this.#lastSentAtNs;
  }

  /** Replaces what the run showed before. @returns whether it shows anything else now. */
  replace(runId: RunId, share: Share): boolean {
    const { trails, workflow } = share;
    const before = this.#ofRun.get(runId) ?? NONE;
    if (trails.length === before.length && isAlike(before, share)) return false;
    const left = new Set(before);
    const after = trails.map((trail, index) => {
      const same = before[index];
      if (same?.isOf(trail, workflow) !== true) return trail;
      left.delete(same);
      return same;
    });
    for (const message of left) this.#takeBack(message);
    const messages = after.map((each) => {
      if (each instanceof SentMessage) return each;
      const message = new SentMessage(each, { runId, workflow });
      this.#add(message, share.settledAtNs(each));
      return message;
    });
    if (messages.length === 0) this.#ofRun.delete(runId);
    else this.#ofRun.set(runId, messages);
    return true;
  }

  /** Services that were seen taking it. */
  readers(): ReadonlyMap<string, Reader> {
    for (const reader of this.#readers.values())
      if (reader.takings.isStale) this.#countAnew(reader);
    return this.#readers;
  }

  /** Sent after the one instant and not after the other, and left by everybody; returned ones whenever. */
  unread(afterNs: bigint, upToNs: bigint): Untaken {
    this.#unread.move(afterNs, upToNs);
    return this.#unread.crowd;
  }

  /** What the broker returned. */
  get returned(): Untaken {
    return this.#returned;
  }

  /** Sent up to the instant, and left by everybody. */
  strays(upToNs: bigint): Untaken {
    this.#strays.move(-1n, upToNs);
    return this.#strays.crowd;
  }

  /** Not put aside, sent after the one instant and not after the other, and not seen taken by the service. */
  missedBy(service: string, afterNs: bigint, upToNs: bigint): Untaken {
    let window = this.#missed.get(service);
    if (window === undefined) {
      const isMissed = ({ takers }: SentMessage): boolean =>
        !takers.some((taker) => taker.service === service);
      window = new TimeWindow(this.#sent, new Crowd(FACETS), isMissed);
      this.#missed.set(service, window);
    }
    window.move(afterNs, upToNs);
    return window.crowd;
  }

  /** The service reads on: nothing is held against it. */
  missesNothing(service: string): void {
    this.#missed.delete(service);
  }

  /** How many were sent after the instant and left by everybody; those that have just arrived included. */
  leftSince(atNs: bigint): number {
    const settled = this.#sent.countAfter(atNs) - this.#returned.countAfter(atNs);
    return settled + this.#settlingCount;
  }

  /** How many were sent after the one instant and not after the other. */
  sentBetween(afterNs: bigint, upToNs: bigint): number {
    return this.#sent.countAfter(afterNs) - this.#sent.countAfter(upToNs);
  }

  /** The next sending after the instant, of what is settled. */
  nextSentAtNs(afterNs: bigint): UnixNs | null {
    for (const { sinceNs } of this.#sent.after(afterNs)) return sinceNs;
    return null;
  }

  /** Files what has been here long enough. @returns when more of it will have been. */
  settle(now: UnixNs): UnixNs | null {
    for (const message of this.#settling.take(now)) {
      if (message.isGone) continue;
      if (message.isUntaken) this.#settlingCount -= 1;
      this.#file(message);
    }
    return this.#settling.nextNs;
  }

  #add(message: SentMessage, settledAtNs: UnixNs): void {
    const { waitMs, takers } = message;
    if (waitMs !== null) this.waits.add(waitMs);
    for (const { service, atNs } of takers) {
      const known = this.#readers.get(service) ?? new Reader(service);
      if (known.takenCount === 0) {
        this.#readers.set(service, known);
        this.#onReaders();
      }
      known.takings.add(atNs);
    }
    if (!message.wasSent) {
      this.#unsentCount += 1;
      return;
    }
    this.#sentCount += 1;
    if (message.sinceNs > this.#lastSentAtNs) this.#lastSentAtNs = message.sinceNs;
    if (message.isUntaken) this.#untakenCount += 1;
    if (message.isAside) {
      this.#asideCount += 1;
      return;
    }
    if (message.isUntaken && message.undeliverable) this.#file(message);
    else {
      if (message.isUntaken) this.#settlingCount += 1;
      this.#settling.push(settledAtNs, message);
    }
  }

  #file(message: SentMessage): void {
    message.isSettled = true;
    this.#sent.add(message);
    this.#unread.added(message);
    this.#strays.added(message);
    for (const window of this.#missed.values()) window.added(message);
    if (!message.undeliverable || !message.isUntaken) return;
    // Proof at once, whatever was read since.
    this.#returned.add(message);
    this.#unread.crowd.add(message);
  }

  #takeBack(message: SentMessage): void {
    message.isGone = true;
    const { waitMs, takers } = message;
    if (waitMs !== null) this.waits.remove(waitMs);
    for (const { service, atNs } of takers) {
      const known = this.#readers.get(service);
      known?.takings.remove(atNs);
      if (known?.takenCount !== 0) continue;
      this.#readers.delete(service);
      this.#missed.delete(service);
      this.#onReaders();
    }
    if (!message.wasSent) {
      this.#unsentCount -= 1;
      return;
    }
    this.#sentCount -= 1;
    if (message.isUntaken) this.#untakenCount -= 1;
    if (message.isAside) {
      this.#asideCount -= 1;
      return;
    }
    if (!message.isSettled) {
      if (message.isUntaken) this.#settlingCount -= 1;
      return;
    }
    this.#sent.delete(message);
    this.#unread.deleted(message);
    this.#strays.deleted(message);
    for (const window of this.#missed.values()) window.deleted(message);
    if (!message.undeliverable || !message.isUntaken) return;
    this.#returned.delete(message);
    this.#unread.crowd.delete(message);
  }

  #countAnew({ service, takings }: Reader): void {
    takings.clear();
    for (const messages of this.#ofRun.values()) {
      for (const { takers } of messages) {
        for (const taker of takers) if (taker.service === service) takings.add(taker.atNs);
      }
    }
  }
}

/** Nobody took it, and the broker did not give it back either. */
function isLeft(message: SentMessage): boolean {
  return message.isUntaken && !message.undeliverable;
}

function isAlike(before: readonly SentMessage[], { trails, workflow }: Share): boolean {
  return before.every((message, index) => {
    const trail = trails[index];
    return trail !== undefined && message.isOf(trail, workflow);
  });
}
