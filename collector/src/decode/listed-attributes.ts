import type { AttributeValue, Attributes } from '@throughline/model/step';
import type { SequencedAttributes } from '../wire.js';
import { NameSequence } from './name-sequence.js';

/** The attributes of a span: its own values, under names that it shares with spans of its kind. */
export class ListedAttributes implements SequencedAttributes {
  readonly sequence: NameSequence;
  readonly listed: readonly AttributeValue[];

  constructor(sequence: NameSequence, listed: readonly AttributeValue[]) {
    this.sequence = sequence;
    this.listed = listed;
  }

  get size(): number {
    return this.listed.length;
  }

  get(name: string): AttributeValue | undefined {
    const place = this.sequence.placeOf(name);
    return place === undefined ? undefined : this.listed[place];
  }

  has(name: string): boolean {
    return this.sequence.placeOf(name) !== undefined;
  }

  *entries(): MapIterator<[string, AttributeValue]> {
    for (const [place, name] of this.sequence.names.entries()) {
      yield [name, this.listed[place] as AttributeValue];
    }
  }

  keys(): MapIterator<string> {
    return this.sequence.names.values();
  }

  values(): MapIterator<AttributeValue> {
    return this.listed.values();
  }

  forEach(act: (value: AttributeValue, name: string, all: ListedAttributes) => void): void {
    const { names } = this.sequence;
    for (let at = 0; at < names.length; at += 1) {
      act(this.listed[at] as AttributeValue, names[at] as string, this);
    }
  }

  [Symbol.iterator](): MapIterator<[string, AttributeValue]> {
    return this.entries();
  }
}

/** The same attributes under names that are shared; as they are when there are very many. */
export function listedAttributes(attributes: Attributes): Attributes {
  if (attributes instanceof ListedAttributes) return attributes;
  const listed: AttributeValue[] = [];
  let sequence = NameSequence.empty;
  for (const [name, value] of attributes) {
    const next = sequence.next?.name === name ? sequence.next : sequence.with(name);
    if (typeof next === 'string') return attributes;
    listed.push(typeof value === 'string' ? next.kept(value) : value);
    sequence = next;
  }
  return new ListedAttributes(sequence, listed.slice());
}
