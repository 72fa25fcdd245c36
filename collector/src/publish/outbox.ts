import type { Socket } from 'socket.io';
import { LIMITS } from '../limits.js';

interface Packet {
  readonly data?: string | Uint8Array;
}

/**
 * How much waits for a viewer whose connection is busy. Told by two events of Engine.IO: `packetCreate` for what
 * is put into its buffer, and `flush` when the connection takes all of it.
 */
export class Outbox {
  #waitingChars = 0;

  constructor(connection: Socket['conn']) {
    connection.on('packetCreate', ({ data }: Packet) => {
      this.#waitingChars += data?.length ?? 0;
    });
    connection.on('flush', () => {
      this.#waitingChars = 0;
    });
  }

  get isFull(): boolean {
    return this.#waitingChars > LIMITS.liveWaitingCharsMax;
  }
}
