import { quantilesOf, type Quantiles } from './quantiles.js';

const ANSWER_MS_MAX = 20_000;

/** Asks one after the other and takes the time until the whole answer was read, in milliseconds. */
export async function timed(urls: readonly string[]): Promise<Quantiles> {
  const took: number[] = [];
  for (const url of urls) took.push(await timeOf(url));
  return quantilesOf(took);
}

/** Counts as the limit when there was no answer by then. */
export async function timeOf(url: string): Promise<number> {
  const start = performance.now();
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`${url} answered ${String(answer.status)}`);
  } catch (fault) {
    if (!(fault instanceof DOMException)) throw fault;
  }
  return performance.now() - start;
}

export function times(count: number, url: string): readonly string[] {
  return Array.from({ length: count }, () => url);
}
