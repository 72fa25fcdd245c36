import type { CoarseKey } from '@throughline/model/coarse-key';
import type { RunId } from '@throughline/model/ids';
import type { UnixNs } from '@throughline/model/time';
import type { Affected } from './rules/affected.js';
import { keyName, type KeyFound } from './rules/coarse-key.js';

/** Demoted key values and the runs that have them. */
export class KeyLedger {
  readonly #runs = new Map<string, Map<RunId, Affected>>();
  readonly #namesOfRun = new Map<RunId, ReadonlySet<string>>();
  #demoted: ReadonlyMap<string, CoarseKey> = new Map();

  /** Replaces what the run gave before. @returns names of the key values that it touched, then or now. */
  put(runId: RunId, names: ReadonlySet<string>, sinceNs: UnixNs): ReadonlySet<string> {
    const before = this.#namesOfRun.get(runId) ?? new Set();
    for (const name of before) {
      const runs = this.#runs.get(name);
      runs?.delete(runId);
      if (runs?.size === 0) this.#runs.delete(name);
    }
    for (const name of names) {
      const runs = this.#runs.get(name) ?? new Map<RunId, Affected>();
      runs.set(runId, { runId, sinceNs });
      this.#runs.set(name, runs);
    }
    if (names.size === 0) this.#namesOfRun.delete(runId);
    else this.#namesOfRun.set(runId, names);
    return new Set([...before, ...names]);
  }

  /** @returns names of the key values about which something new is said. */
  demote(keys: readonly CoarseKey[]): ReadonlySet<string> {
    const demoted = new Map(keys.map((key) => [keyName(key.type, key.value), key]));
    const touched = new Set<string>();
    for (const [name, key] of demoted) {
      const known = this.#demoted.get(name);
      if (known === undefined || known.partnerCount !== key.partnerCount) touched.add(name);
    }
    for (const name of this.#demoted.keys()) if (!demoted.has(name)) touched.add(name);
    this.#demoted = demoted;
    return touched;
  }

  get(name: string): KeyFound | null {
    const key = this.#demoted.get(name);
    return key === undefined
      ? null
      : { key, affected: [...(this.#runs.get(name)?.values() ?? [])] };
  }
}
