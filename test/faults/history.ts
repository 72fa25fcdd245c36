import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** A span as every witness can tell it: who it is, and what it said. */
export interface Witnessed {
  /** Trace id and span id. */
  readonly id: string;
  /** A digest of everything that the span said. */
  readonly said: string;
  /** The execution that it belongs to, as its sender knows. */
  readonly run: string;
}

/** What senders, and readers after the fault, did and saw. Written outside of the system under test. */
export type Operation =
  | { readonly op: 'sent'; readonly request: number; readonly spans: readonly Witnessed[] }
  /** The answer to a request; without any answer there is no such line. */
  | {
      readonly op: 'answered';
      readonly request: number;
      readonly status: number;
      readonly rejected: number;
      readonly retryAfter: string | null;
    }
  /** The sender gave the request up. */
  | { readonly op: 'dropped'; readonly request: number }
  /** What lies in the stored bodies, a span as often as it lies there. */
  | { readonly op: 'stored'; readonly spans: readonly Witnessed[] }
  /** What the API shows: the spans of each run. */
  | { readonly op: 'shown'; readonly runs: readonly (readonly Witnessed[])[] }
  /** What the collector says became of all spans, over all its starts. */
  | { readonly op: 'accounted'; readonly accounts: Accounts };

export interface Accounts {
  readonly received: number;
  readonly stored: number;
  readonly duplicate: number;
  readonly rejected: number;
  readonly dropped: number;
}

/** An append-only log, one line per operation. What was appended survives the death of whoever is watched. */
export class History {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  append(operation: Operation): void {
    appendFileSync(this.#path, `${JSON.stringify(operation)}\n`);
  }

  operations(): Operation[] {
    if (!existsSync(this.#path)) return [];
    return readFileSync(this.#path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Operation);
  }
}
