/** What became of one file. */
export interface ImportAccount {
  readonly file: string;
  /** Null when the file is nothing that can be imported. */
  readonly format: string | null;
  /** Spans that the collector took; those that it had before count as well. */
  readonly spans: number;
  /** Spans that it refused. */
  readonly rejected: number;
  readonly reasons: Readonly<Record<string, number>>;
  /** Places that could not be read at all, so that nobody knows how many spans they hold. */
  readonly unreadable: number;
  /** The first refusals and unreadable places, each with its place in the file. */
  readonly problems: readonly string[];
  /** Problems that are not named. */
  readonly furtherProblems: number;
}

/** Problems of one file that are named; all of them are counted. */
const NAMED_MAX = 20;

/** Counts what becomes of a file while it is imported. */
export class Accounting {
  readonly #file: string;
  readonly #problems: string[] = [];
  readonly #reasons: Record<string, number> = {};
  #format: string | null = null;
  #spans = 0;
  #rejected = 0;
  #unreadable = 0;
  #furtherProblems = 0;

  constructor(file: string) {
    this.#file = file;
  }

  get spans(): number {
    return this.#spans;
  }

  isOf(format: string): void {
    this.#format = format;
  }

  took(spans: number): void {
    this.#spans += spans;
  }

  refused(reason: string, problem: string): void {
    this.#rejected += 1;
    this.#reasons[reason] = (this.#reasons[reason] ?? 0) + 1;
    this.#name(problem);
  }

  unreadable(problem: string): void {
    this.#unreadable += 1;
    this.#name(problem);
  }

  reading(): ImportAccount {
    return {
      file: this.#file,
      format: this.#format,
      spans: this.#spans,
      rejected: this.#rejected,
      reasons: { ...this.#reasons },
      unreadable: this.#unreadable,
      problems: [...this.#problems],
      furtherProblems: this.#furtherProblems,
    };
  }

  #name(problem: string): void {
    if (this.#problems.length < NAMED_MAX) this.#problems.push(problem);
    else this.#furtherProblems += 1;
  }
}
