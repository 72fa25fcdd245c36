/** Who reacted to an opening: services, or message types. */
export interface Reactions {
  readonly size: number;
  has(reactor: string): boolean;
  /** Milliseconds until the reaction could be seen; undefined: there was none. */
  get(reactor: string): number | undefined;
  /** A single span shows the reaction: if it is lost, nothing else tells of it. */
  isFaint(reactor: string): boolean;
  keys(): Iterable<string>;
}

/** Nearly every opening has one reaction or none, and there are as many openings as messages: no map for those. */
class OneReaction implements Reactions {
  readonly #reactor: string;
  readonly #ms: number;
  readonly #isFaint: boolean;

  constructor(reactor: string, ms: number, isFaint: boolean) {
    this.#reactor = reactor;
    this.#ms = ms;
    this.#isFaint = isFaint;
  }

  get size(): number {
    return 1;
  }

  has(reactor: string): boolean {
    return reactor === this.#reactor;
  }

  get(reactor: string): number | undefined {
    return reactor === this.#reactor ? this.#ms : undefined;
  }

  isFaint(reactor: string): boolean {
    return reactor === this.#reactor && this.#isFaint;
  }

  keys(): Iterable<string> {
    return [this.#reactor];
  }
}

class ManyReactions implements Reactions {
  readonly #all: ReadonlyMap<string, OneReaction>;

  constructor(all: ReadonlyMap<string, OneReaction>) {
    this.#all = all;
  }

  get size(): number {
    return this.#all.size;
  }

  has(reactor: string): boolean {
    return this.#all.has(reactor);
  }

  get(reactor: string): number | undefined {
    return this.#all.get(reactor)?.get(reactor);
  }

  isFaint(reactor: string): boolean {
    return this.#all.get(reactor)?.isFaint(reactor) === true;
  }

  keys(): Iterable<string> {
    return this.#all.keys();
  }
}

const NO_REACTIONS: Reactions = new ManyReactions(new Map());

/** Reactions as they are found; of one that shows several times the first counts. */
export class Seen {
  #only: OneReaction | null = null;
  #all: Map<string, OneReaction> | null = null;

  get reactions(): Reactions {
    return this.#all === null ? (this.#only ?? NO_REACTIONS) : new ManyReactions(this.#all);
  }

  note(reactor: string, ms: number, isFaint: boolean): void {
    const known = (this.#all?.get(reactor) ?? this.#only)?.get(reactor);
    const reaction =
      known === undefined
        ? new OneReaction(reactor, ms, isFaint)
        : new OneReaction(reactor, Math.min(ms, known), false);
    if (this.#all !== null) this.#all.set(reactor, reaction);
    else if (this.#only === null || known !== undefined) this.#only = reaction;
    else {
      const [first = reactor] = this.#only.keys();
      this.#all = new Map([
        [first, this.#only],
        [reactor, reaction],
      ]);
    }
  }
}
