import { Fault } from '../errors.js';
import { LIMITS } from '../limits.js';

/** Bytes that one request holds; it gives them back when it is answered, whatever the answer. */
export interface Reservation {
  /** @throws Fault OVERLOADED when that many bytes more are too many at once; nothing is added then. */
  add(bytes: number): void;
  /** Settles when the sender's body, so large once inflated, may go down the line: at once, unless others wait for it. */
  turn(bytes: number): Promise<void>;
  release(): void;
}

/** Whoever sent within this time is there, though nothing of it is under way at the moment. */
const PRESENT_MS = 1_000;

interface Sender {
  /** Requests that have not been released. */
  requests: number;
  heldBytes: number;
  /** Bytes of bodies that have had their turn and are not answered yet. */
  inLineBytes: number;
  readonly waiting: { readonly bytes: number; readonly go: () => void }[];
}

/**
 * Bounds the bytes of bodies that were accepted and are not durable yet, over all requests. While several senders are
 * there, none of them takes more than half, nor puts more into the line at once than others can wait for.
 */
export class Admission {
  readonly #bytesMax: number;
  readonly #nowMs: () => number;
  readonly #senders = new Map<string, Sender>();
  #bytes = 0;
  /** The last sender, and the last one that was another. */
  #latest = { name: '', atMs: Number.NEGATIVE_INFINITY };
  #other = { name: '', atMs: Number.NEGATIVE_INFINITY };

  constructor(
    bytesMax: number = LIMITS.inFlightBytesMax,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#bytesMax = bytesMax;
    this.#nowMs = nowMs;
  }

  get inFlightBytes(): number {
    return this.#bytes;
  }

  /**
   * @param name the sender, as far as it is known: all of one name share what is theirs.
   * @throws Fault OVERLOADED when even the announced length is too much now; nothing was read then.
   */
  reserve(announcedBytes: number, name = ''): Reservation {
    this.#note(name);
    const sender = this.#senders.get(name) ?? newSender();
    if (!this.#hasRoom(name, sender, announcedBytes)) throw this.#overloaded();
    sender.requests += 1;
    this.#senders.set(name, sender);
    const own = { requests: 1, heldBytes: 0, inLineBytes: 0 };
    return {
      add: (bytes) => {
        if (!this.#hasRoom(name, sender, bytes)) throw this.#overloaded();
        this.#bytes += bytes;
        sender.heldBytes += bytes;
        own.heldBytes += bytes;
      },
      turn: (bytes) =>
        new Promise((resolve) => {
          const go = (): void => {
            sender.inLineBytes += bytes;
            own.inLineBytes += bytes;
            resolve();
          };
          sender.waiting.push({ bytes, go });
          this.#goOn(name, sender);
        }),
      release: () => {
        if (own.requests === 0) return;
        this.#bytes -= own.heldBytes;
        sender.heldBytes -= own.heldBytes;
        sender.inLineBytes -= own.inLineBytes;
        sender.requests -= own.requests;
        own.heldBytes = own.inLineBytes = own.requests = 0;
        this.#goOn(name, sender);
        if (sender.requests === 0) this.#senders.delete(name);
      },
    };
  }

  #hasRoom(name: string, sender: Sender, bytes: number): boolean {
    if (this.#bytes + bytes > this.#bytesMax) return false;
    return this.#isAlone(name) || sender.heldBytes + bytes <= this.#bytesMax / 2;
  }

  /** One body always has its turn, however large. */
  #goOn(name: string, sender: Sender): void {
    const bytesMax = this.#isAlone(name) ? Number.POSITIVE_INFINITY : LIMITS.inLineBytesMax;
    for (;;) {
      const [first] = sender.waiting;
      if (first === undefined) return;
      if (sender.inLineBytes > 0 && sender.inLineBytes + first.bytes > bytesMax) return;
      sender.waiting.shift();
      first.go();
    }
  }

  #note(name: string): void {
    if (name !== this.#latest.name) this.#other = this.#latest;
    this.#latest = { name, atMs: this.#nowMs() };
  }

  #isAlone(name: string): boolean {
    const other = this.#latest.name === name ? this.#other : this.#latest;
    return this.#nowMs() - other.atMs > PRESENT_MS;
  }

  #overloaded(): Fault {
    const mebibytes = Math.round(this.#bytes / 1024 / 1024);
    return new Fault('OVERLOADED', `${mebibytes} MiB are being stored; more must wait.`);
  }
}

function newSender(): Sender {
  return { requests: 0, heldBytes: 0, inLineBytes: 0, waiting: [] };
}
