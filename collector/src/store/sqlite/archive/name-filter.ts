import type { NameHash } from './name-hash.js';

/** 4 MiB: with four probes, 4 million names err once in forty. */
const WORDS = 1 << 20;
const BITS_MASK = WORDS * 32 - 1;
const PROBES = 4;

/** A Bloom filter over the names of a partition: `no` is certain. */
export class NameFilter {
  readonly #words: Uint32Array;

  constructor(words = new Uint32Array(WORDS)) {
    this.#words = words;
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.#words.buffer, this.#words.byteOffset, this.#words.byteLength);
  }

  /** @returns null unless the bytes are those of a filter. */
  static from(bytes: Uint8Array): NameFilter | null {
    if (bytes.byteLength !== WORDS * 4) return null;
    const words = new Uint32Array(WORDS);
    new Uint8Array(words.buffer).set(bytes);
    return new NameFilter(words);
  }

  add({ high, low }: NameHash): void {
    for (let probe = 0; probe < PROBES; probe += 1) {
      const bit = bitAt(high, low, probe);
      this.#words[bit >>> 5] = (this.#words[bit >>> 5] ?? 0) | (1 << (bit & 31));
    }
  }

  mayHave({ high, low }: NameHash): boolean {
    for (let probe = 0; probe < PROBES; probe += 1) {
      const bit = bitAt(high, low, probe);
      if (((this.#words[bit >>> 5] ?? 0) & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  }
}

function bitAt(high: number, low: number, probe: number): number {
  return (high + Math.imul(probe, (low << 9) | 1)) & BITS_MASK;
}
