/** One value out of a JSON file: an element of a list, or a whole document. */
export interface JsonPiece {
  readonly bytes: Uint8Array;
  /** Line of the file in which it begins, from 1. */
  readonly line: number;
  /** Its number in the list that it stands in, from 0; null for a document of its own. */
  readonly index: number | null;
}

export interface SplitOptions {
  /** The member of a document whose elements are the pieces; null: documents are pieces themselves. */
  readonly unwrap: string | null;
  /** Every line is a document of its own, so that a broken one costs no other. */
  readonly isLines: boolean;
  /** A piece beyond is told and skipped. */
  readonly pieceBytesMax: number;
  /** Told of what is no piece: the line and what is wrong there. */
  readonly onProblem: (line: number, what: string) => void;
}

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
/** Between documents: white space, a comma, the record separator of RFC 7464, and the bytes of a byte order mark. */
const BETWEEN = new Set([0x20, 0x09, 0x0a, 0x0d, COMMA, 0x1e, 0xef, 0xbb, 0xbf]);
const SPACE = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** Where the splitter is. `scalar`: in an element that is no object. `lost`: behind what is no JSON, until the next line. */
type Place = 'between' | 'wrapper' | 'list' | 'value' | 'scalar' | 'lost';

/**
 * Cuts JSON that arrives in chunks into pieces, holding no more than one piece: it follows brackets and strings
 * and leaves everything else to whoever parses the piece. Lists of lists are taken as one list.
 */
export class JsonSplitter {
  readonly #options: SplitOptions;
  #place: Place = 'between';
  #line = 1;
  /** Lists that are open around the pieces: what each stands in, and how many elements it had. */
  #lists = 0;
  #index = 0;
  #isInWrapper = false;
  #hasList = false;
  #wrapperLine = 1;
  /** Brackets open within the value, or within the wrapper's other members. */
  #depth = 0;
  #isString = false;
  #isEscaped = false;
  /** A string at the wrapper's own level: a name, until what follows shows that it is none. */
  #name: number[] | null = null;
  #lastName = '';
  #isAfterColon = false;
  #parts: Uint8Array[] = [];
  #partBytes = 0;
  #pieceLine = 1;
  #isTooLarge = false;
  #pieces: JsonPiece[] = [];

  constructor(options: SplitOptions) {
    this.#options = options;
  }

  push(chunk: Uint8Array): readonly JsonPiece[] {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (byte === NEWLINE) {
        if (this.#options.isLines || this.#place === 'lost') this.#endLine();
        this.#line += 1;
      }
      if (this.#place === 'value') {
        if (this.#isValueOver(byte)) this.#take(chunk.subarray(from, at + 1));
      } else if (this.#begins(byte)) {
        from = at;
        this.#isValueOver(byte);
      }
    }
    if (this.#place === 'value') this.#keep(chunk.subarray(from));
    return this.#given();
  }

  /** The file is over. */
  end(): readonly JsonPiece[] {
    this.#endLine();
    return this.#given();
  }

  #given(): readonly JsonPiece[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  /** What stands open at the end of a line of its own, or of the file, was cut off. */
  #endLine(): void {
    if (this.#place !== 'between' && this.#place !== 'lost') {
      this.#options.onProblem(this.#line, 'is no whole JSON: it ends in the middle');
    }
    this.#reset();
  }

  #reset(): void {
    this.#place = 'between';
    this.#lists = 0;
    this.#isInWrapper = false;
    this.#depth = 0;
    this.#isString = false;
    this.#isEscaped = false;
    this.#name = null;
    this.#parts = [];
    this.#partBytes = 0;
  }

