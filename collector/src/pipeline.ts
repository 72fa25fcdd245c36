import type { RunId } from '@throughline/model/ids';
import type { Policy } from '@throughline/model/policy';
import type { Step } from '@throughline/model/step';
import { nsFromMs, type UnixNs } from '@throughline/model/time';
import { AssemblyLine, type RunWork } from './assembly-line.js';
import type { Clock } from './clock.js';
import { decode } from './decode/decode.js';
import { inflate } from './decode/inflate.js';
import type { Detector, FindingChanges } from './detect/detector.js';
import { LIMITS } from './limits.js';
import { normalize } from './normalize/normalize.js';
import { contributing } from './stitch/contribution.js';
import type { Stitcher } from './stitch/stitch.js';
import type { FactStore, StoredBody } from './store/fact-store.js';
import type { DerivedTables } from './store/read-store.js';
import { Tally, type SavedTally, type TallyReading } from './tally.js';
import { ViewWindow } from './view-window.js';
import type { BodyFormat, ReceivedBody, Rejected } from './wire.js';

export interface PipelineDeps {
  readonly store: FactStore;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly stitcher: Stitcher;
  readonly tables: DerivedTables;
  readonly detector: Detector;
  /** Shared with the pipeline whose place this one is to take: what is stored was counted there. */
  readonly tally?: Tally;
  /** Spans kept in view, that is in memory: the newest ones. `LIMITS.spansInViewMax` unless said. */
  readonly spansInViewMax?: number;
  /** Called when a body is durable, or read back, before its steps are stitched. */
  readonly onStored?: (bodyId: number, receivedAtNs: UnixNs) => void;
  /** Called after the tables show what is told. */
  readonly onChange: (change: Change) => void;
  /** Called after every sweep: what holds now has been judged. */
  readonly onSwept?: () => void;
}

/** What viewers may want to look at again. */
export interface Change {
  readonly runs: readonly RunId[];
  readonly gone: readonly RunId[];
  readonly findings: boolean;
  readonly stats: boolean;
}

export interface Arriving {
  readonly format: BodyFormat;
  readonly contentEncoding: ReceivedBody['contentEncoding'];
  /** As it came; what is stored. Belongs to the pipeline from now on. */
  readonly raw: Uint8Array;
  readonly inflated: Uint8Array;
}

export interface Accepted {
  readonly accepted: number;
  readonly rejected: readonly Rejected[];
  /** Log records that are no step signals. */
  readonly ignored: number;
}

/** Runs are assembled at most this long at a stretch; then requests get their turn. */
const SLICE_MS = 20;
/** Assembling takes at most one part in so many of the time while spans keep coming. */
const REST_FACTOR = 3;
const FLUSH_DELAY_MS = 50;
const SAVE_PERIOD_MS = 5_000;
const SWEEP_PERIOD_MS = 1_000;
/** A process without a sweep for so long was stopped, or starved; what came meanwhile gets as long to be heard. */
const WAKING_MS = 3_000;
/** Assembling that is less behind is made up for by the patience of the rules. */
const BEHIND_MS_MIN = 2_500;
const TALLY_KEY = 'total';

/**
 * The line: bytes → spans → steps → runs → findings. The only place where the stages meet. What was not
 * committed has not happened: a span is stitched, shown and judged after its body is durable, never before.
 */
export class Pipeline {
  readonly #deps: PipelineDeps;
  readonly #tally: Tally;
  readonly #stops: (() => void)[] = [];
  readonly #line: AssemblyLine;
  readonly #spansInViewMax: number;
  readonly #view: ViewWindow;
  /** Every stored body up to this one was read back; null before the first was. */
  #readUpTo: number | null = null;
  #hasNewSteps = false;
  #cancelFlush: (() => void) | null = null;
  #isClosed = false;
  #awakeAtNs = 0n;
  #judgeFromNs = 0n;
  #seenUntilNs = 0n as UnixNs;

  constructor(deps: PipelineDeps) {
    this.#deps = deps;
    const saved = deps.store.records('tally').get(TALLY_KEY) as SavedTally | undefined;
    this.#tally = deps.tally ?? new Tally(deps.clock.now(), saved);
    this.#spansInViewMax = deps.spansInViewMax ?? LIMITS.spansInViewMax;
    this.#view = new ViewWindow(this.#spansInViewMax);
    const work = (id: RunId): RunWork => this.#make(id);
    this.#line = new AssemblyLine({ work, nowMs: () => performance.now() });
  }

