import type { AlertCause, AlertMatch } from '@throughline/model/alert';
import type { UnixNs } from '@throughline/model/time';
import { matches } from './alert-match.js';

/** For a while nobody is told of the findings it matches. */
export interface Silence {
  readonly id: string;
  readonly match: AlertMatch;
  readonly createdAtNs: UnixNs;
  readonly endsAtNs: UnixNs;
  readonly note: string | null;
}

/** The silences that are kept. Pure but for what it remembers. */
export class SilenceBook {
  readonly #silences = new Map<string, Silence>();

  constructor(saved: ReadonlyMap<string, unknown>) {
    for (const record of saved.values()) {
      const silence = silenceOf(record);
      if (silence !== undefined) this.#silences.set(silence.id, silence);
    }
  }

  put(silence: Silence): void {
    this.#silences.set(silence.id, silence);
  }

  /** @returns whether there was one with this id. */
  remove(id: string): boolean {
    return this.#silences.delete(id);
  }

  /** Those that are over, oldest first; `remove` forgets them. */
  overBy(now: UnixNs): readonly Silence[] {
    return this.all().filter(({ endsAtNs }) => endsAtNs <= now);
  }

  /** The one that ends first comes first. */
  all(): readonly Silence[] {
    return [...this.#silences.values()].sort((a, b) => (a.endsAtNs < b.endsAtNs ? -1 : 1));
  }

  silences(finding: AlertCause, now: UnixNs): boolean {
    return this.all().some(({ match, endsAtNs }) => endsAtNs > now && matches(match, finding));
  }
}

export function silenceRecord({ createdAtNs, endsAtNs, ...silence }: Silence): unknown {
  return { ...silence, createdAtNs: String(createdAtNs), endsAtNs: String(endsAtNs) };
}

function silenceOf(record: unknown): Silence | undefined {
  if (typeof record !== 'object' || record === null || !('endsAtNs' in record)) return undefined;
  const saved = record as Omit<Silence, 'createdAtNs' | 'endsAtNs'> & {
    readonly createdAtNs: string;
    readonly endsAtNs: string;
  };
  return {
    ...saved,
    createdAtNs: BigInt(saved.createdAtNs) as UnixNs,
    endsAtNs: BigInt(saved.endsAtNs) as UnixNs,
  };
}
