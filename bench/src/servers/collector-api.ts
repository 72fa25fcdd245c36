/** What the benchmark asks the collector, over the API that everybody has. */
export interface CollectorStats {
  readonly received: number;
  readonly stored: number;
  readonly duplicate: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly dropped: Readonly<Record<string, number>>;
}

export async function statsOf(url: string): Promise<CollectorStats> {
  return (await getJson(`${url}/api/v1/stats`)) as CollectorStats;
}

/** Every span that was received is accounted for: stored, or refused for a reason. */
export async function hasTaken(url: string, spans: number): Promise<boolean> {
  const { stored, duplicate, rejected, dropped } = await statsOf(url);
  const sum = (counts: Readonly<Record<string, number>>): number =>
    Object.values(counts).reduce((total, count) => total + count, 0);
  return stored + duplicate + sum(rejected) + sum(dropped) >= spans;
}

export async function getJson(url: string): Promise<unknown> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answered ${String(answer.status)}`);
  return answer.json();
}

/** The resolution of the collector's own measurement of its loop: a loop that is never late shows this much. */
const LOOP_RESOLUTION_MS = 10;

/** Longest block of the event loop since it was asked before, in milliseconds; NaN when /metrics does not tell. */
export async function loopBlockMs(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const seconds = /^throughline_nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(text)?.[1];
  if (seconds === undefined) return Number.NaN;
  return Math.max(0, Number(seconds) * 1_000 - LOOP_RESOLUTION_MS);
}
