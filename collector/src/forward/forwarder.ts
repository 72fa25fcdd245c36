import type { Clock } from '../clock.js';
import { LIMITS } from '../limits.js';
import type { ForwardAnswer, ForwardRequest } from './forward-request.js';

/** What became of the bodies that were received, since the start: offered = sent + failed + dropped + waiting. */
export interface ForwardCounts {
  readonly sent: number;
  /** `refused`: the endpoint does not want it; `gave-up`: it could not be reached for too long. */
  readonly failed: Readonly<Record<'refused' | 'gave-up', number>>;
  /** `no-room`: too much waits already; `closing`: the collector ended before it was sent. */
  readonly dropped: Readonly<Record<'no-room' | 'closing', number>>;
  readonly waiting: number;
  readonly waitingBytes: number;
}

/** A body for which room is kept. It is passed on once it is durable, or forgotten. */
export interface Keeping {
  pass(): void;
  forget(): void;
}

export interface ForwarderDeps {
  readonly connection: {
    post(request: ForwardRequest): Promise<ForwardAnswer>;
    close(): void;
  };
  readonly clock: Clock;
  /** 0 ≤ chance < 1: spreads tries, so that many collectors do not come at once. */
  readonly chance: () => number;
  /** Told when the endpoint begins to fail, refuses something, or is back. */
  readonly report: (sentence: string) => void;
}

interface Waiting {
  readonly bytes: number;
  readonly make: () => ForwardRequest;
  readonly sinceMs: number;
}

const BACKOFF_MS = 1_000;
const BACKOFF_MS_MAX = 30_000;
const NONE: Keeping = { pass: () => undefined, forget: () => undefined };

/**
 * Passes bodies on to another endpoint, oldest first, and tries again what could not be sent. It holds a bounded
 * amount in memory, and nobody waits for it: what it has no room for is dropped and counted.
 */
export class Forwarder {
  readonly #deps: ForwarderDeps;
  readonly #queue: Waiting[] = [];
  readonly #failed = { refused: 0, 'gave-up': 0 };
  readonly #dropped = { 'no-room': 0, closing: 0 };
  #sent = 0;
  #kept = 0;
  #keptBytes = 0;
  #underWay = 0;
  #failures = 0;
  #cancelPause: (() => void) | null = null;
  #isClosing = false;
  #isClosed = false;
  #onIdle: () => void = () => undefined;

  constructor(deps: ForwarderDeps) {
    this.#deps = deps;
  }

  counts(): ForwardCounts {
    return {
      sent: this.#sent,
      failed: { ...this.#failed },
      dropped: { ...this.#dropped },
      waiting: this.#kept,
      waitingBytes: this.#keptBytes,
    };
  }

  /**
   * Keeps room for a body that is being made durable.
   *
   * @param prepare called at once when there is room; what it gives is called for each try.
   */
  keep(bytes: number, prepare: () => () => ForwardRequest): Keeping {
    const hasRoom =
      this.#kept < LIMITS.forwardBodiesMax && this.#keptBytes + bytes <= LIMITS.forwardBytesMax;
    if (this.#isClosing || !hasRoom) {
      this.#dropped[this.#isClosing ? 'closing' : 'no-room'] += 1;
      return NONE;
    }
    this.#kept += 1;
    this.#keptBytes += bytes;
    const waiting = { bytes, make: prepare(), sinceMs: this.#nowMs() };
    return {
      pass: () => {
        if (this.#isClosed) this.#drop(waiting);
        else this.#queue.push(waiting);
        this.#pump();
      },
      forget: () => this.#release(waiting),
    };
  }

  /** Sends what waits, for a moment; what is left then is dropped and counted. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#resume();
    const cancel = this.#deps.clock.after(LIMITS.forwardDrainMs, () => {
      this.#dropAll();
      this.#deps.connection.close();
    });
    while (this.#queue.length + this.#underWay > 0) {
      await new Promise<void>((resolve) => (this.#onIdle = resolve));
    }
    this.#isClosed = true;
    cancel();
    this.#deps.connection.close();
    const { closing } = this.#dropped;
    if (closing > 0) this.#deps.report(`${closing} bodies were not passed on before the end`);
  }

  #pump(): void {
    while (this.#cancelPause === null && this.#underWay < LIMITS.forwardAtOnceMax) {
      const next = this.#queue.shift();
      if (next === undefined) break;
      void this.#try(next);
    }
    if (this.#queue.length + this.#underWay === 0) this.#onIdle();
  }

  async #try(waiting: Waiting): Promise<void> {
    this.#underWay += 1;
    let answer: ForwardAnswer;
    try {
      answer = await this.#deps.connection.post(waiting.make());
    } catch (error) {
      // What was received could be read once; a body that cannot be made now never will be.
      answer = { kind: 'refused', why: error instanceof Error ? error.message : String(error) };
    }
    this.#underWay -= 1;
    if (answer.kind === 'later') this.#later(waiting, answer);
    else this.#done(waiting, answer);
    this.#pump();
  }

  #done(waiting: Waiting, answer: Exclude<ForwardAnswer, { kind: 'later' }>): void {
    this.#release(waiting);
    if (answer.kind === 'refused') {
      this.#failed.refused += 1;
      if (this.#failed.refused === 1) this.#deps.report(`A body was refused: ${answer.why}`);
      return;
    }
    this.#sent += 1;
    if (this.#failures > 0) this.#deps.report('Bodies are passed on again');
    this.#failures = 0;
  }

  #later(waiting: Waiting, answer: ForwardAnswer & { kind: 'later' }): void {
    if (this.#failures === 0 && !this.#isClosing) {
      this.#deps.report(`Bodies wait to be passed on, and are tried again: ${answer.why}`);
    }
    if (this.#isClosing) this.#drop(waiting);
    else if (this.#nowMs() - waiting.sinceMs > LIMITS.forwardRetryMsMax) {
      this.#failed['gave-up'] += 1;
      this.#release(waiting);
    } else {
      this.#queue.unshift(waiting);
    }
    this.#pause(answer.retryAfterMs);
  }

  /** All wait together: an endpoint that fails one body fails the next as well. */
  #pause(retryAfterMs: number | null): void {
    // Of several tries that failed together only the first counts.
    if (this.#isClosing || this.#cancelPause !== null) return;
    const doubled = Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    const backoffMs = doubled * (0.5 + this.#deps.chance() / 2);
    const delayMs = Math.min(Math.max(backoffMs, retryAfterMs ?? 0), LIMITS.forwardRetryMsMax);
    this.#cancelPause = this.#deps.clock.after(delayMs, () => {
      this.#cancelPause = null;
      this.#pump();
    });
  }

  #resume(): void {
    this.#cancelPause?.();
    this.#cancelPause = null;
    this.#pump();
  }

  #dropAll(): void {
    for (const waiting of this.#queue.splice(0)) this.#drop(waiting);
  }

  #drop(waiting: Waiting): void {
    this.#dropped.closing += 1;
    this.#release(waiting);
  }

  #release({ bytes }: Waiting): void {
    this.#kept -= 1;
    this.#keptBytes -= bytes;
  }

  #nowMs(): number {
    return Number(this.#deps.clock.now() / 1_000_000n);
  }
}
