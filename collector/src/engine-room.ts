import type { RebuildView } from '@throughline/model/api/config';
import type { BrokerReading } from '@throughline/model/broker';
import type { RunId } from '@throughline/model/ids';
import type { Policy } from '@throughline/model/policy';
import { formatInstant, msFromNs, type UnixNs } from '@throughline/model/time';
import type { Clock } from './clock.js';
import { Engine, fingerprintOf, type EngineDeps } from './engine.js';
import { Fault } from './errors.js';
import { LIMITS } from './limits.js';
import type { Accepted, Arriving, Change } from './line-words.js';
import type { FactStore } from './store/fact-store.js';
import type { Archives } from './store/run-archive.js';
import type { Tally } from './tally.js';

export interface EngineRoomDeps {
  readonly store: FactStore;
  readonly archives: Archives;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly onChange: (change: Change) => void;
  readonly onSwept: () => void;
  /** What the brokers said last. */
  readonly brokers: () => readonly BrokerReading[];
  readonly onTrouble: (text: string) => void;
  /** Told how a rebuild goes, in a sentence. */
  readonly onProgress: (text: string) => void;
}

/** A rebuild works so long at a stretch, and leaves so many times as long to everybody else. */
const SLICE_MS = 10;
const REST_FACTOR = 2;
/** What is left for the moment in which senders wait: so few bodies, or what is left after so many rounds. */
const LAST_BODIES = 64;
const ROUNDS_MAX = 10;
const TELL_PERCENT = 10;

interface Rebuild {
  readonly startedAtNs: UnixNs;
  readonly bodiesTotal: number;
  bodiesRead: number;
  endedAtNs: UnixNs | null;
  error: string | null;
}

/**
 * The engine that is in use, and now and then a second one that takes its place: with another policy, the facts
 * are stitched and judged anew in the background, while the first goes on taking and showing spans. The second is
 * put in place when it has everything that the first has, which is a moment that senders wait for and readers do not
 * see. What it shows then is what a start with the same policy would show.
 */
export class EngineRoom {
  readonly #deps: EngineRoomDeps;
  #current: Engine;
  #next: Engine | null = null;
  #rebuild: Rebuild | null = null;
  #running: Promise<void> = Promise.resolve();
  #inFlight = 0;
  #onIdle: () => void = () => undefined;
  /** Set while senders wait. */
  #gate: Promise<void> | null = null;
  #isClosed = false;

  constructor(deps: EngineRoomDeps) {
    this.#deps = deps;
    const { archives, policy } = deps;
    const kept = archives.reopen(fingerprintOf(policy));
    const archive = kept ?? archives.begin(fingerprintOf(policy));
    const readsBack = kept ? 'what-the-archive-lacks' : 'the-newest';
    this.#current = this.#engine(policy, null, { archive, readsBack });
  }

  get current(): Engine {
    return this.#current;
  }

  /** The engine in use first, then the one that is being made ready. */
  get all(): readonly [Engine, ...Engine[]] {
    return this.#next === null ? [this.#current] : [this.#current, this.#next];
  }

