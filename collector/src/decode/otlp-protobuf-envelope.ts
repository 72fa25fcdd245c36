import { bytesFromBase64 } from '@throughline/model/bytes-value';
import type { AttributeValue } from '@throughline/model/step';
import { LIMITS } from '../limits.js';
import { emptyRecord, type Problems } from './attribute-value.js';
import { ProtobufReader, WIRE, type Slice } from './protobuf-reader.js';
import type { SpanSurroundings } from './span-draft.js';
import { doubleOf } from './whole-double.js';

/** A tag: the wire type stands in its lower three bits. */
export const at = (field: number, wire: number): number => (field << 3) | wire;
export const bytes = (field: number): number => at(field, WIRE.bytes);

type Scope = Omit<SpanSurroundings, 'resource' | 'problem'>;
const NO_SCOPE: Scope = { scopeName: '', scopeVersion: '', scopeAttributes: new Map() };

/** The names of the lists on the three levels of a request, for messages to people. */
export interface LevelNames {
  readonly ofResource: string;
  readonly ofScope: string;
  readonly records: string;
}

/**
 * What the requests for traces and for logs share: records below a scope below a resource, under the same numbers,
 * and attributes.
 */
export abstract class OtlpProtobufEnvelope {
  protected readonly keepsDoubles: boolean;
  readonly #body: Buffer;
  readonly #names: LevelNames;

  constructor(body: Uint8Array, keepsDoubles: boolean, names: LevelNames) {
    this.#body = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    this.keepsDoubles = keepsDoubles;
    this.#names = names;
  }

  /** Takes one record; `place` says where it stands. */
  protected abstract record(
    slice: Slice,
    surroundings: SpanSurroundings,
    place: () => string,
  ): void;

  /** @throws Fault BODY_UNREADABLE when the bytes are no such message. */
  protected walk(): void {
    let index = 0;
    this.each({ from: 0, to: this.#body.length }, (tag, reader) => {
      if (tag !== bytes(1)) return false;
      this.#ofResource(reader.slice(), `${this.#names.ofResource}[${index++}]`);
      return true;
    });
  }

  /** Fields may come in any order: the resource is read before the records that share it. */
  #ofResource(slice: Slice, place: string): void {
    const resource = new Map<string, AttributeValue>();
    const problems: Problems = { problem: null, keepsDoubles: this.keepsDoubles };
    const scopes: Slice[] = [];
    this.each(slice, (tag, reader) => {
      if (tag === bytes(1)) this.#resource(reader.slice(), resource, problems);
      else if (tag === bytes(2)) scopes.push(reader.slice());
      else return false;
      return true;
    });
    for (const [index, scope] of scopes.entries()) {
      this.#ofScope(scope, `${place}.${this.#names.ofScope}[${index}]`, { resource, problems });
    }
  }

  #ofScope(
    slice: Slice,
    place: string,
    above: { resource: Map<string, AttributeValue>; problems: Problems },
  ): void {
    let scope: Scope = NO_SCOPE;
    const records: Slice[] = [];
    this.each(slice, (tag, reader) => {
      if (tag === bytes(1)) scope = this.#scope(reader.slice());
      else if (tag === bytes(2)) records.push(reader.slice());
      else return false;
      return true;
    });
    const { resource, problems } = above;
    const surroundings: SpanSurroundings = { resource, ...scope, problem: problems.problem };
    for (const [index, record] of records.entries()) {
      this.record(record, surroundings, () => `${place}.${this.#names.records}[${index}]`);
    }
  }

  #resource(slice: Slice, into: Map<string, AttributeValue>, problems: Problems): void {
    this.each(slice, (tag, reader) => {
      if (tag !== bytes(1)) return false;
      this.attribute(reader.slice(), into, problems);
      return true;
    });
  }

  /** No span is refused for what is wrong with its scope: nothing but an export reads it. */
  #scope(slice: Slice): Scope {
    const problems: Problems = { problem: null, keepsDoubles: this.keepsDoubles };
    const attributes = new Map<string, AttributeValue>();
    let scopeName = '';
    let scopeVersion = '';
    this.each(slice, (tag, reader) => {
      if (tag === bytes(1)) scopeName = reader.string();
      else if (tag === bytes(2)) scopeVersion = reader.string();
      else if (tag === bytes(3)) this.attribute(reader.slice(), attributes, problems);
      else return false;
      return true;
    });
    return { scopeName, scopeVersion, scopeAttributes: attributes };
  }

  protected attribute(slice: Slice, into: Map<string, AttributeValue>, problems: Problems): void {
    let key = '';
    let value: AttributeValue = null;
    this.each(slice, (tag, reader) => {
      if (tag === bytes(1)) key = reader.string();
      else if (tag === bytes(2)) value = this.#value(reader.slice(), 1, problems);
      else return false;
      return true;
    });
    into.set(key, value);
    if (into.size > LIMITS.attributesMax) {
      problems.problem ??= {
        reason: 'too_many_attributes',
        what: `more than ${LIMITS.attributesMax} attributes`,
      };
    }
  }

  /** The only recursion of this reader; `depth` bounds it. */
  #value(slice: Slice, depth: number, problems: Problems): AttributeValue {
    if (depth > LIMITS.attributeDepthMax) {
      problems.problem ??= {
        reason: 'too_deep',
        what: `an attribute is nested deeper than ${LIMITS.attributeDepthMax}`,
      };
      return null;
    }
    let value: AttributeValue = null;
    this.each(slice, (tag, reader) => {
      if (tag === bytes(1)) value = reader.string();
      else if (tag === at(2, WIRE.varint)) value = reader.bool();
      else if (tag === at(3, WIRE.varint)) value = reader.int64();
      else if (tag === at(4, WIRE.fixed64))
        value = doubleOf(reader.double(), problems.keepsDoubles);
      else if (tag === bytes(5)) value = this.#array(reader.slice(), depth, problems);
      else if (tag === bytes(6)) value = this.#kvlist(reader.slice(), depth, problems);
      else if (tag === bytes(7)) value = bytesFromBase64(reader.base64());
      else return false;
      return true;
    });
    return value;
  }

  #array(slice: Slice, depth: number, problems: Problems): AttributeValue {
    const values: AttributeValue[] = [];
    this.each(slice, (tag, reader) => {
      if (tag !== bytes(1)) return false;
      values.push(this.#value(reader.slice(), depth + 1, problems));
      return true;
    });
    return values;
  }

  #kvlist(slice: Slice, depth: number, problems: Problems): AttributeValue {
    const record = emptyRecord();
    this.each(slice, (tag, reader) => {
      if (tag !== bytes(1)) return false;
      let key = '';
      let value: AttributeValue = null;
      this.each(reader.slice(), (inner, pair) => {
        if (inner === bytes(1)) key = pair.string();
        else if (inner === bytes(2)) value = this.#value(pair.slice(), depth + 1, problems);
        else return false;
        return true;
      });
      record[key] = value;
      return true;
    });
    return record;
  }

  /** Calls `take` with the tag of each field; what it does not take is passed over. */
  protected each(slice: Slice, take: (tag: number, reader: ProtobufReader) => boolean): void {
    const reader = new ProtobufReader(this.#body, slice);
    while (reader.hasMore) {
      const tag = reader.tag();
      if (!take(tag, reader)) reader.skip(tag & 7);
    }
  }
}
