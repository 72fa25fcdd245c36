/** Longer lists of attributes are too rare, and too long, to be told apart by their names. */
const LENGTH_MAX = 64;
/** Beyond so many all are forgotten, and learned anew: nobody can fill the memory with names. */
const SEQUENCES_MAX = 8_192;
/** Longer values are seldom the same twice. */
const USUAL_CHARS_MAX = 96;
/** After so many values in a row that nobody had seen before, a value is not expected to be known. */
const NEWS_MAX = 32;

let root: NameSequence | null = null;
let count = 0;

/**
 * The names of attributes in the order in which a span has them. Spans of one kind have the same ones, so that they
 * are read, looked up and kept once: one sequence, and a list of values per span. The sequences form a tree: what
 * followed a name the last time mostly follows it again.
 *
 *     `messaging.system` ─▶ `messaging.operation.type` ─▶ `messaging.destination.name` …
 */
export class NameSequence {
  readonly length: number;
  /** The last name, and its bytes. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What followed the last time. */
  next: NameSequence | null = null;
  /** The text that stood at the last name most lately; empty when it was none. */
  usual = '';
  readonly #before: NameSequence | null;
  #others: Map<string, NameSequence> | null = null;
  #names: readonly string[] | null = null;
  #places: ReadonlyMap<string, number> | null = null;
  #news = 0;

  private constructor(name: string, before: NameSequence | null) {
    this.name = name;
    this.#before = before;
    this.length = before === null ? 0 : before.length + 1;
    this.bytes = Buffer.from(name);
  }

  /** The sequence of no names. */
  static get empty(): NameSequence {
    if (count > SEQUENCES_MAX) [root, count] = [null, 0];
    return (root ??= new NameSequence('', null));
  }

  /** This sequence and one more name; the name alone when the sequence has it already, or is too long. */
  with(name: string): NameSequence | string {
    let longer = this.#others?.get(name);
    if (longer === undefined) {
      if (this.length >= LENGTH_MAX || this.names.includes(name)) return name;
      longer = new NameSequence(name, this);
      count += 1;
      this.#others ??= new Map();
      this.#others.set(name, longer);
    }
    this.next = longer;
    return longer;
  }

  /** First to last. */
  get names(): readonly string[] {
    if (this.#names === null) {
      this.#names = this.#before === null ? [] : [...this.#before.names, this.name];
    }
    return this.#names;
  }

  /** Where a name stands; undefined when it is none of them. */
  placeOf(name: string): number | undefined {
    this.#places ??= new Map(this.names.map((each, place) => [each, place]));
    return this.#places.get(name);
  }

  /** Whether the values of the last name are ids and the like, each seen once. */
  get isVaried(): boolean {
    return this.#news > NEWS_MAX;
  }

  /** The text itself, as it is kept already where it is the usual one. */
  kept(text: string): string {
    if (text === this.usual) return this.usual;
    if (text.length <= USUAL_CHARS_MAX) this.usual = text;
    return text;
  }

  /** The value of the last name, and whether nobody had seen it before. */
  note(text: string, isNews: boolean): void {
    if (text.length <= USUAL_CHARS_MAX) this.usual = text;
    if (!isNews) this.#news = 0;
    else if (this.#news <= NEWS_MAX) this.#news += 1;
  }
}
