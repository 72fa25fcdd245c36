import { CORRELATION_KEY, type Key, type KeyRelation, type KeyRule } from '@throughline/model/key';
import type { AttributeValue, Attributes } from '@throughline/model/step';
import { LIMITS } from '../limits.js';
import type { AttributeReader } from './attribute-reader.js';
import { engineKeys } from './engine-keys.js';
import { cloudEventExtension } from './message.js';
import { valuesAt } from './path.js';
import { SPELLING } from './semconv.js';
import { spelling } from './spelling.js';

/** What the keys of a step are read from. */
export interface KeySource {
  readonly service: string;
  readonly spanName: string;
  /** Every attribute of the step, resource and events included. */
  readonly attributes: Attributes;
  readonly reader: AttributeReader;
}

/**
 * Every key of a step, each once. Blank values are no keys; placeholders such as `null` are, and the stitcher
 * demotes them where they would glue runs together, so that the finding about it has its evidence.
 */
export function keysOf(source: KeySource, rules: readonly KeyRule[]): readonly Key[] {
  const keys = new KeySet();
  for (const rule of rules) {
    if (rule.services && !rule.services.includes(source.service)) continue;
    const name = rule.attribute;
    const values = valuesAt(source.attributes, name);
    const found = values.length > 0 ? values : baggageValues(source.attributes, name);
    for (const value of found) keys.add(rule.type, rule.relation, value);
  }
  for (const [name, value] of source.reader.matching(isOwn)) {
    addOwn(keys, withoutBaggage(name), value);
  }
  keys.add(CORRELATION_KEY, 'same', correlationId(source.reader));
  for (const key of engineKeys(source.spanName, source.reader))
    keys.add(key.type, key.relation, key.value);
  return keys.all();
}

const OWN: readonly (readonly [prefix: string, relation: KeyRelation])[] = [
  ['throughline.key.', 'same'],
  ['throughline.child_of.', 'child-of'],
  ['throughline.touches.', 'touches'],
];

function isOwn(name: string): boolean {
  return withoutBaggage(name).startsWith('throughline.');
}

function addOwn(keys: KeySet, name: string, value: AttributeValue): void {
  for (const [prefix, relation] of OWN) {
    if (name.startsWith(prefix) && name.length > prefix.length) {
      keys.add(name.slice(prefix.length), relation, value);
    }
  }
}

/** Span processors copy baggage onto spans under these prefixes, or under the plain name. */
const BAGGAGE_PREFIXES = ['baggage.', 'baggage:', 'baggage/'] as const;

function withoutBaggage(name: string): string {
  if (!name.startsWith('baggage')) return name;
  const prefix = BAGGAGE_PREFIXES.find((each) => name.startsWith(each));
  return prefix === undefined ? name : name.slice(prefix.length);
}

function baggageValues(attributes: Attributes, name: string): readonly AttributeValue[] {
  return BAGGAGE_PREFIXES.flatMap((prefix) => attributes.get(prefix + name) ?? []);
}

const CORRELATION_HEADERS = [
  'correlation-id',
  'correlationId',
  'correlation_id',
  'x-correlation-id',
  'kafka_correlationId',
  'NServiceBus.ConversationId',
  'ce_correlationid',
  'ce-correlationid',
] as const;

const CORRELATION_BAGGAGE = [
  'correlation_id',
  'correlation.id',
  'correlation-id',
  'correlationId',
].flatMap((name) => BAGGAGE_PREFIXES.map((prefix) => prefix + name));

const CORRELATION_IN_BAGGAGE = spelling(...CORRELATION_BAGGAGE);

function correlationId(reader: AttributeReader): string | null {
  return (
    reader.text(SPELLING.conversationId) ??
    cloudEventExtension(reader, 'correlationid') ??
    reader.headerText(...CORRELATION_HEADERS) ??
    reader.text(CORRELATION_IN_BAGGAGE)
  );
}

/** Keys in the order they were found, each once. */
class KeySet {
  readonly #keys = new Map<string, Key>();

  /** A list gives a key per element; an object gives none. */
  add(type: string, relation: KeyRelation, value: AttributeValue): void {
    if (Array.isArray(value)) {
      for (const each of value as readonly AttributeValue[]) {
        if (!Array.isArray(each)) this.add(type, relation, each);
      }
      return;
    }
    if (value === null || typeof value === 'object') return;
    const text = String(value).trim();
    if (text === '' || text.length > LIMITS.keyCharsMax || this.#keys.size >= LIMITS.stepKeysMax)
      return;
    const id = `${relation}\0${type}\0${text}`;
    if (!this.#keys.has(id)) this.#keys.set(id, { type, value: text, relation });
  }

  all(): readonly Key[] {
    return [...this.#keys.values()];
  }
}
