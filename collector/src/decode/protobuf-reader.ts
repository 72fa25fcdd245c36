import { Fault } from '../errors.js';
import { isWritten, TextCache } from './text-cache.js';

/** Wire types of the protocol buffers encoding. */
export const WIRE = {
  varint: 0,
  fixed64: 1,
  bytes: 2,
  startGroup: 3,
  endGroup: 4,
  fixed32: 5,
} as const;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });
const REPLACEMENT = '\ufffd';
const TWO_28 = 2 ** 28;
const TWO_25 = 2 ** 25;
const texts = new TextCache();

/** What is known of the texts at one place of many messages. */
export interface TextPlace {
  /** The text that stood there last. */
  readonly usual: string;
  /** Hardly any text stands there twice. */
  readonly isVaried: boolean;
  note(text: string, isNews: boolean): void;
}

/** Where a length-delimited field lies in the body. */
export interface Slice {
  readonly from: number;
  readonly to: number;
}

/**
 * Reads protocol buffers in place, without copying and without recursion: one reader for the whole body, that enters a
 * message inside a message and leaves it again. Every method throws Fault BODY_UNREADABLE when the bytes end too early
 * or are no protocol buffers.
 *
 *     const outer = reader.enter();
 *     while (reader.hasMore) reader.passOver(reader.tag());
 *     reader.leave(outer);
 *
 * Encoding: https://protobuf.dev/programming-guides/encoding/
 */
