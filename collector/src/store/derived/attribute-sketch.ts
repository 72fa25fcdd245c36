import type { Attributes, AttributeValue } from '@throughline/model/step';

/** With ten bits and four probes per value, about one question in eighty gets a needless yes. */
const BITS_PER_VALUE = 10;
const PROBES = 4;

/** Attributes of a step never change, and a run is summarized again with every step that joins it. */
const hashesOf = new WeakMap<Attributes, Uint32Array>();

/** A Bloom filter over the attributes of a run: `no` is certain, `yes` is to be looked up. */
export class AttributeSketch {
  readonly #words: Uint32Array;

  private constructor(words: Uint32Array) {
    this.#words = words;
  }

  static over(attributes: Iterable<Attributes>): AttributeSketch {
    const hashes = new Set<number>();
    for (const each of attributes) for (const hash of attributeHashes(each)) hashes.add(hash);
    const words = new Uint32Array(Math.ceil((hashes.size * BITS_PER_VALUE) / 32));
    const sketch = new AttributeSketch(words);
    for (const hash of hashes) sketch.#eachBit(hash, (word, bit) => sketch.#set(word, bit));
    return sketch;
  }

  /** One that was made before. */
  static of(words: Uint32Array): AttributeSketch {
    return new AttributeSketch(words);
  }

  get words(): Uint32Array {
    return this.#words;
  }

  mayHave(name: string, text: string | null): boolean {
    if (this.#words.length === 0) return false;
    let isPossible = true;
    this.#eachBit(text === null ? presence(name) : equality(name, text), (word, bit) => {
      if (((this.#words[word] ?? 0) & bit) === 0) isPossible = false;
    });
    return isPossible;
  }

  #set(word: number, bit: number): void {
    this.#words[word] = (this.#words[word] ?? 0) | bit;
  }

  #eachBit(hash: number, act: (word: number, bit: number) => void): void {
    const size = this.#words.length * 32;
    const stride = (Math.imul(hash, 0x9e3779b1) | 1) >>> 0;
    for (let probe = 0; probe < PROBES; probe += 1) {
      const at = ((hash + probe * stride) >>> 0) % size;
      act(at >>> 5, 1 << (at & 31));
    }
  }
}

function attributeHashes(attributes: Attributes): Uint32Array {
  const known = hashesOf.get(attributes);
  if (known !== undefined) return known;
  const hashes: number[] = [];
  for (const [name, value] of attributes) collect(name, value, hashes);
  const packed = Uint32Array.from(hashes);
  hashesOf.set(attributes, packed);
  return packed;
}

function collect(name: string, value: AttributeValue, hashes: number[]): void {
  hashes.push(presence(name));
  if (isList(value)) for (const element of value) collect(name, element, hashes);
  else if (typeof value !== 'object') hashes.push(equality(name, String(value)));
  else if (value !== null) {
    for (const [inner, each] of Object.entries(value)) collect(`${name}.${inner}`, each, hashes);
  }
}

function isList(value: AttributeValue): value is readonly AttributeValue[] {
  return Array.isArray(value);
}

function presence(name: string): number {
  return fnv1a(name);
}

function equality(name: string, text: string): number {
  return fnv1a(`${name}\0${text}`);
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}
