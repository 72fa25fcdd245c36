import { nsFromMs, type UnixNs } from '@throughline/model/time';

/** Times are told this exactly: bodies that came in one such piece of time are one entry. */
const PIECE_NS = nsFromMs(250);

/**
 * When stored bodies were received, at 250 ms exactly: rounded up, so that nothing is held to be older than it is. It
 * depends on the bodies only, hence it is the same after a restart; it grows with time, and not with traffic.
 */
export class ReceiveTimes {
  /** The first body of each piece, ascending, and the end of that piece. */
  readonly #ids: number[] = [];
  readonly #ends: UnixNs[] = [];

  /** Ids only grow. */
  note(bodyId: number, receivedAtNs: UnixNs): void {
    const end = ((receivedAtNs / PIECE_NS + 1n) * PIECE_NS) as UnixNs;
    if (this.#ends.at(-1) === end || bodyId <= (this.#ids.at(-1) ?? -1)) return;
    this.#ids.push(bodyId);
    this.#ends.push(end);
  }

  /** 0 for bodies that were never noted. */
  of(bodyId: number): UnixNs {
    let from = 0;
    let to = this.#ids.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#ids[middle] ?? 0) <= bodyId) from = middle + 1;
      else to = middle;
    }
    return this.#ends[from - 1] ?? (0n as UnixNs);
  }
}
