import type { DeclaredDocument, DocumentNote } from '@throughline/model/policy';
import { Fault } from '../../errors.js';

/** What a reader made of one document, and what it could not make anything of, each with its line. */
export class DocumentNotes {
  readonly path: string;
  readonly #kind: DeclaredDocument['kind'];
  readonly #workflows: string[] = [];
  readonly #understood: DocumentNote[] = [];
  readonly #notUnderstood: DocumentNote[] = [];

  constructor(path: string, kind: DeclaredDocument['kind']) {
    this.path = path;
    this.#kind = kind;
  }

  workflow(name: string): void {
    this.#workflows.push(name);
  }

  /** @param line counted from 1; null where the document as a whole says it. */
  understood(line: number | null, text: string): void {
    add(this.#understood, { line, text });
  }

  notUnderstood(line: number | null, text: string): void {
    add(this.#notUnderstood, { line, text });
  }

  /** The fault that refuses the document. */
  fault(line: number | null, what: string): Fault {
    return new Fault('BAD_CONFIG', `${this.path}${line === null ? '' : `:${line}`}: ${what}`);
  }

  toDocument(): DeclaredDocument {
    return {
      path: this.path,
      kind: this.#kind,
      workflows: this.#workflows,
      understood: byLine(this.#understood),
      notUnderstood: byLine(this.#notUnderstood),
    };
  }
}

/** The same said twice is one. */
function add(notes: DocumentNote[], { line, text }: DocumentNote): void {
  if (!notes.some((note) => note.line === line && note.text === text)) notes.push({ line, text });
}

function byLine(notes: readonly DocumentNote[]): readonly DocumentNote[] {
  return [...notes].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}
