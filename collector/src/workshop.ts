import type { RunId } from '@throughline/model/ids';
import type { Step } from '@throughline/model/step';
import { Archivist } from './archivist.js';
import { AssemblyLine, type RunWork } from './assembly-line.js';
import type { Clock } from './clock.js';
import type { Detector } from './detect/detector.js';
import { LIMITS } from './limits.js';
import type { Change } from './line-words.js';
import { Memory } from './memory.js';
import { contributing } from './stitch/contribution.js';
import type { Arrival, Stitcher } from './stitch/stitch.js';
import type { FactStore, StoredBody } from './store/fact-store.js';
import type { DerivedTables } from './store/read-store.js';
import type { RunArchive } from './store/run-archive.js';

export interface WorkshopDeps {
  readonly store: FactStore;
  readonly clock: Clock;
  readonly stitcher: Stitcher;
  readonly tables: DerivedTables;
  readonly detector: Detector;
  /** Where runs go that leave memory. */
  readonly archive: RunArchive;
  /** Spans kept in memory; `LIMITS.spansInMemoryMax` unless said. */
  readonly spansInMemoryMax?: number;
  /** Called after the tables show what is told. */
  readonly onChange: (change: Change) => void;
  /** Told in a sentence what an operator should know. */
  readonly onTrouble: (text: string) => void;
}

/** Runs are assembled at most this long at a stretch; then requests get their turn. */
const SLICE_MS = 20;
/** Assembling takes at most one part in so many of the time while spans keep coming. */
const REST_FACTOR = 3;
const FLUSH_DELAY_MS = 50;
/** What is not done goes on after so long: it may have to wait for something. */
const BUSY_DELAY_MS = 10;

/** Makes runs of the steps that come, shows them, and has them leave memory and come back. */
export class Workshop {
  readonly #deps: WorkshopDeps;
  readonly #line: AssemblyLine;
  readonly #archivist: Archivist;
  readonly #memory: Memory;
  #hasNewSteps = false;
  #cancelFlush: (() => void) | null = null;
  #makingRoom: Promise<void> | null = null;
  #isClosed = false;

  /** @param stepsOf the steps of a stored body, as they were when it came. */
  constructor(deps: WorkshopDeps, stepsOf: (body: StoredBody) => readonly Step[]) {
    this.#deps = deps;
    const nowMs = (): number => performance.now();
    this.#line = new AssemblyLine({ work: (id) => this.#make(id), nowMs });
    const isDirty = (id: RunId): boolean =>
      this.#line.has(id) || deps.tables.runs.get(id)?.id !== id;
    this.#archivist = new Archivist({ ...deps, nowMs, stepsOf, isDirty });
    const spansMax = deps.spansInMemoryMax ?? LIMITS.spansInMemoryMax;
    this.#memory = new Memory({ stitcher: deps.stitcher, archivist: this.#archivist, spansMax });
  }

  get memory(): Memory {
    return this.#memory;
  }

  /** The runs that are not in memory. */
  get archivist(): Archivist {
    return this.#archivist;
  }

  /** What changed longer ago than this is assembled. */
  get behindMs(): number {
    return this.#line.behindMs();
  }

  /** Everything that was added is assembled. */
  get isDone(): boolean {
    return !this.#hasNewSteps && this.#line.size === 0;
  }

  /** How many spans stay in memory from now on. */
  hasRoomFor(spansMax: number): void {
    this.#memory.spansMax = spansMax;
    this.#scheduleFlush(0);
  }

  /** Steps that came in just now. They are worked on soon. */
  add(steps: readonly Step[], bodyId: number): readonly Arrival[] {
    this.#hasNewSteps = true;
    this.#scheduleFlush(FLUSH_DELAY_MS);
    return this.#file(steps, bodyId, false);
  }

  /** Steps that were stored before. They are worked on when somebody says so. */
  addReadBack(steps: readonly Step[], bodyId: number): readonly Arrival[] {
    this.#hasNewSteps = true;
    return this.#file(steps, bodyId, true);
  }

  /** Works for a moment on having room. @returns whether there is too little, and more can be done about it. */
  makeSomeRoom(): boolean {
    const { spans: before, spansMax } = this.#memory;
    if (before <= spansMax) return false;
    this.#fetch(performance.now() + SLICE_MS);
    this.collectChanges();
    this.assembleSome();
    this.#relieve(performance.now() + SLICE_MS);
    const isAtWork = this.#line.size > 0 || this.#archivist.isBehind;
    const { spans } = this.#memory;
    return spans > spansMax && (isAtWork || spans < before);
  }

