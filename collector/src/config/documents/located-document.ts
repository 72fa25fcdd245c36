import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import type { DocumentNotes } from './document-notes.js';

/** Keys and indexes from the top. */
export type Place = readonly (string | number)[];

/** A YAML or JSON document that knows the line of each of its values. */
export class LocatedDocument {
  readonly root: unknown;
  readonly #document: Document.Parsed;
  readonly #lines = new LineCounter();

  /** @throws Fault BAD_CONFIG with its line when the text is neither YAML nor JSON. */
  constructor(text: string, notes: DocumentNotes) {
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    const [error] = this.#document.errors;
    if (error) throw notes.fault(this.#lines.linePos(error.pos[0]).line, error.message);
    this.root = this.#document.toJS({ maxAliasCount: 100 });
  }

  /** The line of the key or element at the place, or of the nearest thing around it. */
  lineOf(place: Place): number {
    for (let length = place.length; length > 0; length--) {
      const offset = this.#offset(place.slice(0, length));
      if (offset !== undefined) return this.#lines.linePos(offset).line;
    }
    return 1;
  }

  #offset(place: Place): number | undefined {
    const parent =
      place.length === 1 ? this.#document.contents : this.#document.getIn(place.slice(0, -1), true);
    const last = place.at(-1);
    if (isMap(parent)) {
      const key = parent.items.find((each) => isScalar(each.key) && each.key.value === last)?.key;
      return isScalar(key) ? key.range?.[0] : undefined;
    }
    if (!isSeq(parent) || typeof last !== 'number') return undefined;
    return (parent.items[last] as { range?: readonly number[] } | undefined)?.range?.[0];
  }
}
