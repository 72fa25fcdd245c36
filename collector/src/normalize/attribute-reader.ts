import type { AttributeValue, Attributes } from '@throughline/model/step';
import type { SequencedAttributes } from '../wire.js';
import { familiesAmong, type AttributeFamily } from './attribute-family.js';
import { isHeader, planOf, type NamePattern, type NamePlan } from './name-plan.js';
import { spelling, type Spelling } from './spelling.js';

/**
 * Reads attributes under the first of several spellings that holds something. Numbers and truth values arrive as
 * text from some libraries, so every reader takes both. Where spans share their names, a spelling is looked up once
 * for all of them.
 */
export class AttributeReader {
  readonly #attributes: Attributes;
  readonly #plan: NamePlan | null = null;
  readonly #listed: readonly AttributeValue[] = NOTHING;
  /** Most spans have no captured headers, and dozens of names need not be asked for then. */
  #hasHeaders: boolean | null = null;
  #families: number | null = null;

  constructor(attributes: Attributes) {
    this.#attributes = attributes;
    if (!isSequenced(attributes)) return;
    this.#listed = attributes.listed;
    this.#plan = planOf(attributes.sequence);
    this.#families = this.#plan.families;
    this.#hasHeaders = this.#plan.hasHeaders;
  }

  has(name: string): boolean {
    return this.#attributes.has(name);
  }

  /** Whether any name of the family is there. */
  speaks(family: AttributeFamily): boolean {
    this.#families ??= familiesAmong(this.#attributes.keys());
    return (this.#families & family) !== 0;
  }

  raw(...named: Named): AttributeValue {
    for (let at = 0, end = this.#count(named); at < end; at += 1) {
      const value = this.#value(named, at);
      if (value !== undefined && value !== null) return value;
    }
    return null;
  }

  /** What stands under each of the names, as far as they are there. */
  all(spelling: Spelling): readonly AttributeValue[] {
    const named = [spelling] as const;
    const found: AttributeValue[] = [];
    for (let at = 0, end = this.#count(named); at < end; at += 1) {
      const value = this.#value(named, at);
      if (value !== undefined) found.push(value);
    }
    return found;
  }

  /** Text that is not blank; a list of one (captured headers come as lists) gives its last element. */
  text(...named: Named): string | null {
    for (let at = 0, end = this.#count(named); at < end; at += 1) {
      const text = scalarText(this.#value(named, at));
      if (text !== null && !isBlank(text)) return text;
    }
    return null;
  }

  number(...named: Named): number | null {
    for (let at = 0, end = this.#count(named); at < end; at += 1) {
      const value = this.#value(named, at);
      if (typeof value === 'number' && Number.isFinite(value)) return value;
      const text = scalarText(value);
      if (text === null || isBlank(text)) continue;
      const number = Number(text);
      if (Number.isFinite(number)) return number;
    }
    return null;
  }

  isTrue(...named: Named): boolean {
    for (let at = 0, end = this.#count(named); at < end; at += 1) {
      if (scalarText(this.#value(named, at)) === 'true') return true;
    }
    return false;
  }

  /** A list of texts: a list value, or one text with commas. */
  texts(...named: Named): readonly string[] {
    const value = this.#count(named) === 0 ? undefined : this.#value(named, 0);
    if (value === undefined) return NO_TEXTS;
    const parts = Array.isArray(value)
      ? (value as readonly AttributeValue[]).map(scalarText)
      : (scalarText(value)?.split(',') ?? []);
    return parts.flatMap((part) => (part === null || part.trim() === '' ? [] : [part.trim()]));
  }

  /** Whether any header of a message was captured. */
  get hasHeaders(): boolean {
    return (this.#hasHeaders ??= [...this.#attributes.keys()].some(isHeader));
  }

  /** A message header, under the names that instrumentations give to captured headers. */
  header(...names: readonly string[]): AttributeValue {
    if (!this.hasHeaders) return null;
    for (const name of names) {
      const found = this.raw(headerSpelling(name));
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

  /** The attributes whose names are of the kind; the pattern must be a constant. */
  matching(pattern: NamePattern): readonly (readonly [string, AttributeValue])[] {
    const plan = this.#plan;
    if (plan === null) return [...this.#attributes].filter(([name]) => pattern(name));
    const places = plan.matching(pattern);
    if (places.length === 0) return NO_ENTRIES;
    return places.map((at) => [plan.names[at] as string, this.#listed[at] as AttributeValue]);
  }

  /** How many of the names may be there. */
  #count(named: Named): number {
    const [first] = named;
    if (typeof first === 'string') return named.length;
    return this.#plan === null ? first.names.length : this.#plan.placesOf(first).length;
  }

  #value(named: Named, at: number): AttributeValue | undefined {
    const [first] = named;
    if (typeof first === 'string') return this.#attributes.get(named[at] as string);
    if (this.#plan === null) return this.#attributes.get(first.names[at] as string);
    return this.#listed[this.#plan.placesOf(first)[at] as number];
  }
}

/** One thing under all names that it has, or those names themselves: what is asked of every span is a spelling. */
type Named = readonly [Spelling] | readonly [string, ...string[]];

const NOTHING: readonly AttributeValue[] = [];
const NO_TEXTS: readonly string[] = [];
const NO_ENTRIES: readonly (readonly [string, AttributeValue])[] = [];

function isSequenced(attributes: Attributes): attributes is SequencedAttributes {
  return 'sequence' in attributes;
}

/** Nearly every text begins with a letter or digit: then there is nothing to trim. */
function isBlank(text: string): boolean {
  const first = text.charCodeAt(0);
  return !(first > 0x20 && first < 0x7f) && text.trim() === '';
}

export function scalarText(value: AttributeValue | undefined): string | null {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) {
    return scalarText((value as readonly AttributeValue[]).at(-1));
  }
  if (value === undefined || value === null || typeof value === 'object') return null;
  return String(value);
}

/** `messaging.header.<name>` is the Java agent's, with `_` for `-`; the others are those of hooks and vendors. */
function headerSpelling(name: string): Spelling {
  const known = spellings.get(name);
  if (known) return known;
  const made = spelling(
    `messaging.rabbitmq.message.header.${name}`,
    `messaging.message.header.${name}`,
    `messaging.header.${name.replaceAll('-', '_')}`,
    `messaging.header.${name}`,
    `messaging.kafka.message.header.${name}`,
    `messaging.message.headers.${name}`,
    `messaging.headers.${name}`,
  );
  spellings.set(name, made);
  return made;
}

/** Filled with the few dozen header names that this room asks for, never with foreign text. */
const spellings = new Map<string, Spelling>();
