import type { StreamSpec } from '../stream/span-stream.js';
import type { Encoding } from '../wire/encoding.js';
import type { Quantiles } from './quantiles.js';

/** What the generator is told, over the channel between parent and child; each is answered by one report. */
export interface Commands {
  /** Begins a stream; what was before is forgotten. */
  open: { ask: { readonly spec: StreamSpec; readonly encoding: Encoding }; answer: null };
  /** Makes the bodies of the next spans of the stream, in place of those before. */
  prepare: { ask: { readonly spans: number }; answer: Prepared };
  /** What inflating the prepared bodies costs here and now. */
  inflate: { ask: Record<string, never>; answer: { readonly usPerSpan: number } };
  send: { ask: SendOrder; answer: SendReport };
  verify: { ask: { readonly url: string; readonly limitMs: number }; answer: Verdict };
  /** Writes bodies and truth to a folder. */
  write: { ask: { readonly folder: string }; answer: { readonly files: number } };
  /** Keys of some runs, spread over the stream. */
  keys: { ask: { readonly count: number }; answer: readonly string[] };
}
export type CommandName = keyof Commands;

export interface Prepared {
  readonly bodies: number;
  readonly spans: number;
  readonly wireBytes: number;
  readonly runs: number;
  /** The stream has nothing more. */
  readonly isOver: boolean;
}

export interface SendOrder {
  readonly url: string;
  /** Bodies [from, to) of the prepared ones. */
  readonly from: number;
  readonly to: number;
  readonly connections: number;
  /** Spans offered per second, whatever the server does; null sends as fast as it answers. */
  readonly spansPerS: number | null;
  /** Acknowledged spans are those that `verify` looks for. */
  readonly isCounted: boolean;
  readonly limitMs: number;
}

export interface SendReport {
  readonly ackedBodies: number;
  readonly ackedSpans: number;
  /** Answers 429 and 503, after which the body was sent again. */
  readonly refusals: number;
  readonly wallMs: number;
  /** CPU of the generator while it sent. */
  readonly clientCpuS: number;
  /** From sending (from when it was due, at a rate) to the acknowledgement. */
  readonly ackMs: Quantiles;
  readonly limitHit: boolean;
}

/** Acknowledged spans, and those of them found through the API, run by run. */
export interface Verdict {
  readonly ackedSpans: number;
  readonly foundSpans: number;
  readonly runs: number;
  /** Runs by their key with exactly the spans that were acknowledged. */
  readonly exactRuns: number;
  readonly short: readonly string[];
  readonly limitHit: boolean;
}
