import type { CoarseKey } from '@throughline/model/coarse-key';
import type { RunId } from '@throughline/model/ids';
import type { UnixNs } from '@throughline/model/time';
import type { Affected } from './affected.js';
import { Crowd } from './crowd.js';
import { keyName, type KeyFound } from './rules/coarse-key.js';

/** Demoted key values and the runs that have them. */
export class KeyLedger {
  readonly #crowds = new Map<string, Crowd<Affected>>();
  readonly #ofRun = new Map<
    RunId,
    { readonly names: ReadonlySet<string>; readonly since: Affected }
  >();
  #demoted: ReadonlyMap<string, CoarseKey> = new Map();

  /** Replaces what the run gave before. @returns names of the key values that it touched, then or now. */
  put(runId: RunId, names: ReadonlySet<string>, sinceNs: UnixNs): ReadonlySet<string> {
    const before = this.#ofRun.get(runId);
    if (before === undefined && names.size === 0) return NO_NAMES;
    for (const name of before?.names ?? []) {
      const crowd = this.#crowds.get(name);
      if (before !== undefined) crowd?.delete(before.since);
      if (crowd?.size === 0) this.#crowds.delete(name);
    }
    const since: Affected = { runId, sinceNs };
    for (const name of names) {
      const crowd = this.#crowds.get(name) ?? new Crowd<Affected>({});
      crowd.add(since);
      this.#crowds.set(name, crowd);
    }
    if (names.size === 0) this.#ofRun.delete(runId);
    else this.#ofRun.set(runId, { names, since });
    return new Set([...(before?.names ?? []), ...names]);
  }

  /** Names of the demoted key values that the run has. */
  ofRun(runId: RunId): Iterable<string> {
    return this.#ofRun.get(runId)?.names ?? NO_NAMES;
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
    return key === undefined ? null : { key, affected: this.#crowds.get(name) ?? null };
  }
}

const NO_NAMES: ReadonlySet<string> = new Set();
