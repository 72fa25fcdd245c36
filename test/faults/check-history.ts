import { expect } from 'vitest';
import type { Accounts, Operation, Witnessed } from './history.js';

/** What a history says about a collector. Every list names spans, or runs; a sound collector leaves all empty. */
export interface Verdict {
  /** Acknowledged, and not found in every place that was read afterwards. */
  readonly lost: readonly string[];
  /** Shown more than once, or stored more often than sent. */
  readonly repeated: readonly string[];
  /** Found, and sent by nobody. */
  readonly invented: readonly string[];
  /** Found with other contents than were sent. */
  readonly altered: readonly string[];
  /** Runs that are not exactly the spans of one execution that are shown. */
  readonly wrongRuns: readonly string[];
  /** Refused for a while (429, 503) without a word when to come again. */
  readonly unhelpful: readonly number[];
  /** Null when `received = stored + duplicate + rejected + dropped`, and `stored` is what is there. */
  readonly accounts: string | null;
}

export interface Figures {
  readonly spansSent: number;
  readonly spansAcked: number;
  /** Legal: no acknowledgement came, and the span is there all the same. */
  readonly unackedFound: number;
  readonly requests: number;
  readonly refusals: number;
  readonly unanswered: number;
  readonly givenUp: number;
}

/** The one definition of loss, for every fault: what was acknowledged is there, once, as it was sent, in its run. */
export function judge(history: readonly Operation[]): { verdict: Verdict; figures: Figures } {
  const sending = readSending(history);
  const stored = lastOf(history, 'stored')?.spans ?? null;
  const runs = lastOf(history, 'shown')?.runs ?? null;
  const shown = runs?.flat() ?? null;
  const places = [stored, shown].filter((place) => place !== null);
  const found = places.flat();
  const accounts = lastOf(history, 'accounted')?.accounts;
  const verdict: Verdict = {
    lost: unique(places.flatMap((place) => without(sending.acked, idsOf(place)))),
    repeated: unique([
      ...tooOften(stored ?? [], (id) => sending.timesSent.get(id) ?? 0),
      ...tooOften(shown ?? [], () => 1),
    ]),
    invented: unique(found.filter(({ id }) => !sending.said.has(id)).map(({ id }) => id)),
    altered: unique(
      found
        .filter(({ id, said }) => sending.said.has(id) && sending.said.get(id) !== said)
        .map(({ id }) => id),
    ),
    wrongRuns: runs === null ? [] : wrongRunsIn(runs),
    unhelpful: sending.unhelpful,
    accounts: accounts === undefined ? null : imbalanceOf(accounts, shown ?? stored),
  };
  const there = idsOf(found);
  const unackedFound = [...there].filter(
    (id) => sending.said.has(id) && !sending.acked.has(id),
  ).length;
  return { verdict, figures: { ...sending.figures, unackedFound } };
}

/** @returns the figures of a history in which nothing is wrong; fails with what is. */
export function expectNothingLost(history: readonly Operation[]): Figures {
  const { verdict, figures } = judge(history);
  expect(shortened(verdict)).toEqual({
    lost: [],
    repeated: [],
    invented: [],
    altered: [],
    wrongRuns: [],
    unhelpful: [],
    accounts: null,
  });
  return figures;
}

/** Enough to see what is wrong; a thousand names say no more. */
function shortened(verdict: Verdict): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(verdict).map(([name, found]: [string, unknown]) => [
      name,
      Array.isArray(found) && found.length > 5
        ? [...(found.slice(0, 5) as unknown[]), `… ${String(found.length)} in all`]
        : found,
    ]),
  );
}

interface Sending {
  /** What each span said when it was sent; a span may be sent again, and says the same. */
  readonly said: ReadonlyMap<string, string>;
  readonly timesSent: ReadonlyMap<string, number>;
  readonly acked: ReadonlySet<string>;
  readonly unhelpful: readonly number[];
  readonly figures: Omit<Figures, 'unackedFound'>;
}

function readSending(history: readonly Operation[]): Sending {
  const requests = new Map<number, readonly Witnessed[]>();
  const timesSent = new Map<string, number>();
  const said = new Map<string, string>();
  const acked = new Set<string>();
  const answered = new Set<number>();
  const unhelpful: number[] = [];
  let refusals = 0;
  let givenUp = 0;
  for (const operation of history) {
    if (operation.op === 'sent') {
      requests.set(operation.request, operation.spans);
      for (const span of operation.spans) {
        said.set(span.id, span.said);
        timesSent.set(span.id, (timesSent.get(span.id) ?? 0) + 1);
      }
    } else if (operation.op === 'answered') {
      answered.add(operation.request);
      const { status, rejected, retryAfter } = operation;
      if (status === 200 && rejected === 0) {
        for (const { id } of requests.get(operation.request) ?? []) acked.add(id);
      } else if (status !== 200) refusals += 1;
      if ((status === 429 || status === 503) && !/^[1-9]\d*$/.test(retryAfter ?? '')) {
        unhelpful.push(operation.request);
      }
    } else if (operation.op === 'dropped') givenUp += 1;
  }
  const figures = {
    spansSent: said.size,
    spansAcked: acked.size,
    requests: requests.size,
    refusals,
    unanswered: requests.size - answered.size,
    givenUp,
  };
  return { said, timesSent, acked, unhelpful, figures };
}

function lastOf<Op extends Operation['op']>(
  history: readonly Operation[],
  op: Op,
): Extract<Operation, { op: Op }> | undefined {
  return history.findLast((one): one is Extract<Operation, { op: Op }> => one.op === op);
}

function idsOf(spans: readonly Witnessed[]): Set<string> {
  return new Set(spans.map(({ id }) => id));
}

function without(ids: ReadonlySet<string>, present: ReadonlySet<string>): string[] {
  return [...ids].filter((id) => !present.has(id));
}

function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}

function tooOften(spans: readonly Witnessed[], timesAllowed: (id: string) => number): string[] {
  const times = new Map<string, number>();
  for (const { id } of spans) times.set(id, (times.get(id) ?? 0) + 1);
  // What nobody sent is invented, however often.
  return [...times]
    .filter(([id, count]) => count > Math.max(1, timesAllowed(id)))
    .map(([id]) => id);
}

/** Each run holds the spans of one execution, and each execution is one run. */
function wrongRunsIn(runs: readonly (readonly Witnessed[])[]): string[] {
  const runsOf = new Map<string, number>();
  const mixed: string[] = [];
  for (const spans of runs) {
    const executions = unique(spans.map(({ run }) => run));
    if (executions.length !== 1) mixed.push(executions.join(' with '));
    for (const name of executions) runsOf.set(name, (runsOf.get(name) ?? 0) + 1);
  }
  const torn = [...runsOf].filter(([, count]) => count > 1).map(([name]) => `${name} torn`);
  return [...mixed, ...torn];
}

function imbalanceOf(accounts: Accounts, found: readonly Witnessed[] | null): string | null {
  const { received, stored, duplicate, rejected, dropped } = accounts;
  const sum = stored + duplicate + rejected + dropped;
  if (received !== sum) return `received ${received.toString()}, accounted for ${sum.toString()}`;
  const there = found === null ? stored : idsOf(found).size;
  if (stored === there) return null;
  return `${stored.toString()} are said to be stored, ${there.toString()} are there`;
}
