import type { Policy } from '@throughline/model/policy';
import type { RunId } from '@throughline/model/ids';
import type { Step } from '@throughline/model/step';
import type { UnixNs } from '@throughline/model/time';
import type { Archivist } from './archivist.js';
import { decode } from './decode/decode.js';
import { inflate } from './decode/inflate.js';
import type { FindingChanges } from './detect/detector.js';
import type { Accepted, Arriving } from './line-words.js';
import type { Memory } from './memory.js';
import { normalize } from './normalize/normalize.js';
import { Present } from './present.js';
import type { StoredBody } from './store/fact-store.js';
import { Tally, type SavedTally, type TallyReading } from './tally.js';
import type { BodyFormat, Rejected, RejectReason } from './wire.js';
import { Workshop, type WorkshopDeps } from './workshop.js';

export interface PipelineDeps extends WorkshopDeps {
  readonly policy: Policy;
  /** Shared with the pipeline whose place this one is to take: what is stored was counted there. */
  readonly tally?: Tally;
  readonly readsBack: ReadsBack;
  /** Called when a body is durable, or read back, before its steps are stitched. */
  readonly onStored?: (bodyId: number, receivedAtNs: UnixNs) => void;
  /** Called after every sweep: what holds now has been judged. */
  readonly onSwept?: () => void;
}

/**
 * Which stored bodies are read back: those that the archive does not make up for, all of them, or the newest, as many as
 * fit into memory.
 */
export type ReadsBack = 'what-the-archive-lacks' | 'everything' | 'the-newest';

interface Read {
  readonly steps: readonly Step[];
  readonly rejected: readonly Rejected[];
  readonly reasons: readonly RejectReason[];
  readonly ignored: number;
}

const SAVE_PERIOD_MS = 5_000;
const SWEEP_PERIOD_MS = 1_000;
const TALLY_KEY = 'total';

/**
 * The line: bytes → spans → steps → runs → findings. The only place where the stages meet. What was not
 * committed has not happened: a span is stitched, shown and judged after its body is durable, never before.
 */
export class Pipeline {
  readonly #deps: PipelineDeps;
  readonly #tally: Tally;
  readonly #stops: (() => void)[] = [];
  readonly #present = new Present();
  readonly #workshop: Workshop;
  /** Every stored body up to this one was read back; null before the first was. */
  #readUpTo: number | null = null;
  /** Stored bodies were passed over, of which no archive tells. */
  #hasLeftOut = false;
  #isClosed = false;

  constructor(deps: PipelineDeps) {
    this.#deps = deps;
    const saved = deps.store.records('tally').get(TALLY_KEY) as SavedTally | undefined;
    this.#tally = deps.tally ?? new Tally(deps.clock.now(), saved);
    this.#workshop = new Workshop(deps, (body) => this.#readStored(body).steps);
  }