export class ProtobufReader {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #at = 0;
  #end: number;
  #low = 0;
  #middle = 0;
  #high = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.length;
  }

  /** Goes to a message that was passed over with `slice`. There is no way back but another `seek`. */
  seek({ from, to }: Slice): void {
    this.#at = from;
    this.#end = to;
  }

  /** Goes into the message that begins here. @returns what `leave` wants. */
  enter(): number {
    const length = this.#unsigned();
    const from = this.#take(length);
    const outer = this.#end;
    this.#at = from;
    this.#end = from + length;
    return outer;
  }

  /** Goes on behind the message that `enter` went into, at whose end the reader stands. */
  leave(outer: number): void {
    this.#end = outer;
  }

  get hasMore(): boolean {
    return this.#at < this.#end;
  }

  /** The next tag: field number × 8 + wire type. */
  tag(): number {
    const byte = this.#bytes[this.#at] ?? 0;
    if (byte < 0x80 && byte >= 8 && this.#at < this.#end) {
      this.#at += 1;
      return byte;
    }
    const tag = this.#unsigned();
    if (tag > 0xffff_ffff || tag < 8) throw this.#broken('a field number is out of range');
    return tag;
  }

  bool(): boolean {
    return this.int64() !== 0;
  }

  /** The value of an enum, or another varint whose upper half does not matter. */
  int32(): number {
    return Number(BigInt.asIntN(32, BigInt(this.int64())));
  }

  /** A number while that is exact, a bigint beyond. */
  int64(): number | bigint {
    this.#varint();
    if (this.#high === 0 && this.#middle < TWO_25) return this.#middle * TWO_28 + this.#low;
    const bits = (BigInt(this.#high) << 56n) | (BigInt(this.#middle) << 28n) | BigInt(this.#low);
    const value = BigInt.asIntN(64, bits);
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }

  fixed64(): bigint {
    const from = this.#take(8);
    return this.#view.getBigUint64(from, true);
  }

  fixed32(): number {
    const from = this.#take(4);
    return this.#view.getUint32(from, true);
  }

  double(): number {
    const from = this.#take(8);
    return this.#view.getFloat64(from, true);
  }

  slice(): Slice {
    const length = this.#unsigned();
    const from = this.#take(length);
    return { from, to: from + length };
  }

  /** Lower-case hex digits of a bytes field. */
  hex(): string {
    const length = this.#unsigned();
    const from = this.#take(length);
    return this.#bytes.toString('hex', from, from + length);
  }

  base64(): string {
    const { from, to } = this.slice();
    return this.#bytes.toString('base64', from, to);
  }

  /** Passes over the text that begins here if it is this one. */
  passText(expected: Uint8Array): boolean {
    const at = this.#at;
    const { length } = expected;
    if (length > 0x7f || at + length >= this.#end || this.#bytes[at] !== length) return false;
    for (let index = 0; index < length; index += 1) {
      if (this.#bytes[at + 1 + index] !== expected[index]) return false;
    }
    this.#at = at + 1 + length;
    return true;
  }

  /**
   * Text must be valid UTF-8, as the encoding asks; anything else makes the body unreadable.
   *
   * @param place where this text stands, when the same text often stands there.
   */
  string(place?: TextPlace): string {
    const length = this.#unsigned();
    const from = this.#take(length);
    if (place === undefined)
      return this.#checked(texts.text(this.#bytes, from, from + length), from);
    const { usual } = place;
    if (usual.length === length && isWritten(usual, this.#bytes, from)) return usual;
    const text = place.isVaried
      ? this.#bytes.toString('utf8', from, from + length)
      : texts.text(this.#bytes, from, from + length);
    place.note(text, place.isVaried || texts.wasNews);
    return this.#checked(text, from);
  }

  /**
   * Passes over the field behind a tag: a newer version of the message may have fields that this one does not know, and
   * they must not break it (proto3 language guide, "Unknown Fields"). Groups, long deprecated, may be nested.
   */
  passOver(tag: number): void {
    let open = 0;
    let type = tag & 7;
    for (;;) {
      if (type === WIRE.varint) this.#varint();
      else if (type === WIRE.fixed64) this.#take(8);
      else if (type === WIRE.bytes) this.slice();
      else if (type === WIRE.fixed32) this.#take(4);
      else if (type === WIRE.startGroup) open++;
      else if (type === WIRE.endGroup && open > 0) open--;
      else throw this.#broken(`wire type ${type} is not possible here`);
      if (open === 0) return;
      type = this.tag() & 7;
    }
  }

  #checked(text: string, from: number): string {
    if (!text.includes(REPLACEMENT)) return text;
    try {
      strictUtf8.decode(this.#bytes.subarray(from, this.#at));
    } catch (cause) {
      const why = `The text at byte ${from} is not valid UTF-8.`;
      throw new Fault('BODY_UNREADABLE', why, { cause });
    }
    return text;
  }

  #take(length: number): number {
    const from = this.#at;
    if (length > this.#end - from)
      throw this.#broken(`${length} bytes are announced, fewer follow`);
    this.#at = from + length;
    return from;
  }

  #unsigned(): number {
    const byte = this.#bytes[this.#at] ?? 0;
    if (byte < 0x80 && this.#at < this.#end) {
      this.#at += 1;
      return byte;
    }
    this.#varint();
    if (this.#high !== 0 || this.#middle >= TWO_25) return Number.MAX_SAFE_INTEGER;
    return this.#middle * TWO_28 + this.#low;
  }

  /** Leaves the 64 bits in `#low` (28 bits), `#middle` (28) and `#high` (8). */
  #varint(): void {
    let low = 0;
    let middle = 0;
    let high = 0;
    for (let index = 0; index < 10; index++) {
      if (this.#at >= this.#end) throw this.#broken('a number is cut off');
      const byte = this.#bytes[this.#at++] ?? 0;
      const bits = byte & 0x7f;
      if (index < 4) low |= bits << (7 * index);
      else if (index < 8) middle |= bits << (7 * (index - 4));
      else high |= bits << (7 * (index - 8));
      if (byte < 0x80) {
        this.#low = low;
        this.#middle = middle;
        this.#high = high & 0xff;
        return;
      }
    }
    throw this.#broken('a number has more than ten bytes');
  }

  #broken(why: string): Fault {
    return new Fault('BODY_UNREADABLE', `The protobuf body breaks at byte ${this.#at}: ${why}.`);
  }
}
