import { bytesFromBase64 } from '@throughline/model/bytes-value';
import type { AttributeValue } from '@throughline/model/step';
import { LIMITS } from '../limits.js';
import { emptyRecord, type Problems } from './attribute-value.js';
import type { GatheredAttributes } from './gathered-attributes.js';
import type { NameSequence } from './name-sequence.js';
import { ProtobufReader, WIRE, type Slice } from './protobuf-reader.js';
import type { Problem, SpanSurroundings } from './span-draft.js';
import { doubleOf } from './whole-double.js';

/** A tag: the wire type stands in its lower three bits. */
export const at = (field: number, wire: number): number => (field << 3) | wire;
export const bytes = (field: number): number => at(field, WIRE.bytes);

type Scope = Omit<SpanSurroundings, 'resource' | 'problem'>;
const NO_SCOPE: Scope = { scopeName: '', scopeVersion: '', scopeAttributes: new Map() };

const TOO_MANY: Problem = {
  reason: 'too_many_attributes',
  what: `more than ${LIMITS.attributesMax} attributes`,
};

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
  protected readonly reader: ProtobufReader;
  readonly #body: Buffer;
  readonly #names: LevelNames;

  constructor(body: Uint8Array, keepsDoubles: boolean, names: LevelNames) {
    this.#body = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    this.reader = new ProtobufReader(this.#body);
    this.keepsDoubles = keepsDoubles;
    this.#names = names;
  }

  /** Takes the record that the reader has entered, up to its end; `place` says where it stands. */
  protected abstract record(surroundings: SpanSurroundings, place: () => string): void;

  /** @throws Fault BODY_UNREADABLE when the bytes are no such message. */
  protected walk(): void {
    const { reader } = this;
    const resources: Slice[] = [];
    while (reader.hasMore) {
      const tag = reader.tag();
      if (tag === bytes(1)) resources.push(reader.slice());
      else reader.passOver(tag);
    }
    for (const [index, slice] of resources.entries()) {
      this.#ofResource(slice, `${this.#names.ofResource}[${index}]`);
    }
  }

  /** Fields may come in any order: the resource is read before the records that share it. */
  #ofResource(slice: Slice, place: string): void {
    const { reader } = this;
    const resource = new Map<string, AttributeValue>();
    const problems: Problems = { problem: null, keepsDoubles: this.keepsDoubles };
    const scopes: Slice[] = [];
    reader.seek(slice);
    while (reader.hasMore) {
      const tag = reader.tag();
      if (tag === bytes(1)) this.#resource(resource, problems);
      else if (tag === bytes(2)) scopes.push(reader.slice());
      else reader.passOver(tag);
    }
    for (const [index, scope] of scopes.entries()) {
      this.#ofScope(scope, `${place}.${this.#names.ofScope}[${index}]`, { resource, problems });
    }
  }

  #ofScope(
    slice: Slice,
    place: string,
    above: { resource: Map<string, AttributeValue>; problems: Problems },
  ): void {
    const { reader } = this;
    let scope: Scope = NO_SCOPE;
    const records: Slice[] = [];
    reader.seek(slice);
    while (reader.hasMore) {
      const tag = reader.tag();
      if (tag === bytes(1)) scope = this.#scope();
      else if (tag === bytes(2)) records.push(reader.slice());
      else reader.passOver(tag);
    }
    const { resource, problems } = above;
    const surroundings: SpanSurroundings = { resource, ...scope, problem: problems.problem };
    let index = 0;
    const placeOfRecord = (): string => `${place}.${this.#names.records}[${index}]`;
    for (const record of records) {
      reader.seek(record);
      this.record(surroundings, placeOfRecord);
      index += 1;
    }
  }

  #resource(into: Map<string, AttributeValue>, problems: Problems): void {
    const { reader } = this;
    const outer = reader.enter();
    while (reader.hasMore) {
      const tag = reader.tag();
      if (tag === bytes(1)) this.attribute(into, problems);
      else reader.passOver(tag);
    }
    reader.leave(outer);
  }

  /** No span is refused for what is wrong with its scope: nothing but an export reads it. */
  #scope(): Scope {
    const { reader } = this;
    const problems: Problems = { problem: null, keepsDoubles: this.keepsDoubles };
    const attributes = new Map<string, AttributeValue>();
    let scopeName = '';
    let scopeVersion = '';
    const outer = reader.enter();
    while (reader.hasMore) {
      const tag = reader.tag();
      if (tag === bytes(1)) scopeName = reader.string();
      else if (tag === bytes(2)) scopeVersion = reader.string();
      else if (tag === bytes(3)) this.attribute(attributes, problems);
      else reader.passOver(tag);
    }
    reader.leave(outer);
    return { scopeName, scopeVersion, scopeAttributes: attributes };
  }

  /** A key and its value, into the map. */
  protected attribute(into: Map<string, AttributeValue>, problems: Problems): void {
    const { reader } = this;
    let key = '';
    let value: AttributeValue = null;
    const outer = reader.enter();
    while (reader.hasMore) {
      const tag = reader.tag();
      if (tag === bytes(1)) key = reader.string();
      else if (tag === bytes(2)) value = this.#value(1, problems);
      else reader.passOver(tag);
    }
    reader.leave(outer);
    into.set(key, value);
    if (into.size > LIMITS.attributesMax) problems.problem ??= TOO_MANY;
  }

  /** The same for the attributes of spans, most of which have the names of the span before. */
  protected gather(into: GatheredAttributes, problems: Problems): void {
    const { reader } = this;
    let name: NameSequence | string = '';
    let value: AttributeValue = null;
    const outer = reader.enter();
    while (reader.hasMore) {
      const tag = reader.tag();
      if (tag === bytes(1)) name = into.name(reader);
      else if (tag === bytes(2)) value = this.#value(1, problems, name);
      else reader.passOver(tag);
    }
    reader.leave(outer);
    into.add(name, value);
    if (into.size > LIMITS.attributesMax) problems.problem ??= TOO_MANY;
  }

  /** The only recursion of this reader; `depth` bounds it. */
  #value(depth: number, problems: Problems, name: NameSequence | string = ''): AttributeValue {
    const { reader } = this;
    if (depth > LIMITS.attributeDepthMax) {
      problems.problem ??= {
        reason: 'too_deep',
        what: `an attribute is nested deeper than ${LIMITS.attributeDepthMax}`,
      };
      reader.slice();
      return null;
    }
    let value: AttributeValue = null;
    const outer = reader.enter();
    while (reader.hasMore) {
      const tag = reader.tag();
      if (tag === bytes(1)) value = reader.string(typeof name === 'string' ? undefined : name);
      else if (tag === at(2, WIRE.varint)) value = reader.bool();
      else if (tag === at(3, WIRE.varint)) value = reader.int64();
      else if (tag === at(4, WIRE.fixed64))
        value = doubleOf(reader.double(), problems.keepsDoubles);
      else if (tag === bytes(5)) value = this.#array(depth, problems);
      else if (tag === bytes(6)) value = this.#kvlist(depth, problems);
      else if (tag === bytes(7)) value = bytesFromBase64(reader.base64());
      else reader.passOver(tag);
    }
    reader.leave(outer);
    return value;
  }

  #array(depth: number, problems: Problems): AttributeValue {
    const { reader } = this;
    const values: AttributeValue[] = [];
    const outer = reader.enter();
    while (reader.hasMore) {
      const tag = reader.tag();
      if (tag === bytes(1)) values.push(this.#value(depth + 1, problems));
      else reader.passOver(tag);
    }
    reader.leave(outer);
    return values;
  }

  #kvlist(depth: number, problems: Problems): AttributeValue {
    const { reader } = this;
    const record = emptyRecord();
    const outer = reader.enter();
    while (reader.hasMore) {
      const tag = reader.tag();
      if (tag === bytes(1)) this.#field(record, depth, problems);
      else reader.passOver(tag);
    }
    reader.leave(outer);
    return record;
  }

  #field(record: Record<string, AttributeValue>, depth: number, problems: Problems): void {
    const { reader } = this;
    let key = '';
    let value: AttributeValue = null;
    const outer = reader.enter();
    while (reader.hasMore) {
      const tag = reader.tag();
      if (tag === bytes(1)) key = reader.string();
      else if (tag === bytes(2)) value = this.#value(depth + 1, problems);
      else reader.passOver(tag);
    }
    reader.leave(outer);
    record[key] = value;
  }
}