  /** Has the runs back that were in memory when the process ended. */
  async resume(pause: () => Promise<void> | null): Promise<void> {
    for (const _ of this.#archivist.resuming()) await pause();
    this.#hasNewSteps = true;
  }

  /**
   * Brings the tables up to all that came.
   *
   * @param budgetMs when given, what is not done by then is left to the background.
   */
  settle(budgetMs: number | null = null): void {
    const untilMs = budgetMs === null ? null : performance.now() + budgetMs;
    this.#fetch(untilMs);
    this.collectChanges();
    this.#assemble(untilMs);
    this.#scheduleRest();
  }

  /** Assembles for a moment. */
  assembleSome(): void {
    this.#assemble(performance.now() + SLICE_MS);
  }

  /** Finds out which runs have to be made, and takes those away that are no more. */
  collectChanges(): void {
    if (!this.#hasNewSteps) return;
    this.#hasNewSteps = false;
    const { stitcher, tables, detector, onChange } = this.#deps;
    const { changed, gone } = stitcher.takeChanges();
    for (const id of gone) {
      tables.remove(id);
      detector.runGone(id);
      this.#line.gone(id);
    }
    for (const id of changed) this.#line.changed(id);
    if (gone.length > 0) onChange({ runs: [], gone, findings: false, stats: false });
  }

  /** Settles when memory is not so full that runs have to be made, and to leave, before more is taken. */
  async room(): Promise<void> {
    while (this.#memory.isCrowded && !this.#isClosed) {
      this.#makingRoom ??= this.#turn(() => {
        this.#makingRoom = null;
        this.makeSomeRoom();
      });
      await this.#makingRoom;
    }
  }

  /** Has the parts of a run back into memory that are not there. */
  reunite(id: RunId): void {
    this.#archivist.reunite(id);
    this.#hasNewSteps = true;
    this.collectChanges();
    this.#scheduleRest();
  }

  /** Retention took everything before this body but what is held. */
  drop(beforeId: number, held: ReadonlySet<number>): void {
    if (!this.#memory.drop(beforeId, held)) return;
    this.#hasNewSteps = true;
    this.#scheduleFlush(0);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelFlush?.();
    this.#archivist.close();
  }

  #file(steps: readonly Step[], bodyId: number, isReadBack: boolean): readonly Arrival[] {
    const arrivals = this.#memory.add(steps, bodyId, isReadBack);
    this.#deps.detector.arrived(steps.filter((_, at) => arrivals[at] !== 'duplicate'));
    return arrivals;
  }

  #fetch(untilMs: number | null): void {
    if (!this.#archivist.isBehind) return;
    this.#archivist.fetch(untilMs);
    this.#hasNewSteps = true;
  }

  #relieve(untilMs: number | null): void {
    if (!this.#memory.isFull || this.#hasNewSteps) return;
    if (this.#memory.relieve(untilMs, this.#line.size === 0)) this.#hasNewSteps = true;
  }

  /** Does the work when others have had their turn. */
  #turn(work: () => void): Promise<void> {
    return new Promise((resolve) => {
      this.#deps.clock.after(0, () => {
        if (!this.#isClosed) work();
        resolve();
      });
    });
  }

  #scheduleFlush(delayMs: number): void {
    if (this.#cancelFlush || this.#isClosed) return;
    this.#cancelFlush = this.#deps.clock.after(delayMs, () => {
      this.#cancelFlush = null;
      this.#fetch(performance.now() + SLICE_MS);
      this.collectChanges();
      const startedMs = performance.now();
      this.#relieve(startedMs + SLICE_MS);
      this.assembleSome();
      const spentMs = performance.now() - startedMs;
      const isBusy = this.#hasNewSteps || this.#memory.isFull || this.#archivist.isBehind;
      const waitMs = isBusy ? BUSY_DELAY_MS : this.#line.waitMs();
      if (waitMs !== null) this.#scheduleFlush(Math.max(waitMs, spentMs * REST_FACTOR));
    });
  }

  #scheduleRest(): void {
    const waitMs = this.#line.waitMs();
    if (waitMs !== null) this.#scheduleFlush(waitMs);
  }

  #assemble(untilMs: number | null): void {
    const runs = this.#line.advance(untilMs);
    if (runs.length > 0) this.#deps.onChange({ runs, gone: [], findings: false, stats: true });
  }

  *#make(id: RunId): RunWork {
    const { stitcher, tables, detector, clock } = this.#deps;
    const run = yield* stitcher.assembling(id);
    if (!run) return false;
    const contribution = yield* contributing(run);
    yield* tables.putting(run, contribution);
    yield* detector.runChanging(run, contribution, clock.now());
    return true;
  }
}
