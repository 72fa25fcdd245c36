import { seeded, type Seeded } from '@throughline/fixtures/build/seeded';
import type { Hop, Profile, StreamSpan } from './span.js';

/** The knobs of a stream. The same ones give the same spans in the same batches. */
export interface StreamSpec {
  readonly profile: string;
  readonly seed: string;
  /** Spans to make. Runs that are open then are finished, so there may be some more. */
  readonly spans: number;
  /** Spans of one request body. */
  readonly batch: number;
  /** Runs that are under way at the same time. */
  readonly openRuns: number;
  /** Seconds by which a span may arrive later than it would, evenly spread. */
  readonly disorderS: number;
  /** Share of the spans that are sent a second time, later. */
  readonly duplicates: number;
  /** Share of the runs that end after a message that nobody takes. */
  readonly missingConsumers: number;
  /** Leaves the runs that are open at the end open. */
  readonly leavesOpen: boolean;
  /** Spans for each second of the time in the spans. */
  readonly pace: number;
  /** When the first span begins, in nanoseconds since the epoch. */
  readonly startNs: bigint;
}

/** Spans of one service, and of which run (by number, see `Truth`) each of them is; -1 for one that was sent before. */
export interface Batch {
  readonly service: string;
  readonly spans: readonly StreamSpan[];
  readonly runs: Int32Array;
}

/** What the stream held: the keys of the runs, by the number of the run; null for one without a key. */
export interface Truth {
  readonly keys: readonly (string | null)[];
}

interface OpenRun {
  readonly number: number;
  readonly hops: readonly Hop[];
  next: number;
}

interface Item {
  readonly service: string;
  readonly span: StreamSpan;
  readonly run: number;
}

const SECOND_NS = 1_000_000_000;

/**
 * Thousands of runs side by side: again and again one of the open ones takes its next hop. Its spans wait with those
 * of the same service until a batch of them is full.
 */
export class SpanStream {
  readonly truth: { readonly keys: (string | null)[] } = { keys: [] };
  readonly #spec: StreamSpec;
  readonly #profile: Profile;
  readonly #random: Seeded;
  readonly #open: OpenRun[] = [];
  readonly #queues = new Map<string, Item[]>();
  readonly #late: Item[] = [];
  readonly #again: Item[] = [];
  readonly #lateMax: number;
  #nowNs: bigint;
  #made = 0;

  constructor(spec: StreamSpec, profile: Profile) {
    this.#spec = spec;
    this.#profile = profile;
    this.#random = seeded(`bench/${profile.name}/${spec.seed}`);
    this.#lateMax = Math.floor(spec.disorderS * spec.pace);
    this.#nowNs = spec.startNs;
  }

  /** Time goes on for the spans to come, as it does for a sender that was stopped; it never goes back. */
  continueAt(nowNs: bigint): void {
    if (nowNs > this.#nowNs) this.#nowNs = nowNs;
  }

  *batches(): Generator<Batch, void> {
    for (;;) {
      const run = this.#nextRun();
      if (run === undefined) break;
      yield* this.#take(run);
    }
    while (this.#late.length > 0) yield* this.#queue(this.#anyOf(this.#late));
    for (const item of this.#again.splice(0)) yield* this.#queue(item);
    for (const [service, items] of this.#queues)
      if (items.length > 0) yield toBatch(service, items);
  }

  #nextRun(): OpenRun | undefined {
    const isOver = this.#made >= this.#spec.spans;
    if (isOver && this.#spec.leavesOpen) return undefined;
    while (!isOver && this.#open.length < this.#spec.openRuns) this.#begin();
    const at = this.#random.below(this.#open.length);
    const run = this.#open[at];
    if (run === undefined || run.next < run.hops.length - 1) return run;
    const last = this.#open.pop();
    if (last !== undefined && last !== run) this.#open[at] = last;
    return run;
  }

  #begin(): void {
    const number = this.truth.keys.length;
    const { key, hops } = this.#profile.run(this.#random, number);
    this.truth.keys.push(key);
    const isCut = this.#spec.missingConsumers > 0 && key !== null;
    const cut = isCut && this.#random.fraction() < this.#spec.missingConsumers;
    this.#open.push({
      number,
      hops: cut ? hops.slice(0, Math.max(1, hops.length - 1)) : hops,
      next: 0,
    });
  }

  *#take(run: OpenRun): Generator<Batch, void> {
    const hop = run.hops[run.next];
    run.next += 1;
    if (hop === undefined) return;
    const spans = hop.spans(this.#nowNs);
    for (const span of spans) yield* this.#deliver({ service: hop.service, span, run: run.number });
    this.#made += spans.length;
    this.#nowNs += BigInt(Math.floor((spans.length * SECOND_NS) / this.#spec.pace));
  }

  /** Late ones wait in a room of fixed size, of which any leaves when a new one comes in. */
  *#deliver(item: Item): Generator<Batch, void> {
    if (this.#lateMax === 0) {
      yield* this.#queue(item);
    } else {
      this.#late.push(item);
      if (this.#late.length > this.#lateMax) yield* this.#queue(this.#anyOf(this.#late));
    }
    if (this.#spec.duplicates === 0 || this.#random.fraction() >= this.#spec.duplicates) return;
    this.#again.push({ ...item, run: -1 });
    if (this.#again.length > this.#spec.batch) yield* this.#queue(this.#anyOf(this.#again));
  }

  *#queue(item: Item): Generator<Batch, void> {
    const queue = this.#queues.get(item.service) ?? [];
    if (queue.length === 0) this.#queues.set(item.service, queue);
    queue.push(item);
    if (queue.length < this.#spec.batch) return;
    this.#queues.delete(item.service);
    yield toBatch(item.service, queue);
  }

  #anyOf(items: Item[]): Item {
    const at = this.#random.below(items.length);
    const item = items[at];
    const last = items.pop();
    if (item === undefined || last === undefined) throw new Error('BUG: nothing to take from');
    if (last !== item) items[at] = last;
    return item;
  }
}

function toBatch(service: string, items: readonly Item[]): Batch {
  return {
    service,
    spans: items.map(({ span }) => span),
    runs: Int32Array.from(items, ({ run }) => run),
  };
}
