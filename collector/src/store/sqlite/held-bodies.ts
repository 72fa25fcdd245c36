import { recordValue } from './record-text.js';
import type { RecordRow } from './thread-messages.js';

/** The bodies that holds keep, from the records of the table `hold`. */
export class HeldBodies {
  readonly #byHold = new Map<string, readonly number[]>();
  #ids: ReadonlySet<number> = new Set();

  constructor(records: readonly RecordRow[]) {
    for (const { book, key, text } of records) {
      if (book === 'hold') this.#byHold.set(key, bodiesOf(text));
    }
    this.#gather();
  }

  has(id: number): boolean {
    return this.#ids.has(id);
  }

  /** @param text the hold's record; null when it was lifted. */
  put(key: string, text: string | null): void {
    if (text === null) this.#byHold.delete(key);
    else this.#byHold.set(key, bodiesOf(text));
    this.#gather();
  }

  #gather(): void {
    this.#ids = new Set([...this.#byHold.values()].flat());
  }
}

function bodiesOf(text: string): readonly number[] {
  const value = recordValue(text);
  const bodies = typeof value === 'object' && value !== null && 'bodies' in value && value.bodies;
  if (!Array.isArray(bodies)) return [];
  return (bodies as readonly unknown[]).filter((id): id is number => typeof id === 'number');
}
