import type { RunId } from '@throughline/model/ids';

const NONE: ReadonlySet<RunId> = new Set();

/** Which runs have a value. Most values of keys and traces belong to one run: those cost no set. */
export class ValueIndex {
  readonly #runs = new Map<string, RunId | Set<RunId>>();

  add(value: string, id: RunId): void {
    const runs = this.#runs.get(value);
    if (runs === undefined) this.#runs.set(value, id);
    else if (typeof runs !== 'string') runs.add(id);
    else if (runs !== id) this.#runs.set(value, new Set([runs, id]));
  }

  delete(value: string, id: RunId): void {
    const runs = this.#runs.get(value);
    if (runs === id) this.#runs.delete(value);
    else if (runs instanceof Set && runs.delete(id) && runs.size === 0) this.#runs.delete(value);
  }

  ids(value: string): ReadonlySet<RunId> {
    const runs = this.#runs.get(value);
    if (runs === undefined) return NONE;
    return typeof runs === 'string' ? new Set([runs]) : runs;
  }

  count(value: string): number {
    const runs = this.#runs.get(value);
    if (runs === undefined) return 0;
    return typeof runs === 'string' ? 1 : runs.size;
  }

  counts(): Map<string, number> {
    return new Map([...this.#runs.keys()].map((value) => [value, this.count(value)]));
  }
}
