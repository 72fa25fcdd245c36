import type { Verdict } from './protocol.js';

const PAGE = 500;
const NAMED = 5;

export interface Search {
  readonly url: string;
  readonly limitMs: number;
  /** Keys by the number of the run, and how many of its spans were acknowledged. */
  readonly keys: readonly (string | null)[];
  readonly acked: Int32Array;
}

interface Item {
  readonly spanCount: number;
  readonly keys: readonly { readonly value: string }[];
}

/**
 * Looks for every acknowledged span through the API: each run by its key, with as many spans as were acknowledged.
 * Spans without a key are counted together, over the runs without a known key.
 */
export async function verify({ url, limitMs, keys, acked }: Search): Promise<Verdict> {
  const numberOf = new Map<string, number>();
  keys.forEach((key, number) => key !== null && numberOf.set(key, number));
  const found = new Map<number, number>();
  let unkeyed = 0;
  const limitHit = await eachRun(url, limitMs, (run) => {
    const number = run.keys.map(({ value }) => numberOf.get(value)).find((at) => at !== undefined);
    if (number === undefined) unkeyed += run.spanCount;
    // A run that was taken apart is found more than once, and no part of it is whole.
    else found.set(number, Math.max(found.get(number) ?? 0, run.spanCount));
  });
  let unkeyedAcked = 0;
  const verdict = { ackedSpans: 0, foundSpans: 0, runs: 0, exactRuns: 0 };
  const short: string[] = [];
  keys.forEach((key, number) => {
    const expected = acked[number] ?? 0;
    verdict.ackedSpans += expected;
    if (key === null) unkeyedAcked += expected;
    if (key === null || expected === 0) return;
    verdict.runs += 1;
    const spans = found.get(number) ?? 0;
    verdict.foundSpans += Math.min(spans, expected);
    if (spans === expected) verdict.exactRuns += 1;
    else if (short.length < NAMED) short.push(`${key}: ${String(spans)} of ${String(expected)}`);
  });
  verdict.foundSpans += Math.min(unkeyed, unkeyedAcked);
  return { ...verdict, short, limitHit };
}

/** @returns whether the time was over before the last page. */
async function eachRun(url: string, limitMs: number, see: (run: Item) => void): Promise<boolean> {
  const end = performance.now() + limitMs;
  let cursor: string | null = null;
  do {
    if (performance.now() > end) return true;
    const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const answer = await fetch(`${url}/api/v1/runs?sort=startedAt&limit=${String(PAGE)}${query}`);
    if (!answer.ok) throw new Error(`the list of runs answered ${String(answer.status)}`);
    const page = (await answer.json()) as { items: readonly Item[]; next: string | null };
    page.items.forEach(see);
    cursor = page.next;
  } while (cursor !== null);
  return false;
}
