import { randomUUID } from 'node:crypto';
import type { HoldView } from '@throughline/model/api/holds';
import type { RunId } from '@throughline/model/ids';
import { formatInstant, type UnixNs } from '@throughline/model/time';
import type { Clock } from './clock.js';
import type { EngineRoom } from './engine-room.js';
import { Fault } from './errors.js';
import { LIMITS } from './limits.js';
import type { HoldDesk, WantedHold } from './query/sources.js';
import type { FactStore } from './store/fact-store.js';
import type { KeyTerm } from './store/read-store.js';

/** As it is saved: the store reads `bodies` by itself and deletes none of them. */
interface Hold {
  readonly id: string;
  /** All runs with the key, of now and of later; else one run. */
  readonly key: KeyTerm | null;
  readonly runId: string | null;
  readonly note: string | null;
  readonly createdAtNs: UnixNs;
  readonly bodies: readonly number[];
}

export interface HoldKeeperDeps {
  readonly store: FactStore;
  readonly clock: Clock;
  readonly engines: EngineRoom;
}

/**
 * Holds: runs whose facts retention must not take, for an audit or for a dispute, until somebody lifts the hold.
 * Stored requests are kept or dropped as a whole, so a hold keeps every request in which a span of its runs came.
 */
export class HoldKeeper implements HoldDesk {
  readonly #deps: HoldKeeperDeps;

  constructor(deps: HoldKeeperDeps) {
    this.#deps = deps;
  }

  holds(): readonly HoldView[] {
    return this.#all().map((hold) => this.#viewOf(hold));
  }

  /** Durable when the promise settles. @throws Fault NOT_FOUND for a run that nobody knows, BAD_PARAMETER. */
  async hold({ key, runId, note }: WantedHold): Promise<HoldView> {
    const { clock, store, engines } = this.#deps;
    if (this.#all().length >= LIMITS.holdsMax) {
      throw new Fault('BAD_PARAMETER', `There are ${LIMITS.holdsMax} holds already`);
    }
    const named = runId === null ? null : engines.current.tables.runs.get(runId);
    if (named === undefined) throw new Fault('NOT_FOUND', `There is no run ${runId ?? ''}`);
    const id = `h_${randomUUID()}`;
    const runs = { key, runId: named?.id ?? null };
    const bodies = this.#bodiesOf({ ...runs, bodies: [] });
    const hold: Hold = { id, ...runs, note, createdAtNs: clock.now(), bodies };
    await store.putRecord('hold', id, hold);
    return this.#viewOf(hold);
  }

  /** @returns whether there was one with this id. */
  async lift(id: string): Promise<boolean> {
    const { store } = this.#deps;
    if (!store.records('hold').has(id)) return false;
    await store.deleteRecord('hold', id);
    return true;
  }

  /**
   * One round of retention: holds take up what has come for their runs since, then `drop` deletes, then the runs lose
   * what the store has lost.
   */
  async retain(drop: () => Promise<number>): Promise<void> {
    const { store, engines } = this.#deps;
    if (store.records('hold').size > 0) engines.current.pipeline.settle(LIMITS.readSettleMs);
    for (const hold of this.#all()) {
      const bodies = this.#bodiesOf(hold);
      if (bodies.length === hold.bodies.length) continue;
      await store.putRecord('hold', hold.id, { ...hold, bodies });
    }
    await drop();
    engines.forgetDropped(new Set(this.#all().flatMap(({ bodies }) => bodies)));
  }

  #all(): readonly Hold[] {
    return [...this.#deps.store.records('hold').values()] as Hold[];
  }

  /** What it held before stays held: memory may not know those spans any more. */
  #bodiesOf(hold: Pick<Hold, 'key' | 'runId' | 'bodies'>): readonly number[] {
    const engine = this.#deps.engines.current;
    const ids = new Set(hold.bodies);
    for (const run of this.#runsOf(hold)) for (const id of engine.bodyIds(run)) ids.add(id);
    return [...ids].sort((a, b) => a - b);
  }

  #runsOf({ key, runId }: Pick<Hold, 'key' | 'runId'>): readonly RunId[] {
    const { runs } = this.#deps.engines.current.tables;
    if (key !== null) return runs.byKey(key).map(({ id }) => id);
    const run = runId === null ? undefined : runs.get(runId);
    return run === undefined ? [] : [run.id];
  }

  #viewOf(hold: Hold): HoldView {
    const { id, key, runId, note, createdAtNs, bodies } = hold;
    return {
      id,
      key: key === null ? null : `${key.type === null ? '' : `${key.type}:`}${key.value}`,
      run: runId,
      note,
      createdAt: formatInstant(createdAtNs),
      runs: [...this.#runsOf(hold)],
      requests: bodies.length,
    };
  }
}
