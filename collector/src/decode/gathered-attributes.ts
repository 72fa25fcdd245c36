import type { Attributes, AttributeValue } from '@throughline/model/step';
import { ListedAttributes } from './listed-attributes.js';
import { NameSequence } from './name-sequence.js';
import type { ProtobufReader } from './protobuf-reader.js';

/**
 * Takes up the attributes of one span after the other. Of a name that comes twice the last value holds, at the place of
 * the first: such attributes, and very many, are a map of their own.
 */
export class GatheredAttributes {
  #sequence = NameSequence.empty;
  readonly #values: AttributeValue[] = [];
  #map: Map<string, AttributeValue> | null = null;

  get size(): number {
    return this.#map === null ? this.#values.length : this.#map.size;
  }

  /** Reads the name that begins here. */
  name(reader: ProtobufReader): NameSequence | string {
    if (this.#map !== null) return reader.string();
    const { next } = this.#sequence;
    if (next !== null && reader.passText(next.bytes)) return next;
    return this.#sequence.with(reader.string());
  }

  /** @param name what `name` gave, or the text of one. */
  add(name: NameSequence | string, value: AttributeValue): void {
    const named = typeof name === 'string' && this.#map === null ? this.#sequence.with(name) : name;
    if (typeof named === 'string') {
      this.#map ??= new Map(new ListedAttributes(this.#sequence, this.#values));
      this.#map.set(named, value);
      return;
    }
    this.#sequence = named;
    this.#values.push(value);
  }

  /** All that was taken up since the last call. */
  take(): Attributes {
    const all = this.#map ?? new ListedAttributes(this.#sequence, this.#values.slice());
    this.#sequence = NameSequence.empty;
    this.#values.length = 0;
    this.#map = null;
    return all;
  }
}
