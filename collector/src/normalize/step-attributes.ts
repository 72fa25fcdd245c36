import type { AttributeValue, Attributes } from '@throughline/model/step';
import type { WireSpan } from '../wire.js';

const SCOPE_NAME = 'otel.scope.name';

/**
 * Every attribute of a span under a name of its own: the span's and its events' under their plain names, the
 * resource's behind `resource.`. Where names meet the span wins, then the first event; what came second stands
 * behind `events[<n>].`, so that nothing is lost and the result depends on the span alone.
 */
export function attributesOf(span: WireSpan): Attributes {
  const own = span.events.length === 0 ? span.attributes : withEvents(span);
  const scopeName = own.has(SCOPE_NAME) ? '' : span.scopeName;
  return new LayeredAttributes(own, surroundingsOf(span.resource, scopeName));
}

function withEvents({ attributes, events }: WireSpan): Attributes {
  const all = new Map<string, AttributeValue>(attributes);
  for (const [index, event] of events.entries()) {
    for (const [name, value] of event.attributes) {
      if (!all.has(name)) all.set(name, value);
      else if (all.get(name) !== value) all.set(`events[${index}].${name}`, value);
    }
  }
  return all;
}

/** One map for all spans of a scope: most of what is kept of a span is what it shares with others. */
const shared = new WeakMap<Attributes, Map<string, Attributes>>();

function surroundingsOf(resource: Attributes, scopeName: string): Attributes {
  let ofScope = shared.get(resource);
  if (ofScope === undefined) shared.set(resource, (ofScope = new Map<string, Attributes>()));
  const known = ofScope.get(scopeName);
  if (known !== undefined) return known;
  const all = new Map<string, AttributeValue>();
  for (const [name, value] of resource) all.set(`resource.${name}`, value);
  if (scopeName !== '') all.set(SCOPE_NAME, scopeName);
  ofScope.set(scopeName, all);
  return all;
}

/** Two maps that look like one; where both have a name, the outer one's value holds. */
class LayeredAttributes implements Attributes {
  readonly #own: Attributes;
  readonly #outer: Attributes;

  constructor(own: Attributes, outer: Attributes) {
    this.#own = own;
    this.#outer = outer;
  }

  get size(): number {
    let size = this.#own.size + this.#outer.size;
    for (const name of this.#outer.keys()) if (this.#own.has(name)) size -= 1;
    return size;
  }

  get(name: string): AttributeValue | undefined {
    const value = this.#outer.get(name);
    return value === undefined ? this.#own.get(name) : value;
  }

  has(name: string): boolean {
    return this.#own.has(name) || this.#outer.has(name);
  }

  *entries(): MapIterator<[string, AttributeValue]> {
    for (const entry of this.#own) if (!this.#outer.has(entry[0])) yield entry;
    yield* this.#outer;
  }

  *keys(): MapIterator<string> {
    for (const [name] of this.entries()) yield name;
  }

  *values(): MapIterator<AttributeValue> {
    for (const [, value] of this.entries()) yield value;
  }

  forEach(act: (value: AttributeValue, name: string, all: Attributes) => void): void {
    this.#own.forEach((value, name) => {
      if (!this.#outer.has(name)) act(value, name, this);
    });
    this.#outer.forEach((value, name) => act(value, name, this));
  }

  [Symbol.iterator](): MapIterator<[string, AttributeValue]> {
    return this.entries();
  }
}
