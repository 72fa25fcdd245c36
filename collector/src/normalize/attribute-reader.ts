import type { AttributeValue, Attributes } from '@throughline/model/step';
import { familiesIn, type AttributeFamily } from './attribute-family.js';

/**
 * Reads attributes under the first of several spellings that holds something. Numbers and truth values arrive as
 * text from some libraries, so every reader takes both.
 */
export class AttributeReader {
  readonly #attributes: Attributes;
  /** Most spans have no captured headers, and dozens of names need not be asked for then. */
  #hasHeaders: boolean | null = null;
  #families: number | null = null;

  constructor(attributes: Attributes) {
    this.#attributes = attributes;
  }

  has(name: string): boolean {
    return this.#attributes.has(name);
  }

  /** Whether any name of the family is there. */
  speaks(family: AttributeFamily): boolean {
    this.#families ??= familiesIn(this.#attributes);
    return (this.#families & family) !== 0;
  }

  raw(...names: readonly string[]): AttributeValue {
    for (const name of names) {
      const value = this.#attributes.get(name);
      if (value !== undefined && value !== null) return value;
    }
    return null;
  }

  /** Text that is not blank; a list of one (captured headers come as lists) gives its last element. */
  text(...names: readonly string[]): string | null {
    for (const name of names) {
      const text = scalarText(this.#attributes.get(name));
      if (text !== null && text.trim() !== '') return text;
    }
    return null;
  }

  number(...names: readonly string[]): number | null {
    for (const name of names) {
      const text = scalarText(this.#attributes.get(name));
      if (text === null || text.trim() === '') continue;
      const number = Number(text);
      if (Number.isFinite(number)) return number;
    }
    return null;
  }

  isTrue(...names: readonly string[]): boolean {
    return names.some((name) => scalarText(this.#attributes.get(name)) === 'true');
  }

  /** A list of texts: a list value, or one text with commas. */
  texts(name: string): readonly string[] {
    const value = this.#attributes.get(name);
    if (value === undefined) return NOTHING;
    const parts = Array.isArray(value)
      ? (value as readonly AttributeValue[]).map(scalarText)
      : (scalarText(value)?.split(',') ?? []);
    return parts.flatMap((part) => (part === null || part.trim() === '' ? [] : [part.trim()]));
  }

  /** Whether any header of a message was captured. */
  get hasHeaders(): boolean {
    return (this.#hasHeaders ??= hasHeaders(this.#attributes));
  }

  /** A message header, under the names that instrumentations give to captured headers. */
  header(...names: readonly string[]): AttributeValue {
    if (!this.hasHeaders) return null;
    for (const name of names) {
      const found = this.raw(...headerSpellings(name));
      if (found !== null) return found;
    }
    return null;
  }

  headerText(...names: readonly string[]): string | null {
    const text = scalarText(this.header(...names));
    return text === null || text.trim() === '' ? null : text;
  }

  entries(): Iterable<readonly [string, AttributeValue]> {
    return this.#attributes;
  }
}

const NOTHING: readonly string[] = [];

export function scalarText(value: AttributeValue | undefined): string | null {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) {
    return scalarText((value as readonly AttributeValue[]).at(-1));
  }
  if (value === undefined || value === null || typeof value === 'object') return null;
  return String(value);
}

function hasHeaders(attributes: Attributes): boolean {
  for (const name of attributes.keys()) if (name.includes('.header')) return true;
  return false;
}

/** `messaging.header.<name>` is the Java agent's, with `_` for `-`; the others are those of hooks and vendors. */
function headerSpellings(name: string): readonly string[] {
  const known = spellings.get(name);
  if (known) return known;
  const made = [
    `messaging.rabbitmq.message.header.${name}`,
    `messaging.message.header.${name}`,
    `messaging.header.${name.replaceAll('-', '_')}`,
    `messaging.header.${name}`,
    `messaging.kafka.message.header.${name}`,
    `messaging.message.headers.${name}`,
    `messaging.headers.${name}`,
  ];
  spellings.set(name, made);
  return made;
}

/** Filled with the few dozen header names that this room asks for, never with foreign text. */
const spellings = new Map<string, readonly string[]>();