  /**
   * Takes a request body in. Settles when its spans are durable.
   *
   * @throws Fault BODY_UNREADABLE (nothing is stored), STORE_UNAVAILABLE or OVERLOADED (to be sent again).
   */
  async accept({ format, contentEncoding, raw, inflated }: Arriving): Promise<Accepted> {
    const { store, clock } = this.#deps;
    const receivedAtNs = clock.now();
    const { spans, rejected, ignored = 0 } = decode(format, inflated, receivedAtNs);
    const reasons = rejected.map(({ reason }) => reason);
    if (spans.length === 0) {
      this.#tally.arrived([], reasons, { bodyId: null, receivedAtNs, ignored });
      return { accepted: 0, rejected, ignored };
    }
    const steps = spans.map((span) => normalize(span, this.#deps.policy.keys));
    const spanCount = spans.length + rejected.length;
    const body = { format, contentEncoding, body: raw, receivedAtNs, spanCount };
    const bodyId = await store.append(body);
    this.#deps.onStored?.(bodyId, receivedAtNs);
    this.#tally.arrived(this.#stitch(steps, bodyId), reasons, { bodyId, receivedAtNs, ignored });
    this.#scheduleFlush(FLUSH_DELAY_MS);
    return { accepted: spans.length, rejected, ignored };
  }

  /** Rebuilds everything derived from the stored bodies, then starts the clock-driven work. */
  async replay(): Promise<void> {
    await this.catchUp(() => null);
    if (!this.#isClosed) this.start();
  }

  /**
   * Stitches the stored bodies that it has not read back yet.
   *
   * @param pause called behind each body; a promise is waited for, so that others get their turn.
   * @param upTo the last body to read: more may come for as long as this reads.
   */
  async catchUp(pause: () => Promise<void> | null, upTo = Infinity): Promise<void> {
    const { store } = this.#deps;
    this.#readUpTo ??= await store.idBeforeNewest(this.#spansInViewMax);
    for await (const stored of store.read(this.#readUpTo)) {
      if (stored.id > upTo) return;
      this.#readBack(stored);
      this.#readUpTo = stored.id;
      if (this.#isClosed) return;
      const rest = pause();
      if (rest === null) continue;
      this.#collectChanges();
      await rest;
    }
  }

  /** Assembles and judges everything that was read back, a slice at a time, with a pause behind each. */
  async prepare(pause: () => Promise<void>): Promise<void> {
    this.#collectChanges();
    while (this.#line.size > 0 && !this.#isClosed) {
      this.#assemble(performance.now() + SLICE_MS);
      await pause();
    }
    this.#judge();
  }

  /** Everything is shown and judged from here on. */
  start(): void {
    const { clock } = this.#deps;
    this.settle();
    this.sweep();
    this.#awakeAtNs = clock.now();
    this.#stops.push(clock.every(SWEEP_PERIOD_MS, () => this.#sweepAwake()));
    this.#stops.push(clock.every(SAVE_PERIOD_MS, () => void this.#saveTally()));
  }

  /**
   * Brings the tables up to all that is committed. Readers call it to read their own writes.
   *
   * @param budgetMs when given, what is not done by then is left to the background: a reader who comes during a
   * bulk import must not stop everybody else.
   */
  settle(budgetMs: number | null = null): void {
    this.#collectChanges();
    this.#assemble(budgetMs === null ? null : performance.now() + budgetMs);
    this.#scheduleRest();
  }

  /** What lies in the sockets of a process that slept happened before now: it is not missing. */
  #sweepAwake(now = this.#deps.clock.now(), wakingNs = nsFromMs(WAKING_MS)): void {
    if (now - this.#awakeAtNs > wakingNs) this.#judgeFromNs = now + wakingNs;
    this.#awakeAtNs = now;
    if (now >= this.#judgeFromNs) this.sweep();
  }

  /** Time makes promises overdue: judges what is due, and saves what changed. */
  sweep(): void {
    const { detector, store, onChange, onSwept } = this.#deps;
    const changes = this.#judge();
    const all = [...changes.opened, ...changes.changed, ...changes.closed];
    for (const { id, value } of this.#isClosed ? [] : detector.toSave()) {
      const saved =
        value === null ? store.deleteRecord('finding', id) : store.putRecord('finding', id, value);
      // A store that cannot write says so itself, in /readyz; the finding is shown all the same.
      saved.catch(() => undefined);
    }
    onChange({ runs: [], gone: [], findings: all.length > 0, stats: true });
    onSwept?.();
  }

  /** Takes out of the runs what retention took out of the store: all before the oldest body, but what is held. */
  forgetDropped(held: ReadonlySet<number>): void {
    const { store, stitcher } = this.#deps;
    const oldest = store.state().oldestBodyId ?? Number.MAX_SAFE_INTEGER;
    if (!this.#view.drop(oldest, held)) return;
    stitcher.forget(oldest, held);
    this.#hasNewSteps = true;
    this.#scheduleFlush(0);
  }

  /** The accounting, for a pipeline that is to take this one's place. */
  get accounts(): Tally {
    return this.#tally;
  }

  /** The newest stored body that is stitched; 0 while there is none. */
  get newestBodyId(): number {
    return this.#view.newestId;
  }

  /** Spans in memory. */
  get spansInView(): number {
    return this.#view.spans;
  }

  /** Spans that are stored and no longer in view, for want of memory. */
  get spansOutOfView(): number {
    return this.#view.spansLeft;
  }

  tally(): TallyReading {
    return this.#tally.reading(this.#deps.clock.now());
  }

  /** Ends the timers and saves the accounting. The store stays open: it is not the pipeline's. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const stop of this.#stops) stop();
    this.#cancelFlush?.();
    await this.#saveTally();
  }

  #judge(): FindingChanges {
    const { detector, stitcher, clock } = this.#deps;
    detector.keysDemoted(stitcher.coarseKeys());
    return detector.sweep(this.#seenUntil(clock.now()));
  }

  /**
   * What was received until this instant is assembled. While a backlog is worked off, nothing that may lie in it is said
   * to be absent: *now* stands still for the rules.
   */
  #seenUntil(now: UnixNs): UnixNs {
    const behindMs = this.#line.behindMs();
    const seenUntilNs = behindMs < BEHIND_MS_MIN ? now : now - nsFromMs(Math.round(behindMs));
    if (seenUntilNs > this.#seenUntilNs) this.#seenUntilNs = seenUntilNs as UnixNs;
    return this.#seenUntilNs;
  }

  #readBack({ id, format, body, contentEncoding, receivedAtNs }: StoredBody): void {
    const { policy, tally } = this.#deps;
    const inflated = inflate(body, contentEncoding);
    const { spans, rejected, ignored = 0 } = decode(format, inflated, receivedAtNs);
    const steps = spans.map((span) => normalize(span, policy.keys));
    this.#deps.onStored?.(id, receivedAtNs);
    const arrivals = this.#file(steps, id);
    if (tally !== undefined) return;
    const reasons = rejected.map(({ reason }) => reason);
    this.#tally.toldDropped(steps, arrivals);
    this.#tally.replayed(arrivals, reasons, { bodyId: id, receivedAtNs, ignored });
  }

  #stitch(steps: readonly Step[], bodyId: number): ReturnType<Stitcher['add']> {
    const arrivals = this.#file(steps, bodyId);
    this.#tally.toldDropped(steps, arrivals);
    return arrivals;
  }

  #file(steps: readonly Step[], bodyId: number): ReturnType<Stitcher['add']> {
    this.#hasNewSteps = true;
    const { stitcher, detector } = this.#deps;
    const arrivals = stitcher.add(steps, bodyId);
    detector.arrived(steps.filter((_, at) => arrivals[at] !== 'duplicate'));
    const firstInView = this.#view.add(bodyId, steps.length);
    if (firstInView !== null) stitcher.forget(firstInView);
    return arrivals;
  }

  #scheduleFlush(delayMs: number): void {
    if (this.#cancelFlush || this.#isClosed) return;
    this.#cancelFlush = this.#deps.clock.after(delayMs, () => {
      this.#cancelFlush = null;
      const startedMs = performance.now();
      this.#collectChanges();
      this.#assemble(startedMs + SLICE_MS);
      const spentMs = performance.now() - startedMs;
      const waitMs = this.#hasNewSteps ? 0 : this.#line.waitMs();
      if (waitMs !== null) this.#scheduleFlush(Math.max(waitMs, spentMs * REST_FACTOR));
    });
  }

  #scheduleRest(): void {
    const waitMs = this.#line.waitMs();
    if (waitMs !== null) this.#scheduleFlush(waitMs);
  }

  #collectChanges(): void {
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

  async #saveTally(): Promise<void> {
    await this.#deps.store
      .putRecord('tally', TALLY_KEY, this.#tally.toSave())
      .catch(() => undefined);
  }
}
