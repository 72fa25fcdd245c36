import type { Entry, TraceState } from './trace-state.js';

/**
 * Which steps of one run hang together by proof: by what led to what, by one message, or, where only the trace says
 * where a step belongs, by the trace.
 */
export class CausalGroups {
  readonly #entries: readonly Entry[];
  readonly #indexOf = new Map<Entry, number>();
  /** Union-find over indexes; the root is the first of its group. */
  readonly #upward: Int32Array;

  /** @param entries by start: the first of a group is the one that stands first here. */
  constructor(entries: readonly Entry[], causesOf: (entry: Entry) => Iterable<Entry>) {
    this.#entries = entries;
    this.#upward = Int32Array.from(entries, (entry, at) => {
      this.#indexOf.set(entry, at);
      return at;
    });
    for (const entry of entries) for (const cause of causesOf(entry)) this.#unite(entry, cause);
    this.#uniteByMessage();
    this.#uniteByTrace();
  }

  firstOf(entry: Entry): Entry {
    return this.#entries[this.#root(this.#indexOf.get(entry) ?? 0)] ?? entry;
  }

  #uniteByMessage(): void {
    const first = new Map<string, Entry>();
    for (const entry of this.#entries) {
      const { message } = entry.step;
      for (const id of [message?.messageId, message?.causationId]) {
        if (!id) continue;
        const known = first.get(id);
        if (known) this.#unite(entry, known);
        else first.set(id, entry);
      }
    }
  }

  #uniteByTrace(): void {
    const whole = new Set<TraceState>();
    for (const { via, trace } of this.#entries) if (via.by === 'trace') whole.add(trace);
    const first = new Map<TraceState, Entry>();
    for (const entry of this.#entries) {
      if (!whole.has(entry.trace)) continue;
      const known = first.get(entry.trace);
      if (known) this.#unite(entry, known);
      else first.set(entry.trace, entry);
    }
  }

  #unite(a: Entry, b: Entry): void {
    const [one, other] = [this.#indexOf.get(a), this.#indexOf.get(b)];
    if (one === undefined || other === undefined) return;
    const [x, y] = [this.#root(one), this.#root(other)];
    this.#upward[Math.max(x, y)] = Math.min(x, y);
  }

  #root(index: number): number {
    const up = this.#upward;
    let at = index;
    for (let next = up[at] ?? at; next !== at; next = up[at] ?? at) {
      up[at] = up[next] ?? next;
      at = up[at] ?? at;
    }
    return at;
  }
}
