import { LIMITS } from '../limits.js';
import {
  partitionKey,
  type KafkaPartition,
  type OffsetAnswer,
  type OffsetQuestion,
} from './kafka-cluster.js';

/** The first record of a partition that was not read yet. */
export interface FirstUnread extends KafkaPartition {
  readonly offset: bigint;
}

export interface Age {
  /** Milliseconds: when the record was made. */
  readonly atMs: number;
  /** False: it was made then, or before. */
  readonly isExact: boolean;
}

export type AskOffsets = (
  questions: readonly OffsetQuestion[],
) => Promise<readonly (OffsetAnswer | null)[]>;

/** A record is dated to the second. */
const EXACT_MS = 1_000;
/** Halving a year down to a second takes 25 questions. */
const ROUNDS_MAX = 26;

/**
 * How old records are, without reading any: Kafka tells which record is the first of a time, and the time is searched
 * for which it is the one that is meant. What waits longer than one look is not searched for again.
 */
export class KafkaAges {
  #known: ReadonlyMap<string, Age & { readonly offset: bigint }> = new Map();

  /** @returns by `firstUnreadKey`; records that nobody can date are missing. */
  async find(
    wanted: readonly FirstUnread[],
    ask: AskOffsets,
    nowMs: number,
  ): Promise<ReadonlyMap<string, Age>> {
    const found = new Map<string, Age & { readonly offset: bigint }>();
    const sought = new Map<string, Search>();
    for (const record of wanted) {
      const key = firstUnreadKey(record);
      const known = this.#known.get(key);
      if (known?.isExact === true) found.set(key, known);
      else if (sought.size < LIMITS.brokerAgesSoughtMax) sought.set(key, new Search(record, nowMs));
    }
    let open = [...sought.values()];
    for (let round = 0; round < ROUNDS_MAX && open.length > 0; round++) {
      const answers = await ask(open.map((search) => search.question()));
      open.forEach((search, index) => search.hear(answers[index] ?? null));
      open = open.filter(({ isOver }) => !isOver);
    }
    for (const [key, { offset, age }] of sought)
      if (age !== null) found.set(key, { ...age, offset });
    this.#known = found;
    return found;
  }
}

export function firstUnreadKey(record: FirstUnread): string {
  return `${record.offset} ${partitionKey(record)}`;
}

/** The record was made at `#fromMs` or later, and before `#toMs`. */
class Search {
  readonly offset: bigint;
  readonly #partition: KafkaPartition;
  readonly #nowMs: number;
  #fromMs = 0;
  #toMs: number;
  #isFirst = true;
  #isLost = false;
  #exactMs: number | null = null;

  constructor({ topic, partition, offset }: FirstUnread, nowMs: number) {
    this.#partition = { topic, partition };
    this.offset = offset;
    this.#nowMs = nowMs;
    this.#toMs = nowMs;
  }

  get isOver(): boolean {
    return this.#isLost || this.#exactMs !== null || this.#toMs - this.#fromMs <= EXACT_MS;
  }

  get age(): Age | null {
    if (this.#isLost) return null;
    if (this.#exactMs !== null) return { atMs: this.#exactMs, isExact: true };
    return this.isOver
      ? { atMs: this.#fromMs, isExact: true }
      : { atMs: this.#toMs, isExact: false };
  }

  question(): OffsetQuestion {
    return { ...this.#partition, timestamp: BigInt(this.#middleMs()) };
  }

  hear(answer: OffsetAnswer | null): void {
    const askedMs = this.#middleMs();
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (answer === null || (isFirst && answer.offset < 0n)) {
      // Nobody leads the partition, or its records carry no time.
      this.#isLost = true;
    } else if (answer.offset === this.offset || (isFirst && answer.offset > this.offset)) {
      this.#exactMs = Math.min(Number(answer.timestamp), this.#nowMs);
    } else if (answer.offset < 0n || answer.offset > this.offset) {
      this.#toMs = askedMs;
    } else {
      this.#fromMs = Math.min(this.#toMs, Math.max(askedMs, Number(answer.timestamp)));
    }
  }

  /** The oldest record of all comes first: often it is the one. */
  #middleMs(): number {
    return this.#isFirst ? 0 : Math.floor((this.#fromMs + this.#toMs) / 2);
  }
}