  /** A byte outside of any value. @returns whether a value begins with it. */
  #begins(byte: number): boolean {
    switch (this.#place) {
      case 'between':
        return this.#beginsDocument(byte);
      case 'list':
        return this.#beginsElement(byte);
      case 'wrapper':
        this.#followWrapper(byte);
        return false;
      case 'scalar':
        this.#followScalar(byte);
        return false;
      case 'lost':
      case 'value':
        return false;
    }
  }

  #beginsDocument(byte: number): boolean {
    if (BETWEEN.has(byte)) return false;
    this.#index = 0;
    if (byte === OPEN_LIST) {
      this.#place = 'list';
      this.#lists = 1;
      return false;
    }
    if (byte !== OPEN_OBJECT) {
      this.#options.onProblem(this.#line, 'is not JSON');
      this.#place = 'lost';
      return false;
    }
    if (this.#options.unwrap === null) return this.#open();
    this.#place = 'wrapper';
    this.#isInWrapper = true;
    this.#hasList = false;
    this.#wrapperLine = this.#line;
    this.#depth = 0;
    this.#isAfterColon = false;
    return false;
  }

  #beginsElement(byte: number): boolean {
    if (SPACE.has(byte) || byte === COMMA) return false;
    if (byte === OPEN_OBJECT) return this.#open();
    if (byte === OPEN_LIST) this.#lists += 1;
    else if (byte === CLOSE_LIST) this.#endList();
    else {
      this.#options.onProblem(this.#line, `[${this.#index}] is not an object`);
      this.#index += 1;
      this.#place = 'scalar';
      this.#isString = byte === QUOTE;
    }
    return false;
  }

  #endList(): void {
    this.#lists -= 1;
    this.#isAfterColon = false;
    if (this.#lists > 0) this.#place = 'list';
    else this.#place = this.#isInWrapper ? 'wrapper' : 'between';
  }

  #followScalar(byte: number): void {
    if (this.#isString) this.#endsString(byte);
    else if (byte === CLOSE_LIST) this.#endList();
    else if (byte === COMMA) this.#place = 'list';
  }

  #open(): true {
    this.#place = 'value';
    this.#depth = 0;
    this.#isString = false;
    this.#pieceLine = this.#line;
    this.#isTooLarge = false;
    return true;
  }

  /** Follows strings and brackets. @returns whether the value ends with this byte. */
  #isValueOver(byte: number): boolean {
    if (this.#isString) {
      return this.#endsString(byte) && this.#depth === 0;
    }
    if (byte === QUOTE) this.#isString = true;
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.#depth += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) this.#depth -= 1;
    return this.#depth === 0 && !this.#isString;
  }

  #endsString(byte: number): boolean {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) this.#isString = false;
    return !this.#isString;
  }

  /** Looks among the members of a document for the list that is wanted. */
  #followWrapper(byte: number): void {
    if (this.#isString) {
      if (!this.#endsString(byte)) this.#name?.push(byte);
      else if (this.#name !== null) {
        this.#lastName = Buffer.from(this.#name).toString();
        this.#name = null;
      }
      return;
    }
    if (byte === QUOTE) {
      this.#isString = true;
      this.#name = this.#depth === 0 && !this.#isAfterColon ? [] : null;
    } else if (byte === COLON && this.#depth === 0) this.#isAfterColon = true;
    else if (byte === COMMA && this.#depth === 0) this.#isAfterColon = false;
    else if (byte === OPEN_LIST && this.#depth === 0 && this.#lastName === this.#options.unwrap) {
      this.#place = 'list';
      this.#hasList = true;
      this.#lists = 1;
    } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.#depth += 1;
    else if (byte === CLOSE_LIST) this.#depth -= 1;
    else if (byte === CLOSE_OBJECT) {
      this.#depth -= 1;
      if (this.#depth < 0) this.#endWrapper();
    }
  }

  #endWrapper(): void {
    if (!this.#hasList) {
      this.#options.onProblem(this.#wrapperLine, `has no ${this.#options.unwrap ?? 'list'}`);
    }
    this.#reset();
  }

  #keep(part: Uint8Array): void {
    this.#partBytes += part.length;
    if (this.#partBytes > this.#options.pieceBytesMax) {
      this.#isTooLarge = true;
      this.#parts = [];
    } else this.#parts.push(Buffer.from(part));
  }

  #take(last: Uint8Array): void {
    this.#keep(last);
    const index = this.#lists > 0 ? this.#index : null;
    this.#index += 1;
    if (this.#isTooLarge) {
      const mib = Math.floor(this.#options.pieceBytesMax / 1_048_576);
      this.#options.onProblem(this.#pieceLine, `holds one value of more than ${mib} MiB`);
    } else {
      this.#pieces.push({ bytes: Buffer.concat(this.#parts), line: this.#pieceLine, index });
    }
    this.#parts = [];
    this.#partBytes = 0;
    this.#isTooLarge = false;
    this.#place = this.#lists > 0 ? 'list' : 'between';
  }
}
