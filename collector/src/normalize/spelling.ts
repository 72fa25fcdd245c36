let count = 0;

/** The names under which one thing is found, the one that counts first. Made once, when the program starts. */
export class Spelling {
  readonly names: readonly string[];
  /** Counted from 0: what is known per spelling stands in lists. */
  readonly number: number;

  constructor(names: readonly string[]) {
    this.names = names;
    this.number = count;
    count += 1;
  }
}

export function spelling(...names: readonly string[]): Spelling {
  return new Spelling(names);
}