  /**
   * Takes a request body in. Settles when its spans are durable.
   *
   * @throws Fault BODY_UNREADABLE (nothing is stored), STORE_UNAVAILABLE or OVERLOADED (to be sent again).
   */
  async accept({ format, contentEncoding, raw, inflated }: Arriving): Promise<Accepted> {
    const { store, clock } = this.#deps;
    await this.#workshop.room();
    const receivedAtNs = clock.now();
    const { steps, rejected, reasons, ignored } = this.#read(format, inflated, receivedAtNs);
    if (steps.length === 0) {
      this.#tally.arrived([], reasons, { bodyId: null, receivedAtNs, ignored });
      return { accepted: 0, rejected, ignored };
    }
    const spanCount = steps.length + rejected.length;
    const body = { format, contentEncoding, body: raw, receivedAtNs, spanCount };
    const bodyId = await store.append(body);
    this.#deps.onStored?.(bodyId, receivedAtNs);
    const arrivals = this.#workshop.add(steps, bodyId);
    this.#tally.toldDropped(steps, arrivals);
    this.#tally.arrived(arrivals, reasons, { bodyId, receivedAtNs, ignored });
    return { accepted: steps.length, rejected, ignored };
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
    this.#readUpTo ??= await this.#resume(pause);
    for await (const stored of this.#deps.store.read(this.#readUpTo)) {
      if (stored.id > upTo) return;
      this.#readBack(stored);
      this.#readUpTo = stored.id;
      while (!this.#isClosed && this.#workshop.makeSomeRoom()) await pause();
      if (this.#isClosed) return;
      const rest = pause();
      if (rest === null) continue;
      this.#workshop.collectChanges();
      await rest;
    }
  }

  /** Has the runs back that were in memory when the process ended. @returns the body behind which to read on. */
  async #resume(pause: () => Promise<void> | null): Promise<number> {
    const { store, readsBack } = this.#deps;
    if (readsBack === 'everything') return 0;
    if (readsBack === 'the-newest') {
      const before = await store.idBeforeNewest(this.memory.spansMax);
      this.#hasLeftOut = before > 0;
      return before;
    }
    await this.#workshop.resume(pause);
    return Math.max(0, (this.archivist.neededBodyId ?? 0) - 1);
  }

  /** Assembles and judges everything that was read back, a slice at a time, with a pause behind each. */
  async prepare(pause: () => Promise<void>): Promise<void> {
    this.#workshop.collectChanges();
    while (!this.#workshop.isDone && !this.#isClosed) {
      this.#workshop.assembleSome();
      await pause();
    }
    this.#judge();
  }

  /** Everything is shown and judged from here on. */
  start(): void {
    const { clock } = this.#deps;
    this.settle();
    this.sweep();
    this.#present.begins(clock.now());
    this.#stops.push(
      clock.every(SWEEP_PERIOD_MS, () => {
        if (this.#present.isAwake(clock.now())) this.sweep();
      }),
    );
    this.#stops.push(clock.every(SAVE_PERIOD_MS, () => void this.#saveTally()));
  }

  /**
   * Brings the tables up to all that is committed. Readers call it to read their own writes.
   *
   * @param budgetMs when given, what is not done by then is left to the background: a reader who comes during a
   * bulk import must not stop everybody else.
   */
  settle(budgetMs: number | null = null): void {
    this.#workshop.settle(budgetMs);
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

  /** Has the parts of a run back into memory that are not there. */
  reunite(id: RunId): void {
    this.#workshop.reunite(id);
  }

  /** Takes out of the runs what retention took out of the store: all before the oldest body, but what is held. */
  forgetDropped(held: ReadonlySet<number>): void {
    const oldest = this.#deps.store.state().oldestBodyId ?? Number.MAX_SAFE_INTEGER;
    this.#workshop.drop(oldest, held);
  }

  /** The accounting, for a pipeline that is to take this one's place. */
  get accounts(): Tally {
    return this.#tally;
  }

  /** Memory and archive together hold all that is stored, once it is read back. */
  get isWhole(): boolean {
    return !this.#hasLeftOut;
  }

  /** How many spans stay in memory from now on. */
  hasRoomFor(spansMax: number): void {
    this.#workshop.hasRoomFor(spansMax);
  }

  get memory(): Memory {
    return this.#workshop.memory;
  }

  /** The runs that are not in memory. */
  get archivist(): Archivist {
    return this.#workshop.archivist;
  }

  tally(): TallyReading {
    return this.#tally.reading(this.#deps.clock.now());
  }

  /** Ends the timers and saves the accounting. The store stays open: it is not the pipeline's. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const stop of this.#stops) stop();
    this.#workshop.close();
    await this.#saveTally();
  }

  #judge(): FindingChanges {
    const { detector, stitcher, clock } = this.#deps;
    detector.keysDemoted(stitcher.coarseKeys());
    return detector.sweep(this.#present.seenUntil(clock.now(), this.#workshop.behindMs));
  }

  #read(format: BodyFormat, inflated: Uint8Array, receivedAtNs: UnixNs): Read {
    const { spans, rejected, ignored = 0 } = decode(format, inflated, receivedAtNs);
    const steps = spans.map((span) => normalize(span, this.#deps.policy.keys));
    return { steps, rejected, reasons: rejected.map(({ reason }) => reason), ignored };
  }

  #readStored({ format, body, contentEncoding, receivedAtNs }: StoredBody): Read {
    return this.#read(format, inflate(body, contentEncoding), receivedAtNs);
  }

  #readBack(stored: StoredBody): void {
    const { id, receivedAtNs } = stored;
    const { steps, reasons, ignored } = this.#readStored(stored);
    this.#deps.onStored?.(id, receivedAtNs);
    const arrivals = this.#workshop.addReadBack(steps, id);
    if (this.#deps.tally !== undefined) return;
    this.#tally.toldDropped(steps, arrivals);
    this.#tally.replayed(arrivals, reasons, { bodyId: id, receivedAtNs, ignored });
  }

  async #saveTally(): Promise<void> {
    await this.#deps.store
      .putRecord('tally', TALLY_KEY, this.#tally.toSave())
      .catch(() => undefined);
  }
}
