/** A message of the protocol buffers encoding, written field by field: answers need four kinds of fields only. */
export class ProtobufMessage {
  readonly #pieces: Uint8Array[] = [];

  /** An unsigned varint field; zero, the default, is left out. */
  varint(field: number, value: number): this {
    if (value !== 0) this.#pieces.push(varintBytes(field * 8), varintBytes(value));
    return this;
  }

  string(field: number, text: string): this {
    return this.#bytes(field, Buffer.from(text, 'utf8'));
  }

  message(field: number, inner: ProtobufMessage): this {
    return this.#bytes(field, inner.finish());
  }

  finish(): Uint8Array {
    return Buffer.concat(this.#pieces);
  }

  #bytes(field: number, bytes: Uint8Array): this {
    this.#pieces.push(varintBytes(field * 8 + 2), varintBytes(bytes.length), bytes);
    return this;
  }
}

/** @param value a whole number that is not negative. */
function varintBytes(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
