import type { Seeded } from '@throughline/fixtures/build/seeded';

/** A span as the generator thinks of it, before any encoding. Ids in lower-case hex, instants in nanoseconds. */
export interface StreamSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | null;
  readonly name: string;
  readonly kind: SpanKind;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: readonly Attribute[];
  readonly link: { readonly traceId: string; readonly spanId: string } | null;
}

export type Attribute = readonly [name: string, value: string | number];

/** The numbers that OTLP gives the kinds. */
export const KIND = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;
export type SpanKind = (typeof KIND)[keyof typeof KIND];

/** What one service of a run sends at one go. */
export interface Hop {
  readonly service: string;
  /** @param atNs when the hop begins */
  spans(atNs: bigint): readonly StreamSpan[];
}

/** One execution, in the order in which its hops happen. */
export interface RunPlan {
  /** The business key that ties its spans; null for what belongs to no run that has one. */
  readonly key: string | null;
  readonly hops: readonly Hop[];
}

/** A kind of traffic. The same random source gives the same runs. */
export interface Profile {
  readonly name: string;
  readonly says: string;
  /** Spans of one run, about. */
  readonly spansPerRun: number;
  run(random: Seeded, number: number): RunPlan;
}
