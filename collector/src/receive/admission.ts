import { Fault } from '../errors.js';
import { LIMITS } from '../limits.js';

/** Bytes that one request holds; it gives them back when it is answered, whatever the answer. */
export interface Reservation {
  /** @throws Fault OVERLOADED when that many bytes more are too many at once; nothing is added then. */
  add(bytes: number): void;
  release(): void;
}

/** Bounds the bytes of bodies that were accepted and are not durable yet, over all requests. */
export class Admission {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number = LIMITS.inFlightBytesMax) {
    this.#bytesMax = bytesMax;
  }

  get inFlightBytes(): number {
    return this.#bytes;
  }

  /** @throws Fault OVERLOADED when even the announced length is too much now; nothing was read then. */
  reserve(announcedBytes: number): Reservation {
    if (this.#bytes + announcedBytes > this.#bytesMax) throw this.#overloaded();
    let held = 0;
    return {
      add: (bytes) => {
        if (this.#bytes + bytes > this.#bytesMax) throw this.#overloaded();
        this.#bytes += bytes;
        held += bytes;
      },
      release: () => {
        this.#bytes -= held;
        held = 0;
      },
    };
  }

  #overloaded(): Fault {
    const mebibytes = Math.round(this.#bytes / 1024 / 1024);
    return new Fault('OVERLOADED', `${mebibytes} MiB are being stored; more must wait.`);
  }
}
