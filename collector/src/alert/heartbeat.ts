import { nsFromMs, type UnixNs } from '@throughline/model/time';

/** Why none goes out though one is due. */
export type Withheld = 'evaluation fails' | 'the store cannot be written';

export interface HeartbeatState {
  readonly to: string;
  readonly everyMs: number;
  readonly state: 'waiting' | 'ok' | 'withheld' | 'failing';
  readonly sent: number;
  readonly failed: number;
  readonly withheld: number;
  readonly lastSentAtNs: UnixNs | null;
  readonly lastError: string | null;
}

export interface HeartbeatParts {
  readonly to: string;
  readonly everyMs: number;
  /** Proves that the store can be written, by writing. */
  readonly prove: (now: UnixNs) => Promise<void>;
  readonly send: (now: UnixNs) => Promise<void>;
}

/**
 * The dead man's switch: a sign of life at fixed instants, one period apart, counted from the first evaluation. It is
 * beaten by the evaluation itself, so it stops when that stops; what does not come is what the other side tells.
 * A beat that was not taken is not repeated: the next one comes anyway.
 */
export class Heartbeat {
  readonly #parts: HeartbeatParts;
  #dueAtNs: UnixNs | null = null;
  #isUnderWay = false;
  #sent = 0;
  #failed = 0;
  #withheld = 0;
  #lastSentAtNs: UnixNs | null = null;
  #lastError: string | null = null;
  #last: HeartbeatState['state'] = 'waiting';

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
  }

  /** An evaluation ended. Settles when the beat that was due, if any, was taken or not. */
  async evaluated(now: UnixNs, isSound: boolean): Promise<void> {
    this.#dueAtNs ??= now;
    if (now < this.#dueAtNs || this.#isUnderWay) return;
    this.#dueAtNs = nextAfter(this.#dueAtNs, now, nsFromMs(this.#parts.everyMs));
    if (!isSound) {
      this.#withhold('evaluation fails');
      return;
    }
    this.#isUnderWay = true;
    try {
      await this.#beat(now);
    } finally {
      this.#isUnderWay = false;
    }
  }

  state(): HeartbeatState {
    return {
      to: this.#parts.to,
      everyMs: this.#parts.everyMs,
      state: this.#last,
      sent: this.#sent,
      failed: this.#failed,
      withheld: this.#withheld,
      lastSentAtNs: this.#lastSentAtNs,
      lastError: this.#lastError,
    };
  }

  async #beat(now: UnixNs): Promise<void> {
    try {
      await this.#parts.prove(now);
    } catch {
      this.#withhold('the store cannot be written');
      return;
    }
    try {
      await this.#parts.send(now);
    } catch (error) {
      this.#failed += 1;
      this.#last = 'failing';
      this.#lastError = error instanceof Error ? error.message : String(error);
      return;
    }
    this.#sent += 1;
    this.#last = 'ok';
    this.#lastSentAtNs = now;
    this.#lastError = null;
  }

  #withhold(why: Withheld): void {
    this.#withheld += 1;
    this.#last = 'withheld';
    this.#lastError = `None was sent, since ${why}`;
  }
}

/** The first of the fixed instants that lies after now: what was missed is not made up for. */
function nextAfter(dueAtNs: UnixNs, now: UnixNs, everyNs: bigint): UnixNs {
  return (dueAtNs + ((now - dueAtNs) / everyNs + 1n) * everyNs) as UnixNs;
}