  /**
   * Reads back what is stored, and is ready. Where the archive of the runs that left memory was lost, or was made under
   * another policy, it is made anew in the background.
   */
  async replay(): Promise<void> {
    const { pipeline, archive, policy } = this.#current;
    await pipeline.replay();
    if (this.#isClosed) return;
    if (pipeline.isWhole) this.#deps.archives.keep(archive);
    else this.rebuild(policy);
  }

  /** As the pipeline in use. */
  async accept(arriving: Arriving): Promise<Accepted> {
    while (this.#gate !== null) await this.#gate;
    this.#inFlight += 1;
    try {
      return await this.#current.pipeline.accept(arriving);
    } finally {
      this.#inFlight -= 1;
      if (this.#inFlight === 0) this.#onIdle();
    }
  }

  /**
   * Begins to stitch and judge everything anew; `state` tells how far it is.
   *
   * @throws Fault OVERLOADED while another rebuild goes on.
   */
  rebuild(policy: Policy): void {
    if (this.#next !== null) {
      throw new Fault('OVERLOADED', 'The stored spans are being stitched anew already.');
    }
    const archive = this.#deps.archives.begin(fingerprintOf(policy));
    const next = this.#engine(policy, this.#current.pipeline.accounts, {
      archive,
      readsBack: 'everything',
    });
    this.#next = next;
    // Each has half of the memory meanwhile.
    for (const engine of this.all) engine.pipeline.hasRoomFor(LIMITS.spansInMemoryMax / 2);
    const { clock, store } = this.#deps;
    const rebuild: Rebuild = {
      startedAtNs: clock.now(),
      bodiesTotal: store.state().bodies,
      bodiesRead: 0,
      endedAtNs: null,
      error: null,
    };
    this.#rebuild = rebuild;
    this.#running = this.#replace(next, rebuild)
      .catch((error: unknown) => {
        rebuild.error = error instanceof Error ? error.message : String(error);
        this.#deps.onProgress(`The stored spans could not be stitched anew: ${rebuild.error}`);
        return next.pipeline.close();
      })
      .finally(() => {
        this.#next = null;
        this.#current.pipeline.hasRoomFor(LIMITS.spansInMemoryMax);
        if (this.#current !== next) this.#deps.archives.discard(archive);
        rebuild.endedAtNs = clock.now();
      });
  }

  /** The brokers said something new: every engine judges by it. */
  brokersRead(): void {
    const readings = this.#deps.brokers();
    for (const { detector } of this.all) detector.brokersRead(readings);
  }

  state(): RebuildView {
    const rebuild = this.#rebuild;
    if (rebuild === null) return NO_REBUILD;
    const { startedAtNs, endedAtNs, bodiesRead, bodiesTotal, error } = rebuild;
    const isDone = endedAtNs !== null && error === null;
    return {
      state: endedAtNs === null ? 'running' : isDone ? 'done' : 'failed',
      startedAt: formatInstant(startedAtNs),
      endedAt: endedAtNs === null ? null : formatInstant(endedAtNs),
      percent: percentOf(rebuild, isDone),
      requestsRead: bodiesRead,
      requestsTotal: Math.max(bodiesTotal, bodiesRead),
      error,
    };
  }

  /** Takes out of the runs what the store no longer has. */
  forgetDropped(held: ReadonlySet<number>): void {
    for (const engine of this.all) engine.pipeline.forgetDropped(held);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#next?.pipeline.close();
    await this.#running;
    await this.#current.pipeline.close();
  }

  #engine(
    policy: Policy,
    tally: Tally | null,
    from: Pick<EngineDeps, 'archive' | 'readsBack'>,
  ): Engine {
    const { store, clock, brokers, onChange, onSwept, onTrouble } = this.#deps;
    const engine: Engine = new Engine({
      store,
      clock,
      policy,
      ...from,
      onTrouble,
      ...(tally === null ? {} : { tally }),
      onChange: (change) => {
        if (this.#current === engine) onChange(change);
      },
      onSwept: () => {
        if (this.#current === engine) onSwept();
      },
    });
    engine.detector.brokersRead(brokers());
    return engine;
  }

  async #replace(next: Engine, rebuild: Rebuild): Promise<void> {
    const pace = this.#pace();
    const told = { percent: 0 };
    const behindEach = (): Promise<void> | null => {
      rebuild.bodiesRead += 1;
      const percent = percentOf(rebuild, false);
      if (percent >= told.percent + TELL_PERCENT) {
        told.percent = percent;
        this.#deps.onProgress(`${percent} % of the stored requests are stitched anew`);
      }
      return pace();
    };
    let readBefore = Infinity;
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const before = rebuild.bodiesRead;
      // Each round reads what there was when it began: with senders that never pause it would not end otherwise.
      await next.pipeline.catchUp(behindEach, this.#current.pipeline.memory.newestBodyId);
      await next.pipeline.prepare(() => pace() ?? this.#pause(1));
      if (this.#isClosed) return;
      const read = rebuild.bodiesRead - before;
      // More comes than is caught up with: from here on it only gets more, so the senders wait now.
      if (round > 0 && (read <= LAST_BODIES || read >= readBefore)) break;
      readBefore = read;
    }
    await this.#swap(next, rebuild);
  }

  async #swap(next: Engine, rebuild: Rebuild): Promise<void> {
    let open: () => void = () => undefined;
    this.#gate = new Promise((resolve) => (open = resolve));
    try {
      if (this.#inFlight > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
      await next.pipeline.catchUp(() => {
        rebuild.bodiesRead += 1;
        return null;
      });
      if (this.#isClosed) return;
      const previous = this.#current;
      this.#current = next;
      next.pipeline.start();
      await previous.pipeline.close();
      this.#deps.archives.keep(next.archive);
      carryDecisions(previous, next);
      await this.#forgetFindings(next);
      this.#tellAll(previous, next);
    } finally {
      this.#gate = null;
      this.#onIdle = () => undefined;
      open();
    }
    const seconds = msFromNs(this.#deps.clock.now() - rebuild.startedAtNs) / 1000;
    this.#deps.onProgress(
      `${rebuild.bodiesRead} stored requests were stitched anew in ${seconds.toFixed(1)} s`,
    );
  }

  /** Findings that the engine before opened meanwhile and this one does not have. */
  async #forgetFindings(next: Engine): Promise<void> {
    const known = new Set<string>(next.detector.findings().map(({ id }) => id));
    for (const id of [...this.#deps.store.records('finding').keys()]) {
      if (known.has(id)) continue;
      await this.#deps.store.deleteRecord('finding', id).catch(() => undefined);
    }
  }

  #tellAll(previous: Engine, next: Engine): void {
    const runs = [...next.stitcher.ids()];
    const kept = new Set<RunId>(runs);
    const gone = [...previous.stitcher.ids()].filter((id) => !kept.has(id));
    this.#deps.onChange({ runs, gone, findings: true, stats: true });
  }

  /** @returns a function that says, behind each piece of work, whether and how long to rest. */
  #pace(): () => Promise<void> | null {
    let sinceMs = performance.now();
    return () => {
      const workedMs = performance.now() - sinceMs;
      if (workedMs < SLICE_MS) return null;
      return this.#pause(workedMs * REST_FACTOR).then(() => {
        sinceMs = performance.now();
      });
    };
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#deps.clock.after(ms, resolve));
  }
}

/** What people decided while the next engine was being made ready, about findings that it had not opened yet. */
function carryDecisions(previous: Engine, next: Engine): void {
  for (const {
    id,
    state,
    note,
    snoozedUntilNs,
    snoozedUntilRuns,
  } of previous.detector.findings()) {
    const said = { by: null, note };
    if (state === 'acknowledged') next.detector.acknowledge(id, said);
    if (snoozedUntilNs === null && snoozedUntilRuns === null) continue;
    next.detector.snooze(id, { ...said, untilNs: snoozedUntilNs, untilRuns: snoozedUntilRuns });
  }
}

const NO_REBUILD: RebuildView = {
  state: 'none',
  startedAt: null,
  endedAt: null,
  percent: 0,
  requestsRead: 0,
  requestsTotal: 0,
  error: null,
};

function percentOf({ bodiesRead, bodiesTotal }: Rebuild, isDone: boolean): number {
  if (isDone) return 100;
  return Math.min(99, Math.floor((100 * bodiesRead) / Math.max(1, bodiesTotal)));
}
