import { RESOURCE_SPANS_TAG } from './detect-format.js';

/** Spans of one resource as bytes: a whole ExportTraceServiceRequest by itself, and so are several in a row. */
export interface ProtobufPiece {
  readonly bytes: Uint8Array;
  /** Its number in the file, from 0. */
  readonly index: number;
}

export interface ProtobufSplitOptions {
  /** Every message has its length before it, as four bytes, the highest first. */
  readonly isDelimited: boolean;
  readonly pieceBytesMax: number;
}

const LENGTH_BYTES = 4;
const VARINT_BYTES_MAX = 10;

/** Cuts OTLP protobuf that arrives in chunks into the entries of `resource_spans`, holding no more than one. */
export class ProtobufSplitter {
  readonly #options: ProtobufSplitOptions;
  #rest: Buffer = Buffer.alloc(0);
  /** Read and not yet looked at: the entry under way needs more. */
  #waiting: Uint8Array[] = [];
  #bytesWaiting = 0;
  #bytesNeeded = 0;
  /** Bytes of the message under way; without lengths before them, all bytes are one message. */
  #messageLeft: number;
  #index = 0;

  constructor(options: ProtobufSplitOptions) {
    this.#options = options;
    this.#messageLeft = options.isDelimited ? 0 : Number.MAX_SAFE_INTEGER;
  }

  /** @throws Error with what is wrong: from there on the file cannot be read. */
  push(chunk: Uint8Array): readonly ProtobufPiece[] {
    this.#waiting.push(chunk);
    this.#bytesWaiting += chunk.length;
    if (this.#rest.length + this.#bytesWaiting < this.#bytesNeeded) return [];
    this.#rest = Buffer.concat([this.#rest, ...this.#waiting]);
    this.#waiting = [];
    this.#bytesWaiting = 0;
    return this.#cut();
  }

  /** @throws Error when the file was cut off. */
  end(): void {
    const isWhole = !this.#options.isDelimited || this.#messageLeft === 0;
    if (this.#rest.length + this.#bytesWaiting > 0 || !isWhole) throw this.#fault('is cut off');
  }

  #cut(): readonly ProtobufPiece[] {
    const pieces: ProtobufPiece[] = [];
    this.#bytesNeeded = 0;
    for (;;) {
      if (this.#messageLeft === 0) {
        if (this.#rest.length < LENGTH_BYTES) return pieces;
        this.#messageLeft = this.#rest.readUInt32BE(0);
        this.#rest = this.#rest.subarray(LENGTH_BYTES);
        continue;
      }
      const size = this.#entryBytes();
      if (size === null || this.#rest.length < size) {
        this.#bytesNeeded = size ?? 0;
        return pieces;
      }
      pieces.push({ bytes: Buffer.from(this.#rest.subarray(0, size)), index: this.#index });
      this.#index += 1;
      this.#rest = this.#rest.subarray(size);
      this.#messageLeft -= size;
    }
  }

  /** Bytes of the entry that begins here; null while it is not known. */
  #entryBytes(): number | null {
    if (this.#rest.length < 2) return null;
    if (this.#rest[0] !== RESOURCE_SPANS_TAG) throw this.#fault('is no resource_spans');
    let length = 0;
    for (let at = 1; at <= VARINT_BYTES_MAX; at++) {
      const byte = this.#rest[at];
      if (byte === undefined) return null;
      length += (byte & 0x7f) * 2 ** (7 * (at - 1));
      if (byte < 0x80) return this.#bounded(1 + at + length);
    }
    throw this.#fault('has no length');
  }

  #bounded(size: number): number {
    if (size > this.#messageLeft) throw this.#fault('is longer than its message');
    if (size <= this.#options.pieceBytesMax) return size;
    const mib = Math.floor(this.#options.pieceBytesMax / 1_048_576);
    throw this.#fault(`is larger than ${mib} MiB`);
  }

  #fault(what: string): Error {
    return new Error(`resource_spans[${this.#index}] ${what}`);
  }
}
